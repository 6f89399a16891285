"""The till over HTTP: for tills of other makers, for our own page's offline queue, for a manager's tools.

By a device token or a staff session; everything stays behind the wall of the store. What makes something takes an
`Idempotency-Key`: a repeat answers the first result. Refusals are `{code, name, message, message_en, data}`.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Header, Path, Router, Schema, Status

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard, LineDraft
from shangquan.district import door as district
from shangquan.identity.api import right
from shangquan.kernel import clock, scope
from shangquan.kernel.idempotency import fingerprint, once
from shangquan.kernel.transactions import transaction
from shangquan.pos.access import till_for
from shangquan.pos.actions import pay, ring
from shangquan.pos.actions.check_off import check_off
from shangquan.pos.actions.commission import set_commission
from shangquan.pos.actions.offline import Ticket, upload
from shangquan.pos.actions.print_receipt import reprint
from shangquan.pos.actions.refund import bill_here, refund
from shangquan.pos.actions.scan import scan
from shangquan.pos.actions.shifts import close_shift, open_shift
from shangquan.pos.actions.tills import add_till, set_quick_keys
from shangquan.pos.contracts import Part, ShiftCard, TicketAnswer, TillCard
from shangquan.pos.models import Shift
from shangquan.pos.queries.cards import shift_card, till_card
from shangquan.pos.queries.desk import desk
from shangquan.pos.queries.lists import commissions, receipt, tills_of_actor

router = Router(tags=["pos"])

_PLAIN = r"^[^\x00]*$"  # what PostgreSQL can keep
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=80, pattern=_PLAIN)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
PathId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Number = Annotated[str, Path(max_length=32, pattern=r"^[0-9A-Z]+$")]
Text = Annotated[str, Field(max_length=120, pattern=_PLAIN)]
_MOST_FEN = 10**9


class TillIn(Schema):
    store_id: Id
    name: str = Field(min_length=1, max_length=20, pattern=_PLAIN)
    paper: int = Field(32, description="小票纸宽：32 列（58 mm）或 48 列（80 mm）")


class TillOut(Schema):
    id: int
    store_id: int
    merchant_id: int
    name: str
    is_active: bool
    paper: int


class KeysIn(Schema):
    store_id: Id
    product_ids: list[Id] = Field(max_length=24)


class OpenShiftIn(Schema):
    opening_cash_fen: int = Field(ge=0, le=_MOST_FEN)


class CloseShiftIn(Schema):
    counted: dict[str, int] = Field(description='按收款方式点到的金额（分），如 {"cash": 23500}')
    note: str = Field("", max_length=200, pattern=_PLAIN)


class TotalOut(Schema):
    channel: str
    sales: int
    sales_fen: int
    returns: int
    returns_fen: int
    expected_fen: int
    counted_fen: int | None
    difference_fen: int | None


class ShiftOut(Schema):
    id: int
    till_id: int
    opened_by: int
    opened_name: str
    opening_cash_fen: int
    opened_at: datetime
    closed_at: datetime | None
    closed_name: str
    totals: list[TotalOut]


class ScanIn(Schema):
    text: str = Field(min_length=1, max_length=512, pattern=_PLAIN, description="扫到或输入的任何内容")
    expected_fen: int | None = Field(None, ge=0, description="扫付款码时：顾客看到的应收，变了就拒绝")


class ScanOut(Schema):
    did: str
    message: str
    message_en: str
    desk: dict[str, Any]


class PayIn(Schema):
    channel: str = Field(pattern="^(cash|wechat_code|wechat_native)$")
    auth_code: str = Field("", max_length=32, pattern=_PLAIN)
    received_fen: int | None = Field(None, ge=0, le=_MOST_FEN)
    expected_fen: int | None = Field(None, ge=0, le=_MOST_FEN)


class RefundIn(Schema):
    bill_number: str = Field(max_length=32, pattern=_PLAIN)
    lines: dict[int, int] | None = Field(None, description="行号: 件数；不写就是全退")
    reason: str = Field("", max_length=80, pattern=_PLAIN)


class RefundOut(Schema):
    id: int
    number: str
    refund_fen: int
    points_back: int
    points_taken: int
    coupons_back: list[int]
    is_whole: bool


class CheckOffIn(Schema):
    code: str = Field(min_length=1, max_length=40, pattern=_PLAIN)
    spend_fen: int = Field(0, ge=0, le=_MOST_FEN)


class PieceOut(Schema):
    piece_id: int
    code: str
    state: str
    title: str
    used_at: datetime | None
    used_by: str


class TicketLineIn(Schema):
    product_id: Id | None = None
    quantity: int = Field(1, ge=1, le=100_000)
    unit_fen: int | None = Field(None, ge=0, le=_MOST_FEN)
    title: Text = ""
    amount_fen: int | None = Field(None, ge=1, le=_MOST_FEN)


class TicketIn(Schema):
    seq: int = Field(ge=1, le=2**53, description="收银台自己的编号，每台从 1 起")
    sold_at: datetime
    total_fen: int = Field(ge=0, le=_MOST_FEN)
    lines: list[TicketLineIn] = Field(min_length=1, max_length=200)
    card_no: str = Field("", max_length=32, pattern=_PLAIN)
    coupons: list[str] = Field([], max_length=10)
    points: int = Field(0, ge=0)
    channel: str = Field("cash", max_length=20, pattern=_PLAIN)


class TicketsIn(Schema):
    till_id: Id
    tickets: list[TicketIn] = Field(min_length=1, max_length=200)


class TicketOut(Schema):
    seq: int
    state: str
    bill_number: str
    code: str
    zh: str
    en: str


class ReceiptOut(Schema):
    id: int
    copy_no: int
    columns: int
    printed_at: datetime


class CommissionIn(Schema):
    merchant_id: Id
    part: Part
    rate_bp: int = Field(ge=0, le=10_000)
    starts_at: datetime | None = None


class CommissionOut(Schema):
    bill_id: int
    refund_id: int | None
    staff_id: int
    part: Part
    amount_fen: int
    at: datetime


@router.get("/tills", auth=right("till.use"), response=list[TillOut], summary="我能用的收银台 Tills")
def get_tills(request: HttpRequest) -> list[TillCard]:
    return [till_card(row) for row in tills_of_actor()]


@router.post("/tills", auth=right("till.setup"), response={201: TillOut}, summary="加收银台 Add a till")
def post_till(request: HttpRequest, body: TillIn) -> Status[TillCard]:
    """Refuses D-4042, T-4096."""
    with transaction():
        return Status(201, add_till(store_id=body.store_id, name=body.name, paper=body.paper))


@router.post("/quick-keys", auth=right("till.setup"), response={204: None}, summary="设快捷键 Set the quick keys")
def post_keys(request: HttpRequest, body: KeysIn) -> Status[None]:
    with transaction():
        set_quick_keys(store_id=body.store_id, product_ids=body.product_ids)
    return Status(204, None)


@router.get("/tills/{till_id}/desk", auth=right("till.use"), response=dict[str, Any], summary="收银台现况 The till now")
def get_desk(request: HttpRequest, till_id: PathId) -> dict[str, Any]:
    return _desk(till_id)


@router.post("/tills/{till_id}/shifts", auth=right("till.shift"), response=ShiftOut, summary="开班 Open a shift")
def post_shift(request: HttpRequest, till_id: PathId, body: OpenShiftIn) -> ShiftCard:
    """The same clerk gets the open shift again. Refuses T-4092."""
    with transaction():
        return open_shift(till_id=till_id, opening_cash_fen=body.opening_cash_fen, now=clock.now())


@router.get("/tills/{till_id}/shifts", auth=right("till.shift"), response=list[ShiftOut], summary="班次 Shifts")
def get_shifts(request: HttpRequest, till_id: PathId) -> list[ShiftCard]:
    till = till_for("till.shift", till_id)
    return [shift_card(row) for row in Shift.rows().filter(till=till).order_by("-id")[:20]]


@router.post(
    "/tills/{till_id}/shifts/close", auth=right("till.shift"), response=ShiftOut, summary="交班 Close the shift"
)
def post_close(request: HttpRequest, till_id: PathId, body: CloseShiftIn) -> ShiftCard:
    """Refuses T-4091, T-4093."""
    with transaction():
        return close_shift(till_id=till_id, counted=body.counted, note=body.note, now=clock.now())


@router.post("/tills/{till_id}/scan", auth=right("till.use"), response=ScanOut, summary="扫码 Scan")
def post_scan(request: HttpRequest, till_id: PathId, body: ScanIn, key: Key) -> dict[str, Any]:
    """Goods, member, coupon, amount, payment code. Refuses T-4042 for what is not known."""
    till = till_for("till.use", till_id)

    def work() -> dict[str, Any]:
        return asdict(scan(till_id=till.id, text=body.text, now=clock.now()))

    with transaction():
        done = once(key=key, request=fingerprint("scan", till.id, body.dict()), run=work)
    if done["did"] == "pay":
        pay.pay_by_code(
            till_id=till.id,
            auth_code=done["data"]["auth_code"],
            provider=done["data"]["channel"],
            expected_fen=body.expected_fen,
            now=clock.now(),
        )
    return {"did": done["did"], "message": done["zh"], "message_en": done["en"], "desk": _desk(till.id)}


@router.post("/tills/{till_id}/pay", auth=right("till.use"), response=dict[str, Any], summary="收款 Take the payment")
def post_pay(request: HttpRequest, till_id: PathId, body: PayIn) -> dict[str, Any]:
    """A repeat while the sale is being paid charges nothing again. Refuses T-4098, T-4001, B-4093, P-4003, P-4031."""
    if body.channel == "cash":
        pay.pay_cash(till_id=till_id, received_fen=body.received_fen, expected_fen=body.expected_fen, now=clock.now())
    elif body.channel == "wechat_code":
        pay.pay_by_code(till_id=till_id, auth_code=body.auth_code, expected_fen=body.expected_fen, now=clock.now())
    else:
        pay.show_code(till_id=till_id, expected_fen=body.expected_fen, now=clock.now())
    return _desk(till_id)


@router.post("/tills/{till_id}/pay/look", auth=right("till.use"), response=dict[str, Any], summary="查结果 Ask again")
def post_look(request: HttpRequest, till_id: PathId) -> dict[str, Any]:
    pay.look(till_id=till_id, now=clock.now())
    return _desk(till_id)


@router.post("/tills/{till_id}/pay/stop", auth=right("till.use"), response=dict[str, Any], summary="停止收款 Stop")
def post_stop(request: HttpRequest, till_id: PathId) -> dict[str, Any]:
    """The sale is open again, or paid when the customer was faster."""
    pay.stop(till_id=till_id, now=clock.now())
    return _desk(till_id)


@router.post("/tills/{till_id}/next", auth=right("till.use"), response=dict[str, Any], summary="下一位 Next customer")
def post_next(request: HttpRequest, till_id: PathId) -> dict[str, Any]:
    till = till_for("till.use", till_id)
    with transaction():
        ring.finish(till_id=till.id, now=clock.now())
    return _desk(till.id)


@router.post("/tills/{till_id}/refunds", auth=right("till.refund"), response={201: RefundOut}, summary="退货 Return")
def post_refund(request: HttpRequest, till_id: PathId, body: RefundIn, key: Key) -> Status[Any]:
    """Refuses B-4041 for another store's bill, B-4094, B-4095, B-4097, T-4091."""
    who = scope.actor()
    with transaction():
        done = refund(
            till_id=till_id,
            bill_number=body.bill_number,
            lines=body.lines,
            reason=body.reason,
            client_key=fingerprint("till", who.kind, who.id, key),
            now=clock.now(),
        )
    return Status(201, done)


@router.post("/tills/{till_id}/check-off", auth=right("coupons.redeem"), response=PieceOut, summary="核销券 Check off")
def post_check_off(request: HttpRequest, till_id: PathId, body: CheckOffIn, key: Key) -> PieceOut:
    """Once; a repeat with the same key answers the first result. Every wrong coupon has its own refusal (C-…)."""
    who = scope.actor()
    with transaction():
        piece = check_off(
            till_id=till_id,
            code=body.code,
            key=fingerprint(who.kind, who.id, key)[:60],
            spend_fen=body.spend_fen,
            now=clock.now(),
        )
    return PieceOut(
        piece_id=piece.id,
        code=piece.code,
        state=piece.state.value,
        title=piece.terms.title_zh,
        used_at=piece.used_at,
        used_by=piece.used_by,
    )


@router.post("/tills/{till_id}/print/{number}", auth=right("till.use"), response=ReceiptOut, summary="补打小票 Reprint")
def post_print(request: HttpRequest, till_id: PathId, number: Number) -> Any:
    """Marked 副本 / COPY unless it is the first print. Refuses B-4041 for a bill that is not of the store, or not paid."""
    till = till_for("till.use", till_id)
    bill = bill_here(till, number)
    checkout.paid_bill(bill.id)
    with transaction():
        return reprint(till_id=till.id, bill_id=bill.id, now=clock.now())


@router.get(
    "/tills/{till_id}/receipts/{receipt_id}", auth=right("till.use"), response=bytes, summary="小票字节 Receipt bytes"
)
def get_receipt(request: HttpRequest, till_id: PathId, receipt_id: PathId) -> HttpResponse:
    """ESC/POS bytes for the printer. Refuses T-4044."""
    till = till_for("till.use", till_id)
    card = receipt(receipt_id, store_id=till.store_id)
    return HttpResponse(card.content, content_type="application/octet-stream")


@router.post("/tickets", auth=right("till.use"), response=list[TicketOut], summary="上传离线单 Upload offline tickets")
def post_tickets(request: HttpRequest, body: TicketsIn) -> list[TicketAnswer]:
    """In the order of their numbers, each once; a repeat is answered with the first result."""
    tickets = [
        Ticket(
            seq=each.seq,
            sold_at=each.sold_at,
            total_fen=each.total_fen,
            lines=tuple(LineDraft(**line.dict()) for line in each.lines),
            card_no=each.card_no,
            coupons=tuple(each.coupons),
            points=each.points,
            channel=each.channel,
        )
        for each in body.tickets
    ]
    return upload(till_id=body.till_id, tickets=tickets, now=clock.now())


@router.post("/commission-rules", auth=right("till.setup"), response={204: None}, summary="定提成 Set a commission")
def post_commission(request: HttpRequest, body: CommissionIn) -> Status[None]:
    """From `starts_at` on; what was sold before keeps its rate."""
    now = clock.now()
    with transaction():
        set_commission(
            merchant_id=body.merchant_id, part=body.part, rate_bp=body.rate_bp, starts_at=body.starts_at or now, now=now
        )
    return Status(204, None)


@router.get(
    "/bills/{number}/commissions", auth=right("orders.read"), response=list[CommissionOut], summary="提成 Commissions"
)
def get_commissions(request: HttpRequest, number: Number) -> Any:
    bill = checkout.bill_by_number(number)
    scope.require("orders.read", merchant_id=bill.merchant_id, store_id=bill.store_id)
    return commissions(bill_id=bill.id)


def _desk(till_id: int) -> dict[str, Any]:
    till = till_for("till.use", till_id)
    there = desk(till)
    store = district.store(till.store_id)
    return {
        "till": asdict(there.till),
        "store": {"id": store.id, "merchant": store.merchant, "unit": store.unit},
        "shift_id": there.shift.id if there.shift is not None else None,
        "phase": there.phase,
        "bill": _bill(there.bill),
        "quote": dict(there.quote),
        "member": None
        if there.member is None
        else {
            "id": there.member.id,
            "name": there.member.name_masked,
            "tier": there.member.tier,
            "points": there.balance.available if there.balance is not None else 0,
        },
        "payment": None if there.intent is None else {"number": there.intent.number, "state": there.intent.state.value},
        "receipt_id": there.receipt.id if there.receipt is not None else None,
        "parked": there.parked,
    }


def _bill(bill: BillCard | None) -> dict[str, Any] | None:
    if bill is None:
        return None
    return {
        "number": bill.number,
        "state": bill.state.value,
        "list_fen": bill.list_fen,
        "saved_fen": bill.saved_fen,
        "payable_fen": bill.payable_fen,
        "points_to_earn": bill.points_to_earn,
        "lines": [asdict(line) for line in bill.lines],
    }
