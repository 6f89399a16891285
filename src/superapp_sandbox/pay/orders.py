"""The life of a payment order: made, waiting for a password, paid, closed, reversed. Both versions share it."""

import hashlib
import json
from datetime import datetime
from typing import Any

from ..clock import CHINA
from ..records import Merchant, Order, PaySheet, User
from ..world import World
from . import money, notify

PREPAY_LIFE_S = 2 * 3600
UNPAID_LIFE_S = 7 * 86400
OPEN = ("NOTPAY", "USERPAYING")
PAID = ("SUCCESS", "REFUND")


def digest(request: Any) -> str:
    """The same request gives the same digest whatever the order of its keys."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def new_transaction_id(world: World) -> str:
    """28 digits: 4200, a batch, the day, a number."""
    day = datetime.fromtimestamp(world.clock.now(), CHINA).strftime("%Y%m%d")
    return "4200" + world.ids.digits(6) + day + world.ids.digits(10)


def renew_prepay(world: World, order: Order) -> None:
    """A fresh prepay id, and for NATIVE a fresh code, for the same order."""
    order.prepay_id = "wx" + world.ids.digits(24) + world.ids.hex(8) + "0000"
    order.prepay_at = world.clock.now()
    if order.kind == "NATIVE":
        order.code_url = f"weixin://wxpay/bizpayurl?pr={world.ids.alnum(9)}"
    world.keep_order(order)


def settle_age(world: World, order: Order) -> Order:
    """Close an order whose time is over; called before each look at it."""
    now = world.clock.now()
    over = (order.expires_at and now > order.expires_at) or now > order.created_at + UNPAID_LIFE_S
    if order.state in OPEN and over:
        _leave_sheet(world, order)
        order.state = "CLOSED"
    return order


def open_sheet(world: World, user: User, order: Order, origin: str) -> PaySheet:
    """Show the payment sheet on a phone; an older sheet of that phone goes away."""
    if origin == "MICROPAY":  # one code, one phone; an order's QR may stand on two phones at once
        _leave_sheet(world, order)
    sheet = PaySheet(user.id, order.transaction_id, world.clock.now(), origin)
    world.pay_sheets[user.id] = sheet
    world.changes.tell("pending", user.id)
    return sheet


def _leave_sheet(world: World, order: Order) -> None:
    for user_id, sheet in list(world.pay_sheets.items()):
        if sheet.transaction_id == order.transaction_id:
            del world.pay_sheets[user_id]
            world.changes.tell("pending", user_id)


def pay(world: World, order: Order, user: User) -> None:
    """Take the money, mark the order paid and tell the merchant. The caller has checked state and balance."""
    money.move(world, user, order, -order.total, "payment")
    order.state, order.user_id, order.paid_at = "SUCCESS", user.id, world.clock.now()
    order.openid = world.openid(order.appid, user.id)
    _leave_sheet(world, order)
    world.changes.tell("order", user.id, transaction_id=order.transaction_id, state=order.state)
    if order.kind != "MICROPAY":  # a scanned payment code has no callback, the till asks
        notify.payment(world, order)


def close(world: World, order: Order) -> None:
    _leave_sheet(world, order)
    order.state = "CLOSED"


def reverse(world: World, order: Order) -> None:
    """Undo a scanned payment: money back when it was paid, and the number is dead either way."""
    rest = order.total - order.refunded
    if order.state in PAID and rest > 0:
        order.refunded = order.total
        money.move(world, world.users[order.user_id], order, rest, "refund")
    _leave_sheet(world, order)
    order.state, order.reversed_at = "REVOKED", world.clock.now()
    world.changes.tell("order", order.user_id, transaction_id=order.transaction_id, state=order.state)


def find(world: World, merchant: Merchant, out_trade_no: str = "", transaction_id: str = "") -> Order | None:
    """The merchant's order by either number (the platform's wins), aged."""
    order = world.orders.get(transaction_id) if transaction_id else world.order_of(merchant.mchid, out_trade_no)
    if order is None or order.mchid != merchant.mchid:
        return None
    return settle_age(world, order)
