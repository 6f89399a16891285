"""Lines of a bill out of what was asked, and the sums of its quote: shared by opening, repricing and holding."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from shangquan.checkout.contracts import BAD_LINE, NO_LINES, Choice, Line, LineDraft, Quote
from shangquan.checkout.models import Bill, BillLine
from shangquan.checkout.queries.cards import quote_json
from shangquan.district import door as district
from shangquan.district.contracts import MerchantCard, ProductCard
from shangquan.kernel.errors import Refused

_MOST_LINES, _MOST_PIECES, _MOST_FEN = 200, 100_000, 10**9


def lines_from(bill: Bill, drafts: Sequence[LineDraft], merchant: MerchantCard) -> list[BillLine]:
    """Unsaved rows. Refuses B-4001 without lines and B-4002 with the number of the line and what is wrong."""
    if not drafts:
        raise Refused(NO_LINES)
    if len(drafts) > _MOST_LINES:
        raise Refused(BAD_LINE, line=_MOST_LINES + 1, why="一张单最多 200 行", why_en="a bill has at most 200 lines")
    wanted = {draft.product_id for draft in drafts if draft.product_id is not None}
    products = {card.id: card for card in district.products(merchant.id, ids=wanted)} if wanted else {}
    return [_line(bill, merchant, place, draft, products) for place, draft in enumerate(drafts, 1)]


def _line(
    bill: Bill, merchant: MerchantCard, place: int, draft: LineDraft, products: dict[int, ProductCard]
) -> BillLine:
    product = None
    if draft.product_id is not None:
        product = products.get(draft.product_id)
        if product is None:
            raise _bad(place, "这家店没有在卖这个商品", "this store does not sell that product")
    quantity, unit_fen = _amounts(place, draft, product)
    title = draft.title or (product.name if product else "") or ("到店消费" if draft.amount_fen is not None else "")
    if not title.strip():
        raise _bad(place, "没有商品的行要写名称", "goods without a product need a title")
    return BillLine(
        bill=bill,
        line_no=place,
        product_id=draft.product_id,
        category_id=merchant.category_id,
        title=title.strip()[:120],
        quantity=quantity,
        unit_fen=unit_fen,
        list_fen=quantity * unit_fen,
        by_amount=draft.amount_fen is not None,
        points_multiplier_bp=product.points_multiplier_bp if product else 10_000,
    )


def _amounts(place: int, draft: LineDraft, product: ProductCard | None) -> tuple[int, int]:
    if draft.amount_fen is not None:
        if not 1 <= draft.amount_fen <= _MOST_FEN or product is not None or draft.quantity != 1:
            raise _bad(place, "金额要大于 0，且不带商品", "a typed amount is above zero and has no product")
        return draft.amount_fen, 1
    unit_fen = draft.unit_fen if draft.unit_fen is not None else product.price_fen if product else None
    if unit_fen is None or not 0 <= unit_fen <= _MOST_FEN:
        raise _bad(place, "单价不对", "the unit price is not valid")
    if not 1 <= draft.quantity <= _MOST_PIECES:
        raise _bad(place, "数量不对", "the quantity is not valid")
    return draft.quantity, unit_fen


def _bad(place: int, why: str, why_en: str) -> Refused:
    return Refused(BAD_LINE, line=place, why=why, why_en=why_en)


def put_quote(bill: Bill, quote: Quote) -> None:
    """The sums of the quote on the bill; unsaved."""
    bill.list_fen = quote.list_fen
    bill.saved_fen = quote.saved_fen
    bill.prepaid_fen = quote.prepaid_fen
    bill.payable_fen = quote.payable_fen
    bill.points_used = quote.points_used
    bill.points_to_earn = quote.points_to_earn
    bill.quote = quote_json(quote)


def choice_json(choice: Choice) -> dict[str, Any]:
    """What the member chose, to be kept with the bill; goods on offer for a nudge are the till's and are not kept."""
    return {
        "forced": list(choice.forced),
        "excluded": sorted(choice.excluded),
        "only_forced": choice.only_forced,
        "use_points": choice.use_points,
        "points_wanted": choice.points_wanted,
    }


def choice_of(bill: Bill, fillers: Sequence[Line] = ()) -> Choice:
    kept = {**asdict(Choice()), **bill.choice}
    return Choice(
        forced=tuple(kept["forced"]),
        excluded=frozenset(kept["excluded"]),
        only_forced=kept["only_forced"],
        use_points=kept["use_points"],
        points_wanted=kept["points_wanted"],
        fillers=tuple(fillers),
    )
