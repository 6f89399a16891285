from collections.abc import Mapping, Sequence
from datetime import datetime

from shangquan.coupons import locks
from shangquan.coupons.contracts import CouponKind, CouponReturned, CouponState
from shangquan.coupons.models import Piece
from shangquan.coupons.models import PieceUse as UseRow
from shangquan.coupons.queries.stored import items, terms_of
from shangquan.coupons.rules.taking import put_items
from shangquan.kernel import scope
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required


@required
def give_back(
    bill_id: int,
    piece_ids: Sequence[int],
    *,
    refund_id: int,
    now: datetime,
    ecash_fen: Mapping[int, int] | None = None,
) -> list[int]:
    """A refund returns pieces to their members, with what the bill took from them; answers the ids that came back.

    `ecash_fen` names how much returns to an electronic cash piece when that is a part only. Repeating it for the same
    refund changes nothing. A piece that has since expired keeps its dates: it comes back, expired.
    """
    rows = locks.pieces(piece_ids)
    taken = {use.piece_id: use for use in UseRow.rows().filter(piece_id__in=rows, bill_id=bill_id, is_back=False)}
    backs = UseRow.rows().filter(piece_id__in=rows, bill_id=bill_id, is_back=True)
    before: dict[int, int] = {}
    repeated = set()
    for back in backs:
        before[back.piece_id] = before.get(back.piece_id, 0) + back.amount_fen
        if back.refund_id == refund_id:
            repeated.add(back.piece_id)
    returned = []
    for piece_id in sorted(rows):
        use = taken.get(piece_id)
        if use is None or piece_id in repeated:
            continue
        left = use.amount_fen - before.get(piece_id, 0)
        amount = min(left, (ecash_fen or {}).get(piece_id, left))
        is_first = piece_id not in before
        if amount == 0 and not is_first:
            continue
        _put(rows[piece_id], use, amount, is_first=is_first, refund_id=refund_id, now=now)
        returned.append(piece_id)
    return returned


def _put(row: Piece, use: UseRow, amount: int, *, is_first: bool, refund_id: int, now: datetime) -> None:
    terms = terms_of(row.campaign)
    back = items(use.items) if is_first else ()
    if terms.kind is CouponKind.ECASH:
        row.rest_fen += amount
    row.items_left = [list(item) for item in put_items(items(row.items_left), back)]
    row.used_amount_fen -= amount
    if row.state == CouponState.USED:
        row.state = CouponState.UNUSED
    row.save()
    UseRow.objects.create(
        piece=row, key=f"refund:{refund_id}", is_back=True, bill_id=use.bill_id, refund_id=refund_id,
        merchant_id=use.merchant_id, store_id=use.store_id, amount_fen=amount, items=[list(item) for item in back],
        by=scope.actor().name[:80], at=now,
    )  # fmt: skip
    publish(
        CouponReturned(
            piece_id=row.id, campaign_id=row.campaign_id, member_id=row.member_id, bill_id=int(use.bill_id or 0),
            refund_id=refund_id,
        )
    )  # fmt: skip
