"""Bills over HTTP, for tills of other makers and for the member's own phone.

Writes take an `Idempotency-Key` where they make something: it is the bill's or the return's own name, so a repeat
answers the first. Refusals are `{code, name, message, message_en, data}`.
"""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Header, Path, Query, Router, Schema, Status

from shangquan.checkout import door
from shangquan.checkout.access import bill_for, own_bill
from shangquan.checkout.contracts import BillCard, BillKind, BillState, Choice, LineDraft, RefundCard
from shangquan.checkout.queries.cards import quote_json
from shangquan.district import door as district
from shangquan.identity.api import member_auth, right
from shangquan.kernel import clock, scope
from shangquan.kernel.idempotency import fingerprint
from shangquan.kernel.transactions import transaction
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel, IntentCard

router = Router(tags=["checkout"])

_PLAIN = r"^[^\x00]*$"  # what PostgreSQL can keep
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=80, pattern=_PLAIN)]
Number = Annotated[str, Path(max_length=32, pattern=r"^[0-9A-Z]+$")]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
_MOST_FEN = 10**9


class LineIn(Schema):
    product_id: Id | None = None
    quantity: int = Field(1, ge=1, le=100_000)
    unit_fen: int | None = Field(None, ge=0, le=_MOST_FEN, description="改价；不写就是商品的标价")
    title: str = Field("", max_length=120, pattern=_PLAIN)
    amount_fen: int | None = Field(None, ge=1, le=_MOST_FEN, description="只输金额的一行，不带商品")


class ChoiceIn(Schema):
    forced: list[Id] = Field([], max_length=50, description="要用的券")
    excluded: list[Id] = Field([], max_length=200, description="不用的券")
    only_forced: bool = False
    use_points: bool = True
    points_wanted: int | None = Field(None, ge=0, le=2**53)


class BillIn(Schema):
    kind: BillKind = BillKind.TILL
    store_id: Id
    lines: list[LineIn] = Field(min_length=1, max_length=200)
    member_id: Id | None = None
    referrer_id: Id | None = None
    choice: ChoiceIn | None = None


class RepriceIn(Schema):
    lines: list[LineIn] | None = Field(None, min_length=1, max_length=200)
    member_id: Id | None = None
    is_guest: bool = Field(False, description="去掉会员")
    choice: ChoiceIn | None = None


class HoldIn(Schema):
    channel: Channel
    expected_fen: int = Field(ge=0, description="顾客看到的应收；变了就拒绝，不会多收")
    payer_openid: str | None = Field(None, max_length=64, pattern=_PLAIN)
    auth_code: str = Field("", max_length=32, pattern=_PLAIN, description="顾客的付款码；带上就马上收款")


class ReturnIn(Schema):
    lines: dict[int, int] | None = Field(None, description="行号: 件数（只输金额的行是分）；不写就是全退")
    reason: str = Field(min_length=1, max_length=80, pattern=_PLAIN)


class LineOut(Schema):
    line_no: int
    product_id: int | None
    title: str
    quantity: int
    unit_fen: int
    list_fen: int
    paid_fen: int
    returned: int
    by_amount: bool


class BillOut(Schema):
    id: int
    number: str
    kind: BillKind
    state: BillState
    merchant_id: int
    store_id: int
    member_id: int | None
    list_fen: int
    saved_fen: int
    prepaid_fen: int
    payable_fen: int
    refunded_fen: int
    points_used: int
    points_to_earn: int
    channel: str
    opened_at: datetime
    hold_until: datetime | None
    paid_at: datetime | None
    lines: list[LineOut]


class PricedOut(Schema):
    bill: BillOut
    quote: dict[str, Any] = Field(description="抵扣、没用上的原因、凑单")


class PaymentOut(Schema):
    id: int
    number: str
    amount_fen: int
    channel: Channel
    state: str


class HeldOut(Schema):
    bill: BillOut
    payment: PaymentOut | None = Field(description="没有要付的金额时为空，账单已经结清")


class RefundLineOut(Schema):
    line_no: int
    title: str
    quantity: int
    paid_fen: int


class RefundOut(Schema):
    id: int
    number: str
    list_fen: int
    refund_fen: int
    points_back: int
    points_taken: int
    coupons_back: list[int]
    is_whole: bool
    reason: str
    asked_at: datetime
    done_at: datetime | None
    lines: list[RefundLineOut]


class BillsQuery(Schema):
    store_id: Id
    state: BillState | None = None
    before: Id | None = None
    limit: int = Field(50, ge=1, le=200)


class PageQuery(Schema):
    before: Id | None = None
    limit: int = Field(20, ge=1, le=100)


@router.post("/bills", auth=right("till.use"), response={201: PricedOut}, summary="开单 Open a bill")
def post_bill(request: HttpRequest, body: BillIn, key: Key) -> Status[PricedOut]:
    """Prices it with the best combination. Refuses B-4001, B-4002, B-4091, D-4042, D-4095."""
    store = district.store(body.store_id)
    who = scope.require("till.use", merchant_id=store.merchant_id, store_id=store.id)
    with transaction():
        card = door.open_bill(
            kind=body.kind,
            store_id=store.id,
            lines=_drafts(body.lines),
            member_id=body.member_id,
            staff_id=who.id if who.kind == "staff" else None,
            referrer_id=body.referrer_id,
            client_key=fingerprint("api", who.kind, who.id, key),
            now=clock.now(),
            choice=_choice(body.choice),
        )
    return Status(201, _priced(card))


@router.get("/bills", auth=right("orders.read"), response=list[BillOut], summary="账单列表 Bills of a store")
def get_bills(request: HttpRequest, query: Query[BillsQuery]) -> list[BillCard]:
    """Newest first; `before` is the last id of the page above."""
    store = district.store(query.store_id)
    scope.require("orders.read", merchant_id=store.merchant_id, store_id=store.id)
    states = () if query.state is None else (query.state,)
    return door.bills_of_store(store.id, states=states, before=query.before, limit=query.limit)


@router.get("/bills/{number}", auth=right("orders.read"), response=PricedOut, summary="一张账单 A bill")
def get_bill(request: HttpRequest, number: Number) -> PricedOut:
    return _priced(door.bill(bill_for("orders.read", number=number).id))


@router.post("/bills/{number}/reprice", auth=right("till.use"), response=PricedOut, summary="改单 Change a bill")
def post_reprice(request: HttpRequest, number: Number, body: RepriceIn) -> PricedOut:
    """Other lines, another member or another combination; what is not given stays. Refuses B-4092, B-4096."""
    row = bill_for("till.use", number=number)
    member = None if body.is_guest else body.member_id if body.member_id is not None else door.KEEP
    with transaction():
        card = door.reprice(
            bill_id=row.id,
            now=clock.now(),
            lines=None if body.lines is None else _drafts(body.lines),
            member_id=member,
            choice=_choice(body.choice),
        )
    return _priced(card)


@router.get("/bills/{number}/others", auth=right("till.use"), response=list[dict[str, Any]], summary="换组合 Others")
def get_others(request: HttpRequest, number: Number) -> list[dict[str, Any]]:
    """The best combination and up to three others, best first."""
    row = bill_for("till.use", number=number)
    return [quote_json(quote) for quote in door.other_quotes(row.id, now=clock.now())]


@router.post("/bills/{number}/hold", auth=right("till.use"), response=HeldOut, summary="收款 Take the payment")
def post_hold(request: HttpRequest, number: Number, body: HoldIn) -> HeldOut:
    """Sets coupons and points aside and opens the payment; with `auth_code`, or for cash, charges at once.

    A repeat answers the same payment and never charges twice. Refuses B-4092, B-4093 (the amount changed), B-4096.
    """
    row = bill_for("till.use", number=number)
    now = clock.now()
    with transaction():
        card, intent = door.hold(
            bill_id=row.id,
            channel=body.channel,
            now=now,
            payer_openid=body.payer_openid,
            expected_fen=body.expected_fen,
        )
    if intent is not None and (body.auth_code or body.channel is Channel.CASH):
        intent = payments.charge(intent_id=intent.id, auth_code=body.auth_code, now=clock.now())
        card = door.bill(row.id)
    return HeldOut(bill=BillOut.from_orm(card), payment=_payment(intent))


@router.post("/bills/{number}/stop", auth=right("till.use"), response=BillOut, summary="停止收款 Stop the payment")
def post_stop(request: HttpRequest, number: Number) -> BillCard:
    """The bill is open again, or paid when the payer was faster."""
    return door.stop_payment(bill_id=bill_for("till.use", number=number).id, now=clock.now())


@router.post("/bills/{number}/cancel", auth=right("till.use"), response=BillOut, summary="取消 Cancel")
def post_cancel(request: HttpRequest, number: Number) -> BillCard:
    """Refuses B-4096 while it is being paid, B-4092 once it is paid."""
    row = bill_for("till.use", number=number)
    with transaction():
        return door.cancel(bill_id=row.id, now=clock.now())


@router.post("/bills/{number}/refunds", auth=right("till.refund"), response={201: RefundOut}, summary="退货 Return")
def post_refund(request: HttpRequest, number: Number, body: ReturnIn, key: Key) -> Status[RefundCard]:
    """Money, points and coupons unwind together. Refuses B-4091, B-4094, B-4095, B-4097."""
    row = bill_for("till.refund", number=number)
    who = scope.actor()
    with transaction():
        card = door.refund(
            bill_id=row.id,
            lines=body.lines,
            reason=body.reason,
            client_key=fingerprint("api", who.kind, who.id, key),
            staff_id=who.id if who.kind == "staff" else None,
            now=clock.now(),
        )
    return Status(201, card)


@router.get("/bills/{number}/refunds", auth=right("orders.read"), response=list[RefundOut], summary="退货记录 Returns")
def get_refunds(request: HttpRequest, number: Number) -> list[RefundCard]:
    return door.refunds_of(bill_for("orders.read", number=number).id)


@router.get("/mine", auth=member_auth, response=list[BillOut], summary="我的消费 My bills")
def get_mine(request: HttpRequest, query: Query[PageQuery]) -> list[BillCard]:
    """What the member has paid, newest first."""
    return door.bills_of_member(scope.actor().id, before=query.before, limit=query.limit)


@router.get("/mine/{number}", auth=member_auth, response=PricedOut, summary="我的一张账单 One of my bills")
def get_one_of_mine(request: HttpRequest, number: Number) -> PricedOut:
    """Refuses B-4041 for everybody else's."""
    return _priced(door.bill(own_bill(number=number).id))


def _drafts(lines: list[LineIn]) -> list[LineDraft]:
    return [LineDraft(**line.dict()) for line in lines]


def _choice(asked: ChoiceIn | None) -> Choice | None:
    if asked is None:
        return None
    return Choice(
        forced=tuple(asked.forced),
        excluded=frozenset(asked.excluded),
        only_forced=asked.only_forced,
        use_points=asked.use_points,
        points_wanted=asked.points_wanted,
    )


def _priced(card: BillCard) -> PricedOut:
    return PricedOut(bill=BillOut.from_orm(card), quote=door.shown_quote(card.id))


def _payment(intent: IntentCard | None) -> PaymentOut | None:
    if intent is None:
        return None
    return PaymentOut(
        id=intent.id,
        number=intent.number,
        amount_fen=intent.amount_fen,
        channel=intent.channel,
        state=intent.state.value,
    )
