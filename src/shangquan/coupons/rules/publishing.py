"""Pure decisions about a campaign as a whole: may it be, who publishes it, what may it cost at the worst."""

from datetime import datetime

from shangquan.coupons.contracts import (
    BAD_TERMS,
    OVER_BUDGET,
    REDEEMER,
    CampaignDraft,
    CouponKind,
    CouponTerms,
)
from shangquan.kernel.errors import Refused
from shangquan.kernel.money import yuan


def check_draft(draft: CampaignDraft, now: datetime) -> None:
    """Refuse what could never be claimed or used (C-4001), or could cost more than its budget (C-4225)."""
    why = _why_bad_terms(draft.terms) or _why_bad_dates(draft, now) or _why_bad_caps(draft)
    if why:
        raise Refused(BAD_TERMS, why=why)
    if draft.budget_fen is not None:
        worst = worst_cost(draft)
        if worst is None:
            raise Refused(BAD_TERMS, why="有预算的券要有发放总量，折扣券还要有最高减免额")
        if worst > draft.budget_fen:
            raise Refused(OVER_BUDGET, worst=yuan(worst), budget=yuan(draft.budget_fen), worst_fen=worst)


def why_owner_decides(terms: CouponTerms, merchant_id: int) -> tuple[str, str] | None:
    """Why this merchant may not publish alone, in Chinese and English, or None."""
    if terms.scope.merchants_in != frozenset({merchant_id}):
        return "这张券可在别的商户使用", "it works at other merchants"
    own = {REDEEMER, f"merchant:{merchant_id}"}
    if any(share.payer not in own and share.bp for share in terms.payers):
        return "费用要由别人分摊", "others bear a part of its cost"
    return None


def worst_cost(draft: CampaignDraft) -> int | None:
    """What all pieces together may take off at the most, in fen; None when nothing bounds it.

    Exchange and group vouchers give goods: their cost is bounded only by the merchant's prices.
    """
    each = _worst_of_one(draft.terms)
    return None if each is None or draft.caps.total is None else each * draft.caps.total


def _worst_of_one(terms: CouponTerms) -> int | None:
    if terms.kind in (CouponKind.CASH, CouponKind.ECASH):
        return terms.amount_fen
    if terms.kind is CouponKind.DISCOUNT:
        return terms.cap_fen
    return 0 if terms.kind is CouponKind.PARKING else None


def _why_bad_terms(terms: CouponTerms) -> str:
    if not 1 <= len(terms.title_zh) <= 40:
        return "券名要 1 到 40 个字"
    faces = {
        CouponKind.CASH: (terms.amount_fen > 0, "代金券要有面额"),
        CouponKind.ECASH: (terms.amount_fen > 0, "电子现金券要有面额"),
        CouponKind.DISCOUNT: (0 < terms.payable_bp < 10_000, "折扣要在 0 和 10 折之间"),
        CouponKind.GROUP_BUY: (
            bool(terms.items) and all(pieces > 0 for _, pieces in terms.items),
            "团购券要有商品和件数",
        ),
        CouponKind.EXCHANGE: (bool(terms.scope.products_in or terms.scope.categories_in), "兑换券要指定商品"),
        CouponKind.PARKING: (terms.minutes > 0, "停车券要有分钟数"),
    }
    good, why = faces[terms.kind]
    if not good:
        return why
    if terms.kind is CouponKind.CASH and 0 < terms.min_spend_fen < terms.amount_fen:
        return "门槛不能低于面额"
    if any(not 0 <= day <= 6 for day in terms.weekdays):
        return "星期用 0（周一）到 6（周日）"
    if any(not 0 <= span.start < 1440 or not 0 < span.end <= 1440 or span.start == span.end for span in terms.hours):
        return "时段用当天的分钟，开始和结束不同"
    return ""


def _why_bad_dates(draft: CampaignDraft, now: datetime) -> str:
    validity = draft.validity
    if validity.ends_at is None and validity.days is None:
        return "要有使用截止日期，或领取后的有效天数"
    if validity.days is not None and validity.days < 1:
        return "领取后至少有效 1 天"
    if validity.ends_at is not None and validity.ends_at <= max(now, validity.starts_at or now):
        return "使用截止要晚于开始，也要晚于现在"
    if draft.claim_to is not None and draft.claim_to <= max(now, draft.claim_from or now):
        return "领取截止要晚于开始，也要晚于现在"
    if draft.claim_to and validity.ends_at and draft.claim_to > validity.ends_at:
        return "领取截止不能晚于使用截止"
    return ""


def _why_bad_caps(draft: CampaignDraft) -> str:
    caps = draft.caps
    if any(cap is not None and cap < 1 for cap in (caps.total, caps.per_day, caps.per_member)):
        return "发放总量、每日量和每人限领至少是 1"
    return ""
