"""The only row locks of this room. Always campaigns before pieces, each in the order of their ids: no deadlock."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q

from shangquan.coupons.contracts import NO_CAMPAIGN, NO_ENTRY, NO_PIECE, NO_SHELF
from shangquan.coupons.models import Campaign, Gift, Piece, Shelf, ShelfEntry
from shangquan.kernel.errors import Refused


def campaigns_with_stock(ids: Iterable[int]) -> set[int]:
    """Lock the campaigns that can still give something; those sold out are answered without waiting for anybody."""
    open_rows = (
        Campaign.rows()
        .filter(Q(total__isnull=True) | Q(claimed__lt=F("total")), id__in=set(ids), state="published")
        .order_by("id")
        .select_for_update(no_key=True)
    )
    return set(open_rows.values_list("id", flat=True))


def campaign(campaign_id: int) -> Campaign:
    row = Campaign.rows().filter(id=campaign_id).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_CAMPAIGN)
    return row


def campaigns_due(now: datetime, limit: int) -> list[Campaign]:
    """Published or paused ones that can be claimed no more and that nobody else is changing right now."""
    rows = (
        Campaign.rows()
        .filter(Q(claim_to__lte=now) | Q(last_use_at__lte=now), state__in=["published", "paused"])
        .order_by("id")
    )
    return list(rows.select_for_update(no_key=True, skip_locked=True)[:limit])


def pieces(ids: Iterable[int]) -> dict[int, Piece]:
    """All of them, locked; refuses C-4042 when one does not exist here."""
    wanted = set(ids)
    rows = Piece.rows().filter(id__in=wanted).order_by("id").select_for_update(no_key=True, of=("self",))
    found = {row.id: row for row in rows.select_related("campaign")}
    if len(found) != len(wanted):
        raise Refused(NO_PIECE)
    return found


def pieces_and_those_of_bill(ids: Iterable[int], bill_id: int) -> dict[int, Piece]:
    """These and those held for the bill, in one statement; refuses C-4042 when one of the ids does not exist here."""
    wanted = set(ids)
    rows = Piece.rows().filter(Q(id__in=wanted) | Q(held_bill_id=bill_id)).order_by("id")
    found = {row.id: row for row in rows.select_for_update(no_key=True, of=("self",)).select_related("campaign")}
    if not wanted <= found.keys():
        raise Refused(NO_PIECE)
    return found


def piece_with_code(code: str) -> Piece:
    row = Piece.rows().filter(code=code).select_for_update(no_key=True, of=("self",)).select_related("campaign").first()
    if row is None:
        raise Refused(NO_PIECE)
    return row


def pieces_of_bill(bill_id: int) -> dict[int, Piece]:
    """Those held for the bill."""
    rows = Piece.rows().filter(held_bill_id=bill_id).order_by("id").select_for_update(no_key=True, of=("self",))
    return {row.id: row for row in rows.select_related("campaign")}


def gift(token_hash: str) -> Gift | None:
    return Gift.rows().filter(token_hash=token_hash).select_for_update(no_key=True).first()


def gifts_due(now: datetime, piece_ids: Iterable[int]) -> list[Gift]:
    """Open gifts of these pieces, which are locked already, past their end."""
    rows = Gift.rows().filter(state=Gift.State.OPEN, expires_at__lte=now, piece_id__in=list(piece_ids))
    return list(rows.order_by("id").select_for_update(no_key=True))


def shelf(shelf_id: int) -> Shelf:
    row = Shelf.rows().filter(id=shelf_id).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_SHELF)
    return row


def entry(entry_id: int) -> ShelfEntry:
    row = ShelfEntry.rows().filter(id=entry_id).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_ENTRY)
    return row
