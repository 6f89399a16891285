"""The words of a ticket: stub, threshold, place, period, and its one status line with its one button."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shangquan.coupons.contracts import (
    Audience,
    CampaignCard,
    CampaignState,
    CouponKind,
    CouponState,
    CouponTerms,
    PieceCard,
    TicketAction,
    TicketCard,
    WhyNot,
)
from shangquan.kernel.money import yuan

_FEW = 2_000  # basis points of the stock: below a fifth it is few
Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where it works, in words: one shop's name and unit, or "everywhere"."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Mine:
    """What the asking member has of a campaign: claimed so far, the piece to use next, whether invited and who is."""

    claimed: int = 0
    piece_id: int | None = None
    is_invited: bool = True
    invited: Words = ("", "")


def amount(fen: int) -> str:
    """3000 -> '¥30', 1250 -> '¥12.50': coupon faces drop '.00'."""
    return "¥" + yuan(fen).removesuffix(".00")


def stub(terms: CouponTerms) -> Words:
    match terms.kind:
        case CouponKind.CASH | CouponKind.ECASH:
            return amount(terms.amount_fen), amount(terms.amount_fen)
        case CouponKind.DISCOUNT:
            tenths = f"{terms.payable_bp / 1000:.2f}".rstrip("0").rstrip(".")
            off = f"{(10_000 - terms.payable_bp) / 100:.2f}".rstrip("0").rstrip(".")
            return f"{tenths} 折", f"{off}% off"
        case CouponKind.EXCHANGE:
            if terms.fixed_price_fen:
                return f"{amount(terms.fixed_price_fen)} 换购", f"For {amount(terms.fixed_price_fen)}"
            return "免费兑换", "Free"
        case CouponKind.GROUP_BUY:
            pieces = sum(count for _, count in terms.items)
            return f"{pieces} 件套餐", f"Set of {pieces}"
        case CouponKind.PARKING:
            if terms.minutes % 60 == 0:
                hours = terms.minutes // 60
                return f"{hours} 小时", f"{hours} h"
            return f"{terms.minutes} 分钟", f"{terms.minutes} min"


def threshold(terms: CouponTerms) -> Words:
    if terms.kind is CouponKind.PARKING:
        return "免费停车", "Free parking"
    if terms.kind is CouponKind.DISCOUNT and terms.cap_fen is not None and not terms.min_spend_fen:
        return f"最高减 {amount(terms.cap_fen)}", f"Up to {amount(terms.cap_fen)}"
    if terms.min_spend_fen:
        spend = amount(terms.min_spend_fen)
        return f"满 {spend.removeprefix('¥')} 可用", f"Spend {spend}"
    return "无门槛", "No minimum"


def day(moment: datetime, today: datetime) -> Words:
    """11月22日, with the year if it is another; both in the zone of `today`."""
    local = moment.astimezone(today.tzinfo)
    zh, en = f"{local.month}月{local.day}日", f"{local.day} {local:%b}"
    return (zh, en) if local.year == today.year else (f"{local.year}年{zh}", f"{en} {local.year}")


def period(start: datetime | None, end: datetime | None, today: datetime, days: int | None = None) -> Words:
    """`end` is excluded: a period that ends at midnight ends on the day before. Without one, days from the claim."""
    if end is None:
        return f"领取后 {days} 天内", f"Within {days} days of claiming"
    last = day(end - timedelta(microseconds=1), today)
    if start is None or start <= today:
        return f"至 {last[0]}", f"Until {last[1]}"
    first = day(start, today)
    return f"{first[0]}–{last[0]}", f"{first[1]} – {last[1]}"


def clock(moment: datetime, today: datetime) -> Words:
    local = moment.astimezone(today.tzinfo)
    if local.date() == today.date():
        return f"今天 {local:%H:%M}", f"today {local:%H:%M}"
    zh, en = day(moment, today)
    return f"{zh} {local:%H:%M}", f"{en} {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class _Status:
    code: str
    zh: str
    en: str
    action: TicketAction
    why: WhyNot | None = None


def of_campaign(card: CampaignCard, place: Place, mine: Mine, at_local: datetime) -> TicketCard:
    """The ticket on a shelf, as this member sees it now. `at_local` is in the district's zone."""
    status = _shelf_status(card, mine, at_local)
    has_piece = status.action is TicketAction.USE
    return _ticket(
        card.terms, place, status, period(card.validity.starts_at, card.validity.ends_at, at_local, card.validity.days),
        piece_id=mine.piece_id if has_piece else None, code="", left=card.left, left_bp=_left_bp(card),
        starts_at=card.claim_from if status.code == "starts_at" else None, mine=mine.claimed,
        per_member=card.caps.per_member, is_giftable=card.is_giftable,
    )  # fmt: skip


def of_piece(card: PieceCard, place: Place, at_local: datetime) -> TicketCard:
    """The ticket of one piece in its member's hands."""
    status = _piece_status(card, at_local)
    usable = status.action is TicketAction.USE
    return _ticket(
        card.terms, place, status, period(card.piece.valid_from, card.piece.valid_to, at_local),
        piece_id=card.id, code=card.code if usable or status.code == "held" else "", left=None, left_bp=None,
        starts_at=card.piece.valid_from if status.code == "too_early" else None, mine=1, per_member=None,
        is_giftable=card.is_giftable and card.state is CouponState.UNUSED and not card.used_amount_fen,
        rest_fen=card.piece.rest_fen if card.used_amount_fen else None,
    )  # fmt: skip


def _ticket(
    terms: CouponTerms,
    place: Place,
    status: _Status,
    dates: Words,
    *,
    piece_id: int | None,
    code: str,
    left: int | None,
    left_bp: int | None,
    starts_at: datetime | None,
    mine: int,
    per_member: int | None,
    is_giftable: bool,
    rest_fen: int | None = None,
) -> TicketCard:
    face = stub(terms) if rest_fen is None or terms.kind is not CouponKind.ECASH else (amount(rest_fen),) * 2
    floor = threshold(terms)
    return TicketCard(
        campaign_id=terms.campaign_id, piece_id=piece_id, code=code, kind=terms.kind, stub_zh=face[0], stub_en=face[1],
        threshold_zh=floor[0], threshold_en=floor[1], title_zh=terms.title_zh, title_en=terms.title_en or terms.title_zh,
        place_zh=place.zh, place_en=place.en, period_zh=dates[0], period_en=dates[1], status=status.code,
        status_zh=status.zh, status_en=status.en, action=status.action, why_not=status.why, left=left, left_bp=left_bp,
        starts_at=starts_at, mine=mine, per_member=per_member, merchant_id=terms.issuer_id, is_giftable=is_giftable,
        save_fen=terms.amount_fen if terms.kind is CouponKind.CASH else 0,
    )  # fmt: skip


def _left_bp(card: CampaignCard) -> int | None:
    return None if card.left is None or not card.caps.total else card.left * 10_000 // card.caps.total


def _shelf_status(card: CampaignCard, mine: Mine, at: datetime) -> _Status:
    none, limit = TicketAction.NONE, card.caps.per_member
    if mine.piece_id is not None and limit is not None and mine.claimed >= limit:
        return _Status("claimed", "已在券包，付款自动抵扣", "In your wallet; applied when you pay", TicketAction.USE)
    if limit is not None and mine.claimed >= limit:
        return _Status("used", "你领的已用完", "You have used yours", none)
    if card.state is CampaignState.PAUSED:
        return _Status(
            "paused", "暂停领取", "Paused", none, WhyNot("paused", "商户暂停了这张券", "the merchant paused it")
        )
    if card.state is not CampaignState.PUBLISHED or (card.claim_to is not None and at >= card.claim_to):
        return _Status(
            "over", "领取已结束", "Claiming has ended", none, WhyNot("over", "领取已结束", "claiming has ended")
        )
    if not mine.is_invited:
        return _not_for_you(mine)
    if card.claim_from is not None and at < card.claim_from:
        zh, en = clock(card.claim_from, at)
        return _Status("starts_at", f"{zh} 开始", f"Starts {en}", TicketAction.REMIND)
    if card.left == 0:
        return _Status("sold_out", "已抢完", "All claimed", none, WhyNot("sold_out", "已抢完", "all have been claimed"))
    if mine.claimed:
        say = f"每人限 {limit} 张，已领 {mine.claimed} 张" if limit else f"已领 {mine.claimed} 张"
        return _Status("claim", say, f"{mine.claimed} claimed", TicketAction.CLAIM_MORE)
    left_bp = _left_bp(card)
    if left_bp is not None and left_bp <= _FEW:
        return _Status("few_left", f"剩 {card.left} 张", f"{card.left} left", TicketAction.CLAIM)
    return _Status("claim", "可领取", "Ready to claim", TicketAction.CLAIM)


def _not_for_you(mine: Mine) -> _Status:
    why = WhyNot("not_for_you", f"{mine.invited[0]}可领", f"for {mine.invited[1]}")
    return _Status("not_for_you", why.zh, why.en, TicketAction.NONE, why)


def invited(audience: Audience, tiers: Mapping[str, Words]) -> Words:
    """Whom a coupon is for, in words; `tiers` are the names of tier codes."""
    zh, en = [], []
    if audience.tiers:
        names = [tiers.get(code, (code, code)) for code in tiers if code in audience.tiers]
        names += [(code, code) for code in sorted(audience.tiers - set(tiers))]
        zh.append("、".join(name for name, _ in names))
        en.append(", ".join(name for _, name in names) + " members")
    if audience.joined_within_days is not None:
        zh.append(f"入会 {audience.joined_within_days} 天内")
        en.append(f"members of at most {audience.joined_within_days} days")
    return "且".join(zh) or "全部会员", " and ".join(en) or "all members"


def _piece_status(card: PieceCard, at: datetime) -> _Status:
    none = TicketAction.NONE
    match card.state:
        case CouponState.USED:
            zh, en = clock(card.used_at, at) if card.used_at else ("", "")
            return _Status("used", f"{zh} 已使用", f"Used {en}", none)
        case CouponState.GIVING:
            return _Status("giving", "转赠中，等对方领取", "Waiting for your friend", TicketAction.RECALL)
        case CouponState.GIVEN:
            return _Status("given", "已送出", "Given away", none)
        case CouponState.VOID:
            return _Status("void", "已作废", "Withdrawn", none)
        case _:
            return _live_status(card, at)


def _live_status(card: PieceCard, at: datetime) -> _Status:
    if at >= card.piece.valid_to:
        zh, en = day(card.piece.valid_to - timedelta(microseconds=1), at)
        return _Status("expired", f"{zh} 已过期", f"Expired {en}", TicketAction.NONE)
    if card.state is CouponState.HELD:
        return _Status("held", "正用于一笔付款", "Set aside for a payment", TicketAction.NONE)
    if at < card.piece.valid_from:
        zh, en = clock(card.piece.valid_from, at)
        return _Status("too_early", f"{zh} 起可用", f"Valid from {en}", TicketAction.NONE)
    left = (card.piece.valid_to - timedelta(microseconds=1)).astimezone(at.tzinfo).date() - at.date()
    if left.days == 0:
        return _Status("use", "今天到期", "Expires today", TicketAction.USE)
    return _Status("use", f"还剩 {left.days} 天", f"{left.days} days left", TicketAction.USE)
