"""The life of an Alipay trade: paid by a scanned code or a shown code, asked for, refunded, cancelled, closed."""

import re
from typing import Any
from urllib.parse import urlencode

from ..clock import spaced
from ..deliver import Attempt, Job
from ..pay import money
from ..records import AlipayApp, AlipayTrade, Json, PaySheet, User
from ..world import World
from .sign import notice_signature

NOTIFY_SCHEDULE_S = (240, 600, 600, 3600, 7200, 21600, 54000)
QR_LIFE_S = 2 * 3600
OPEN, DONE = "WAIT_BUYER_PAY", ("TRADE_SUCCESS", "TRADE_FINISHED")
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


class Refusal(Exception):
    """``code`` of the gateway with ``sub_code``."""

    def __init__(self, sub_code: str, words: str, code: str = "40004") -> None:
        super().__init__(words)
        self.sub_code, self.words, self.code = sub_code, words, code


def fen(text: object, name: str) -> int:
    """Fen of a decimal string in yuan. Refuses what is no amount of at least 0.01."""
    given = str(text or "")
    if not _AMOUNT.fullmatch(given):
        raise Refusal("ACQ.INVALID_PARAMETER", f"{name} must be yuan with at most two decimals", "40004")
    whole, _, part = given.partition(".")
    amount = int(whole) * 100 + int((part + "00")[:2])
    if amount < 1:
        raise Refusal("ACQ.INVALID_PARAMETER", f"{name} must be at least 0.01")
    return amount


def buyer_id(world: World, user_id: str) -> str:
    return "2088" + f"{int(user_id[1:]):012d}"


def find(world: World, app: AlipayApp, biz: Json) -> AlipayTrade:
    """By ``trade_no`` (it wins) or ``out_trade_no``. Refuses ACQ.TRADE_NOT_EXIST; a code nobody scanned is no trade."""
    trade = world.alipay_trades.get(str(biz.get("trade_no") or "")) or by_number(world, app, biz.get("out_trade_no"))
    if trade is None or trade.app_id != app.app_id or not trade.exists:
        raise Refusal("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return trade


def by_number(world: World, app: AlipayApp, number: object) -> AlipayTrade | None:
    mine = (t for t in world.alipay_trades.values() if t.app_id == app.app_id)
    return next((t for t in mine if t.out_trade_no == number), None)


def open_sheet(world: World, user: User, trade: AlipayTrade) -> PaySheet:
    """The trade comes into being for this person, and the phone asks for the password."""
    trade.exists, trade.user_id = True, user.id
    sheet = PaySheet(user.id, trade.trade_no, world.clock.now(), "ALIPAY")
    world.pay_sheets[user.id] = sheet
    world.changes.tell("pending", user.id)
    return sheet


def leave_sheet(world: World, trade: AlipayTrade) -> None:
    for user_id, sheet in list(world.pay_sheets.items()):
        if sheet.transaction_id == trade.trade_no:
            del world.pay_sheets[user_id]
            world.changes.tell("pending", user_id)


def pay(world: World, trade: AlipayTrade, user: User) -> None:
    """Take the money and tell the seller. The caller has checked state and balance."""
    leave_sheet(world, trade)
    trade.exists, trade.state, trade.user_id, trade.paid_at = True, "TRADE_SUCCESS", user.id, world.clock.now()
    money.book(world, user, -trade.total, "payment", trade.subject, trade.trade_no, "支付宝付款成功")
    tell(world, trade)


def close(world: World, trade: AlipayTrade) -> None:
    leave_sheet(world, trade)
    trade.state, trade.closed_at = "TRADE_CLOSED", world.clock.now()


def give_back(world: World, trade: AlipayTrade, amount: int) -> None:
    """Money back; with the whole amount back the trade is closed."""
    trade.refunded += amount
    if trade.refunded == trade.total:
        close(world, trade)
    money.book(world, world.users[trade.user_id], amount, "refund", trade.subject, trade.trade_no, "支付宝退款到账")


def tell(world: World, trade: AlipayTrade) -> None:
    """The form-encoded notice, until the answer is ``success``."""
    if not trade.notify_url or world.faults.take("notify_drop"):
        return
    app = world.alipay_apps[trade.app_id]
    fields: dict[str, str] = {
        "notify_time": spaced(world.clock.now()),
        "notify_type": "trade_status_sync",
        "notify_id": world.ids.hex(34),
        "app_id": app.app_id,
        "auth_app_id": app.app_id,
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "trade_status": trade.state,
        "total_amount": money.yuan(trade.total),
        "receipt_amount": money.yuan(trade.total),
        "buyer_pay_amount": money.yuan(trade.total),
        "seller_id": app.seller_id,
        "buyer_id": buyer_id(world, trade.user_id),
        "subject": trade.subject,
        "gmt_create": spaced(trade.created_at),
        "gmt_payment": spaced(trade.paid_at),
    }
    fields["sign"] = notice_signature(app.alipay_private_key_pem, fields)
    body = urlencode(fields)
    spoiled = (
        [urlencode(fields | {"sign": "A" + fields["sign"][1:]})] if world.faults.take("notify_bad_signature") else []
    )

    def make() -> Attempt:
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Attempt(headers, spoiled.pop() if spoiled else body)

    world.deliver.start(
        Job(
            id=world.ids.number(),
            title="alipay trade_status_sync",
            group=app.app_id,
            url=trade.notify_url,
            make=make,
            schedule=NOTIFY_SCHEDULE_S,
            first_wait_s=world.faults.seconds("notify_delay_s"),
            repeats=int(world.faults.take("notify_repeat") or 0),
            accepts=lambda status, text: status == 200 and text.strip() == "success",
        )
    )


def shown(world: World, trade: AlipayTrade) -> dict[str, Any]:
    """The fields that pay and query share."""
    made: dict[str, Any] = {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_user_id": buyer_id(world, trade.user_id),
        "buyer_logon_id": "186****0001",
        "total_amount": money.yuan(trade.total),
    }
    if trade.paid_at:
        made |= {
            "receipt_amount": money.yuan(trade.total),
            "buyer_pay_amount": money.yuan(trade.total),
            "fund_bill_list": [{"amount": money.yuan(trade.total), "fund_channel": "ALIPAYACCOUNT"}],
            "gmt_payment": spaced(trade.paid_at),
        }
    return made
