"""Pure decisions about a campaign as a whole: may it be, who publishes it, what may it cost at the worst."""

import re
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

Words = tuple[str, str]
_UNBOUNDED = (
    "有预算的券要有发放总量，折扣券还要有最高减免额",
    "a budget needs a total and, for a percentage, a cap",
)


_MOST_FEN = 10**10
_MOST_PIECES = 10**8
_MOST_DAYS = 3650
_PAYER = re.compile(r"owner|redeemer|merchant:[1-9]\d{0,17}")


def check_draft(draft: CampaignDraft, now: datetime) -> None:
    """Refuse what could never be claimed or used (C-4001), or could cost more than its budget (C-4225)."""
    why = _why_bad_terms(draft.terms) or _why_bad_dates(draft, now) or _why_bad_caps(draft)
    if why:
        raise Refused(BAD_TERMS, why=why[0], why_en=why[1])
    if draft.budget_fen is not None:
        worst = worst_cost(draft)
        if worst is None:
            raise Refused(BAD_TERMS, why=_UNBOUNDED[0], why_en=_UNBOUNDED[1])
        if worst > draft.budget_fen:
            raise Refused(OVER_BUDGET, worst=yuan(worst), budget=yuan(draft.budget_fen), worst_fen=worst)


def why_owner_decides(terms: CouponTerms, merchant_id: int) -> Words | None:
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


def _why_bad_terms(terms: CouponTerms) -> Words | None:
    if not 1 <= len(terms.title_zh) <= 40:
        return "券名要 1 到 40 个字", "a title has 1 to 40 characters"
    if len(terms.title_en) > 80:
        return "英文名最多 80 个字符", "an English title has at most 80 characters"
    if (
        max(terms.amount_fen, terms.min_spend_fen, terms.fixed_price_fen, terms.cap_fen or 0, terms.sold_fen)
        > _MOST_FEN
    ):
        return "金额太大", "the amount is too large"
    if any(not _PAYER.fullmatch(share.payer) for share in terms.payers):
        return "分摊方写 owner、redeemer 或 merchant:编号", "a payer is owner, redeemer or merchant:<id>"
    if terms.stacking.per_bill < 1:
        return "每单至少可用 1 张", "at least one piece can be used on a bill"
    faces = {
        CouponKind.CASH: (terms.amount_fen > 0, ("代金券要有面额", "a cash voucher needs an amount")),
        CouponKind.ECASH: (terms.amount_fen > 0, ("电子现金券要有面额", "electronic cash needs an amount")),
        CouponKind.DISCOUNT: (
            0 < terms.payable_bp < 10_000,
            ("折扣要在 0 和 10 折之间", "a discount lies between nothing and everything"),
        ),
        CouponKind.GROUP_BUY: (
            bool(terms.items) and all(pieces > 0 for _, pieces in terms.items),
            ("团购券要有商品和件数", "a group voucher needs products and pieces"),
        ),
        CouponKind.EXCHANGE: (
            bool(terms.scope.products_in or terms.scope.categories_in),
            ("兑换券要指定商品", "an exchange coupon names its products"),
        ),
        CouponKind.PARKING: (terms.minutes > 0, ("停车券要有分钟数", "a parking coupon needs minutes")),
    }
    good, why = faces[terms.kind]
    if not good:
        return why
    if terms.kind is CouponKind.CASH and 0 < terms.min_spend_fen < terms.amount_fen:
        return "门槛不能低于面额", "the minimum spend is below the amount"
    if any(not 0 <= day <= 6 for day in terms.weekdays):
        return "星期用 0（周一）到 6（周日）", "weekdays go from 0 (Monday) to 6 (Sunday)"
    if any(not 0 <= span.start < 1440 or not 0 < span.end <= 1440 or span.start == span.end for span in terms.hours):
        return "时段用当天的分钟，开始和结束不同", "hours are minutes of the day with a start and another end"
    return None


def _why_bad_dates(draft: CampaignDraft, now: datetime) -> Words | None:
    validity = draft.validity
    moments = (validity.starts_at, validity.ends_at, draft.claim_from, draft.claim_to)
    if any(moment is not None and moment.utcoffset() is None for moment in moments):
        return "时间要写明时区", "a time names its zone"
    if validity.begins_after_days not in range(_MOST_DAYS) or (validity.days or 0) > _MOST_DAYS:
        return "天数要在 0 到 3650 之间", "days lie between 0 and 3650"
    if validity.ends_at is None and validity.days is None:
        return "要有使用截止日期，或领取后的有效天数", "a last date, or days after the claim, is needed"
    if validity.days is not None and validity.days < 1:
        return "领取后至少有效 1 天", "a piece is valid for at least one day"
    if validity.ends_at is not None and validity.ends_at <= max(now, validity.starts_at or now):
        return "使用截止要晚于开始，也要晚于现在", "the last date lies after the first and after now"
    if draft.claim_to is not None and draft.claim_to <= max(now, draft.claim_from or now):
        return "领取截止要晚于开始，也要晚于现在", "claiming ends after it starts and after now"
    if draft.claim_to and validity.ends_at and draft.claim_to > validity.ends_at:
        return "领取截止不能晚于使用截止", "claiming cannot end after the last date of use"
    return None


def _why_bad_caps(draft: CampaignDraft) -> Words | None:
    caps = draft.caps
    if any(cap is not None and not 1 <= cap <= _MOST_PIECES for cap in (caps.total, caps.per_day, caps.per_member)):
        return "发放总量、每日量和每人限领至少是 1，最多 1 亿", "total, daily share and limit lie between 1 and 10^8"
    return None
