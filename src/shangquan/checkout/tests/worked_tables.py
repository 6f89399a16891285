"""Reads the worked tables of docs/algorithms/pricing.md: the document is the expectation."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shangquan.checkout.contracts import Basket, Line, Offers, PointsOffer, TierDiscount
from shangquan.coupons.contracts import CouponKind, CouponPiece, CouponState, CouponTerms, Scope, Stacking
from shangquan.kernel.money import parse_yuan
from shangquan.points.contracts import OWNER, REDEEMER, PayerShare

DOCUMENT = Path(__file__).parents[4] / "docs" / "algorithms" / "pricing.md"
AT = datetime(2026, 11, 22, 10, 23, tzinfo=UTC)
Row = dict[str, str]


@dataclass(frozen=True)
class Worked:
    title: str
    basket: Basket
    offers: Offers
    why_not: dict[int, str]
    steps: list[Row]


def worked() -> list[Worked]:
    text = DOCUMENT.read_text(encoding="utf-8").split("## Worked tables")[1]
    return [_example(part) for part in text.split("\n### ")[1:]]


def _example(part: str) -> Worked:
    tables = [_rows(block) for block in re.findall(r"(?:^\|.*\n)+", part + "\n", flags=re.MULTILINE)]
    lines, coupons, member, steps = tables
    offers = Offers(tuple(_piece(row) for row in coupons), _tier(member[0]["tier"]), _points(member[0]["points"]))
    why_not = {int(row["coupon"]): row["why not"] for row in coupons if row["why not"]}
    return Worked(part.split("\n")[0], Basket(tuple(_line(row) for row in lines)), offers, why_not, steps)


def _rows(block: str) -> list[Row]:
    cells = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in block.strip().split("\n")]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def _line(row: Row) -> Line:
    product, merchant = int(row["product"]), int(row["merchant"])
    return Line(int(row["line"]), product, 1, merchant, merchant, int(row["pieces"]), parse_yuan(row["unit"]))


def _match(pattern: str, text: str) -> tuple[str, ...]:
    found = re.fullmatch(pattern, text)
    assert found, f"{text!r} is not written as {pattern!r}"
    return found.groups()


def _tier(text: str) -> TierDiscount | None:
    if not text:
        return None
    percent, merchant = _match(r"(\d+) % at merchant (\d+)", text)
    return TierDiscount("gold", "金卡价", "Gold price", int(percent) * 100, frozenset({int(merchant)}))


def _points(text: str) -> PointsOffer | None:
    if not text:
        return None
    balance, per_yuan, step, share = _match(r"(\d+) / (\d+) / (\d+) / (\d+) %", text)
    return PointsOffer(int(balance), int(per_yuan), int(step), 0, int(share) * 100)


def _piece(row: Row) -> CouponPiece:
    piece_id, kind, does, also = int(row["coupon"]), CouponKind(row["kind"]), row["does"], row["also"]
    value: dict[str, object] = {}
    rest, items, goods = 0, (), frozenset[int](int(product) for product in re.findall(r"products (\d+)", also))
    if kind is CouponKind.CASH:
        value["amount_fen"] = parse_yuan(does)
    elif kind is CouponKind.DISCOUNT:
        percent, cap = _match(r"(\d+) %(?: to (.+))?", does)
        value |= {"payable_bp": int(percent) * 100, "cap_fen": parse_yuan(cap) if cap else None}
    elif kind is CouponKind.GROUP_BUY:
        items = tuple((int(product), int(pieces)) for product, pieces in re.findall(r"(\d+)×(\d+)", does))
        value["items"] = items
    elif kind is CouponKind.EXCHANGE:
        product, fixed = does.split(" for ")
        goods, value["fixed_price_fen"] = frozenset({int(product)}), parse_yuan(fixed)
    elif kind is CouponKind.ECASH:
        rest = parse_yuan(does)
        value["amount_fen"] = rest
    place = frozenset(int(merchant) for merchant in re.findall(r"at merchant (\d+)", also))
    split = re.findall(r"(owner|merchant-\d+|merchant) (\d\d)\b", also)
    payers = tuple(PayerShare(_payer(name), int(percent) * 100) for name, percent in split)
    terms = CouponTerms(
        campaign_id=piece_id,
        kind=kind,
        title_zh=row["coupon"],
        title_en=row["coupon"],
        min_spend_fen=parse_yuan(row["from"]),
        scope=Scope(products_in=goods, merchants_in=place),
        stacking=Stacking(group=row["group"], exclusive="alone" in also),
        payers=payers or (PayerShare(OWNER, 10_000),),
        **value,  # type: ignore[arg-type]
    )
    until = AT + timedelta(days=8)
    return CouponPiece(piece_id, "", CouponState.UNUSED, terms, AT - timedelta(days=1), until, rest, items)


def _payer(name: str) -> str:
    return {"owner": OWNER, "merchant": REDEEMER}.get(name, name.replace("-", ":"))
