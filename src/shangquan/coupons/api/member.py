"""For members: shelves, claiming, their coupons, giving."""

from django.http import HttpRequest
from ninja import Router, Status

from shangquan.coupons import door
from shangquan.coupons.access import piece_of
from shangquan.coupons.api.schemas import (
    AcceptIn,
    Before,
    ClaimIn,
    GiftOut,
    GiveIn,
    Id,
    Key,
    Limit,
    PieceOut,
    Tab,
    TicketOut,
)
from shangquan.coupons.contracts import ClaimRequest
from shangquan.identity.api import anyone, member_auth
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction

router = Router()


@router.get(
    "/shelves/{shelf_id}/tickets", auth=anyone, response=list[TicketOut], summary="货架上的券 A shelf's coupons"
)
def get_tickets(request: HttpRequest, shelf_id: Id) -> list[TicketOut]:
    """In the owner's order, each with what the asking member may do. A guest sees what anybody may do.

    Empty while the shelf is not shown. Refuses C-4043.
    """
    now = clock.now()
    if not door.shelves.is_shown(door.shelves.open_shelf(shelf_id), now):
        return []
    tickets = door.tickets.on_shelf(shelf_id, member_id=_member(), now=now)
    return [TicketOut.of(ticket) for ticket in tickets]


@router.get("/tickets", auth=anyone, response=list[TicketOut], summary="现在能领的券 What can be claimed now")
def get_claimable(request: HttpRequest, limit: Limit = 50) -> list[TicketOut]:
    return [TicketOut.of(one) for one in door.tickets.claimable(member_id=_member(), now=clock.now(), limit=limit)]


@router.post("/claims", auth=member_auth, response={201: PieceOut}, summary="领券 Claim")
def post_claim(request: HttpRequest, body: ClaimIn, key: Key) -> Status[PieceOut]:
    """The same key is the same claim. Refuses C-4091 sold out, C-4092 own limit, C-4093 today's share, C-4224 not yet,
    C-4102 over, C-4099 paused, C-4031 not for you, C-4035 not by this way, C-4041 unknown."""
    asked = ClaimRequest(body.campaign_id, scope.actor().id, body.source, key, body.source_code_id)
    with transaction():
        return Status(201, PieceOut.of(door.claim_one(asked, now=clock.now())))


@router.get("/mine", auth=member_auth, response=list[TicketOut], summary="我的券 My coupons")
def get_mine(request: HttpRequest, tab: Tab = "usable", before: Before = None, limit: Limit = 50) -> list[TicketOut]:
    """Newest first; `before` is the last piece's id of the page above."""
    now = clock.now()
    return [TicketOut.of(one) for one in door.tickets.of_member(scope.actor().id, tab, now, before=before, limit=limit)]


@router.get("/mine/counts", auth=member_auth, response=dict[str, int], summary="各栏几张 Counts of the tabs")
def get_counts(request: HttpRequest) -> dict[str, int]:
    return door.count_tabs(scope.actor().id, clock.now())


@router.get("/mine/{piece_id}", auth=member_auth, response=TicketOut, summary="一张券 One coupon")
def get_piece(request: HttpRequest, piece_id: Id) -> TicketOut:
    """Refuses C-4042, also for another member's."""
    return TicketOut.of(door.tickets.of_piece_id(scope.actor().id, piece_id, clock.now()))


@router.post("/mine/{piece_id}/shown", auth=member_auth, response={204: None}, summary="在店里出示 Shown in the shop")
def post_shown(request: HttpRequest, piece_id: Id) -> Status[None]:
    with transaction():
        door.note_shown(piece_of(scope.actor().id, piece_id).id, now=clock.now())
    return Status(204, None)


@router.post("/mine/{piece_id}/gift", auth=member_auth, response={201: GiftOut}, summary="转赠 Give")
def post_gift(request: HttpRequest, piece_id: Id, body: GiveIn) -> Status[GiftOut]:
    """The link's token is in this answer only. Giving again makes a new link and kills the old one. Refuses C-4036."""
    with transaction():
        return Status(
            201, GiftOut.of(door.give(piece_id, giver_id=scope.actor().id, now=clock.now(), words=body.words))
        )


@router.delete("/mine/{piece_id}/gift", auth=member_auth, response=PieceOut, summary="收回 Recall")
def delete_gift(request: HttpRequest, piece_id: Id) -> PieceOut:
    """Refuses C-4103 when somebody has accepted it."""
    with transaction():
        return PieceOut.of(door.recall(piece_id, giver_id=scope.actor().id, now=clock.now()))


@router.post("/gifts/accept", auth=member_auth, response={201: PieceOut}, summary="领取转赠 Accept")
def post_accept(request: HttpRequest, body: AcceptIn) -> Status[PieceOut]:
    """Refuses C-4044 unknown, C-4103 taken, recalled or expired, C-4226 one's own."""
    with transaction():
        return Status(201, PieceOut.of(door.accept(body.token, receiver_id=scope.actor().id, now=clock.now())))


def _member() -> int | None:
    who = scope.actor()
    return who.id if who.kind == "member" else None
