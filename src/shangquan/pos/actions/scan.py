"""One entrance for whatever a scanner reads or a clerk types."""

from datetime import datetime

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import Choice
from shangquan.codes import door as codes
from shangquan.codes.contracts import Resolved
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CouponState
from shangquan.district import door as district
from shangquan.district.contracts import ProductCard
from shangquan.kernel.errors import Refused
from shangquan.kernel.money import yuan
from shangquan.kernel.transactions import required
from shangquan.members import door as members
from shangquan.members.contracts import KeyKind
from shangquan.pos import locks, rules
from shangquan.pos.access import till_for
from shangquan.pos.actions import ring
from shangquan.pos.contracts import COUPON_NOT_FIT, OTHERS_COUPON, UNKNOWN_SCAN, Scanned
from shangquan.pos.models import Till

MOST_FOUND = 12


@required
def scan(*, till_id: int, text: str, now: datetime) -> Scanned:
    """Do what the text means at this till; anything not known is refused with T-4042 and changes nothing.

    Goods → a line or one piece more; `3×` → pieces of the last line; `12.50` → a typed amount; a member's code, card or
    phone → the member; a coupon's code → chosen by hand, or told why not; goods by name → added, or the list to choose
    from. A payment code is not charged here, since no channel is called in a transaction: it answers `pay`, and
    `pay.pay_by_code` does it. Needs `till.use`; refuses as the actions that it calls.
    """
    till = till_for("till.use", till_id)
    typed = rules.read(text)
    if isinstance(typed, rules.Amount):
        ring.add_amount(till_id=till.id, amount_fen=typed.fen, now=now)
        return Scanned("amount", f"加了一行 ¥{yuan(typed.fen)}", f"Added ¥{yuan(typed.fen)}")
    if isinstance(typed, rules.Quantity):
        return _quantity(till, typed.pieces, now)
    pieces = typed.pieces if isinstance(typed, rules.Pieces) else 1
    return _resolved(till, typed.text, pieces, now)


def _resolved(till: Till, text: str, pieces: int, now: datetime) -> Scanned:
    found = codes.resolve(text, now=now, merchant_id=till.merchant_id)
    if found.kind == "product" and found.subject_id is not None:
        return _product(till, district.product(found.subject_id), pieces, now)
    if found.kind == "pay_code":
        return Scanned("pay", "", "", {"channel": found.data["channel"], "auth_code": text})
    if found.kind == "member_code":
        return _member(till, codes.verify_member_code(text, now=now, by=_place(till)), "code", now)
    if found.kind == "card" and found.subject_id is not None:
        return _member(till, found.subject_id, "card", now)
    if found.kind == "coupon" and found.subject_id is not None:
        return _coupon(till, found, now)
    if len(text) == 11 and text.isdigit() and text.startswith("1"):
        card = members.by_key(KeyKind.PHONE, text)
        if card is None:
            raise Refused(UNKNOWN_SCAN, text=f"{text[:3]}****{text[-4:]}")
        return _member(till, card.id, "phone", now)
    return _by_name(till, text, pieces, now)


def _quantity(till: Till, pieces: int, now: datetime) -> Scanned:
    row = locks.ring_with_bill(till.id)
    card = ring.set_quantity(till_id=till.id, line_no=row.newest, quantity=pieces, now=now)
    return Scanned("line", f"数量改为 {pieces}", f"Quantity {pieces}", {"line_no": card.newest})


def _product(till: Till, product: ProductCard, pieces: int, now: datetime) -> Scanned:
    card = ring.add_product(till_id=till.id, product_id=product.id, pieces=pieces, now=now)
    said = f"刚扫到：{product.name}，数量 +{pieces}"
    return Scanned("line", said, f"Scanned {product.name_en or product.name}, +{pieces}", {"line_no": card.newest})


def _member(till: Till, member_id: int, how: str, now: datetime) -> Scanned:
    ring.set_member(till_id=till.id, member_id=member_id, how=how, now=now)
    name = members.member(member_id).name_masked
    return Scanned("member", f"认出会员 {name}".strip(), f"Member {name}".strip(), {"member_id": member_id})


def _coupon(till: Till, found: Resolved, now: datetime) -> Scanned:
    """Choose a piece by hand: it is used first, the rest of the combination is the best beside it."""
    assert found.subject_id is not None
    card = coupons.piece(found.subject_id)
    row = ring.ring_up(till.id, now)
    if row.bill_id is None or card.state is not CouponState.UNUSED:
        return Scanned("check", f"核销「{found.title}」", f"Check off {found.title}", {"code": card.code})
    if now >= card.piece.valid_to:
        raise Refused(COUPON_NOT_FIT, title=found.title, why="已过期", why_en="it has expired")
    if row.member_id not in (None, card.member_id):
        raise Refused(OTHERS_COUPON)
    if row.member_id is None:
        ring.set_member(till_id=till.id, member_id=card.member_id, how="coupon", now=now)
    bill = ring.choose(till_id=till.id, choice=Choice(forced=(card.id,)), now=now)
    shown = checkout.shown_quote(bill.id)
    for notice in shown["not_used"]:
        if notice["piece_id"] == card.id:
            raise Refused(COUPON_NOT_FIT, title=found.title, why=notice["zh"], why_en=notice["en"])
    return Scanned("coupon", f"用上了「{found.title}」", f"Using {found.title}", {"piece_id": card.id})


def _by_name(till: Till, text: str, pieces: int, now: datetime) -> Scanned:
    wanted = text.casefold()
    goods = [
        card
        for card in district.products(till.merchant_id)
        if len(wanted) > 1 and (wanted in f"{card.name} {card.name_en} {card.spec}".casefold() or card.barcode == text)
    ]
    if len(goods) == 1:
        return _product(till, goods[0], pieces, now)
    if goods:
        return Scanned("found", f"找到 {len(goods)} 种", f"{len(goods)} found", {"text": text})
    raise Refused(UNKNOWN_SCAN, text=text[:20])


def _place(till: Till) -> str:
    return f"{district.store(till.store_id).name} {till.name}"
