"""For merchants and the owner: shelves and enrolment."""

from django.http import HttpRequest
from ninja import Router, Status

from shangquan.coupons import door
from shangquan.coupons.api.schemas import (
    Before,
    DecideIn,
    EnrolIn,
    EntryOut,
    Id,
    Key,
    Limit,
    OrderIn,
    ShelfIn,
    ShelfOut,
)
from shangquan.identity.api import right
from shangquan.kernel import clock
from shangquan.kernel.idempotency import fingerprint, once
from shangquan.kernel.transactions import transaction

router = Router()


@router.get("/shelves", auth=right("coupons.read"), response=list[ShelfOut], summary="货架 Shelves")
def get_shelves(request: HttpRequest, before: Before = None, limit: Limit = 50) -> list[ShelfOut]:
    return [ShelfOut.of(card) for card in door.shelves.shelves(before=before, limit=limit)]


@router.post("/shelves", auth=right("shelf.manage"), response={201: ShelfOut}, summary="建货架 New shelf")
def post_shelf(request: HttpRequest, body: ShelfIn, key: Key) -> Status[ShelfOut]:
    with transaction():
        made = once(
            key=key,
            request=fingerprint("coupons.shelf", body.model_dump(mode="json")),
            run=lambda: door.make_shelf(**body.model_dump(), now=clock.now()).id,
        )
        return Status(201, ShelfOut.of(door.shelves.shelf(made)))


@router.post("/shelves/{shelf_id}/open", auth=right("shelf.manage"), response=ShelfOut, summary="开放 Open")
def post_open(request: HttpRequest, shelf_id: Id) -> ShelfOut:
    with transaction():
        return ShelfOut.of(door.open_shelf(shelf_id, now=clock.now()))


@router.post("/shelves/{shelf_id}/close", auth=right("shelf.manage"), response=ShelfOut, summary="关闭 Close")
def post_close(request: HttpRequest, shelf_id: Id) -> ShelfOut:
    with transaction():
        return ShelfOut.of(door.close_shelf(shelf_id, now=clock.now()))


@router.get("/shelves/{shelf_id}/entries", auth=right("coupons.read"), response=list[EntryOut], summary="报名 Entries")
def get_entries(request: HttpRequest, shelf_id: Id) -> list[EntryOut]:
    """The owner sees all, a merchant its own."""
    return [EntryOut.of(card) for card in door.shelves.entries(shelf_id)]


@router.post("/shelves/{shelf_id}/entries", auth=right("coupons.edit"), response={201: EntryOut}, summary="报名 Enrol")
def post_entry(request: HttpRequest, shelf_id: Id, body: EnrolIn) -> Status[EntryOut]:
    """A coupon is enrolled once: a repeat answers the first. Refuses C-4104 after the deadline."""
    with transaction():
        return Status(201, EntryOut.of(door.enrol(shelf_id, body.campaign_id, now=clock.now())))


@router.put("/shelves/{shelf_id}/order", auth=right("shelf.manage"), response=list[EntryOut], summary="排序 Order")
def put_order(request: HttpRequest, shelf_id: Id, body: OrderIn) -> list[EntryOut]:
    with transaction():
        return [EntryOut.of(card) for card in door.order_shelf(shelf_id, body.entries)]


@router.post("/entries/{entry_id}/decision", auth=right("shelf.manage"), response=EntryOut, summary="审核 Decide")
def post_decision(request: HttpRequest, entry_id: Id, body: DecideIn) -> EntryOut:
    with transaction():
        return EntryOut.of(door.decide_enrolment(entry_id, accepted=body.accepted, now=clock.now(), note=body.note))
