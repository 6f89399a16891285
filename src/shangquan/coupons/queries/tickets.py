"""Tickets for pages: a shelf as one member sees it, "my coupons", one piece. Few statements, however many tickets."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from shangquan.coupons.access import piece_of
from shangquan.coupons.contracts import CampaignCard, PieceCard, TicketCard
from shangquan.coupons.models import Campaign, MemberCounter, Piece, ShelfEntry
from shangquan.coupons.queries import pieces
from shangquan.coupons.queries.audience import is_invited, members_by_id
from shangquan.coupons.queries.places import Names, merchants_named
from shangquan.coupons.queries.stored import campaign_card, piece_card
from shangquan.coupons.rules.ticket import Mine, invited, of_campaign, of_piece
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy


def on_shelf(shelf_id: int, *, member_id: int | None, now: datetime) -> list[TicketCard]:
    """The accepted coupons of a shelf, in the owner's order, each with what this member may do. None is a guest.

    Drafts and coupons of merchants that do not trade now are left out. At most five statements of this room's tables.
    """
    entries = (
        ShelfEntry.rows()
        .filter(shelf_id=shelf_id, state=ShelfEntry.State.ACCEPTED)
        .exclude(campaign__state__in=["draft", "submitted"])
        .select_related("campaign")
        .order_by("position", "id")
    )
    return _tickets([entry.campaign for entry in entries], member_id, now)


def of_campaigns(campaign_ids: Sequence[int], *, member_id: int | None, now: datetime) -> list[TicketCard]:
    """Tickets of chosen campaigns, in the order asked for."""
    rows = {
        row.id: row for row in Campaign.rows().filter(id__in=campaign_ids).exclude(state__in=["draft", "submitted"])
    }
    return _tickets([rows[one] for one in campaign_ids if one in rows], member_id, now)


def claimable(
    *, member_id: int | None, now: datetime, limit: int = 50, merchant_id: int | None = None
) -> list[TicketCard]:
    """Everything published that names no way of its own, newest first: the shelf of all, or of one merchant.

    Of a merchant: what it issues, and what works at it by name.
    """
    rows = Campaign.rows().filter(state="published", sources=[])
    if merchant_id is not None:
        rows = rows.filter(Q(issuer_merchant_id=merchant_id) | Q(merchants_in__contains=[merchant_id]))
    return _tickets(list(rows.order_by("-published_at", "-id")[:limit]), member_id, now)


def of_member(
    member_id: int, tab: str, now: datetime, *, before: int | None = None, limit: int = 50
) -> list[TicketCard]:
    """One tab of "my coupons" (F16): usable, used, expired, given."""
    return _of_pieces(pieces.of_member(member_id, tab, now, before=before, limit=limit), now)


def of_piece_id(member_id: int, piece_id: int, now: datetime) -> TicketCard:
    """One piece of the member's own. Refuses C-4042."""
    (ticket,) = _of_pieces([piece_card(piece_of(member_id, piece_id))], now)
    return ticket


def issued_by_bill(member_id: int, bill_id: int, now: datetime) -> list[TicketCard]:
    """What the member was given for paying a bill (F11)."""
    rows = Piece.rows().filter(member_id=member_id, issued_bill_id=bill_id).select_related("campaign").order_by("id")
    return _of_pieces([piece_card(row) for row in rows], now)


def _tickets(rows: list[Campaign], member_id: int | None, now: datetime) -> list[TicketCard]:
    cards = [campaign_card(row) for row in rows]
    names = Names.of(merchants_named(card.terms for card in cards))
    cards = [card for card in cards if names.may_show(card.terms)]
    mine = _mine(cards, member_id, now)
    local = tenancy.local(now)
    return [of_campaign(card, names.place(card.terms), mine[card.id], local) for card in cards]


def _of_pieces(cards: list[PieceCard], now: datetime) -> list[TicketCard]:
    names = Names.of(merchants_named(card.terms for card in cards))
    local = tenancy.local(now)
    return [of_piece(card, names.place(card.terms), local) for card in cards]


def _mine(cards: list[CampaignCard], member_id: int | None, now: datetime) -> dict[int, Mine]:
    if member_id is None:
        return {card.id: Mine() for card in cards}
    wanted = [card.id for card in cards]
    counted = dict(
        MemberCounter.rows().filter(campaign_id__in=wanted, member_id=member_id).values_list("campaign_id", "claimed")
    )
    usable: dict[int, int] = dict(
        Piece.rows()
        .filter(pieces.tab("usable", now), campaign_id__in=wanted, member_id=member_id)
        .order_by("-valid_to", "-id")
        .values_list("campaign_id", "id")
    )
    choosy = any(not card.audience.is_everybody for card in cards)
    member = members_by_id({member_id}).get(member_id) if choosy else None
    named = any(card.audience.tiers for card in cards)
    tiers = {tier.code: (tier.name, tier.name_en) for tier in points.tiers()} if named else {}
    return {
        card.id: Mine(
            claimed=counted.get(card.id, 0),
            piece_id=usable.get(card.id),
            invited=invited(card.audience, tiers),
            is_invited=card.audience.is_everybody
            or (member is not None and is_invited(card.audience, member.tier, member.joined_at, now)),
        )
        for card in cards
    }
