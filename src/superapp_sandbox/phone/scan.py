"""What a phone does with a code it scanned."""

from typing import Any
from urllib.parse import quote

from ..account import follow, login
from ..alipay import trades
from ..pay import money, orders
from ..records import AlipayTrade, Json, Order, PaySheet, QrTicket, User
from ..refusals import PhoneRefusal
from ..world import World

_PAY = "weixin://wxpay/bizpayurl?pr="


def scan(world: World, user: User, text: str) -> tuple[Json, follow.Push | None]:
    """Say what kind of code it is and do the phone's part; gives the push to the account, if one was started."""
    ticket = next((t for t in world.qr_tickets.values() if t.url == text), None)
    if ticket is not None:
        return _account_code(world, user, ticket)
    if text.startswith(_PAY):
        return _pay_code(world, user, text), None
    trade = next((t for t in world.alipay_trades.values() if t.qr_code and t.qr_code == text), None)
    if trade is not None:
        return _alipay_code(world, user, trade), None
    session = login.by_code_text(world, text)
    if session is not None:
        login.scanned(world, session, user)
        shown = f"{world.base_url}/connect/confirm?login={session.id}&user={quote(user.id)}"
        return {"kind": "url", "open_url": shown, "login": session.id}, None
    if text.startswith(("http://", "https://")):
        return {"kind": "url", "open_url": text}, None
    return {"kind": "text", "text": text}, None


def _account_code(world: World, user: User, ticket: QrTicket) -> tuple[Json, follow.Push | None]:
    if ticket.expires_at and ticket.expires_at <= world.clock.now():
        raise PhoneRefusal("CODE_EXPIRED", "二维码已过期", "This code has expired.", 410)
    account = world.accounts[ticket.appid]
    was = world.follower(account.appid, user.id).subscribed
    push = follow.scan(world, account, user.id, ticket)
    event = "SCAN" if was else "subscribe"
    return {"kind": "account_qr", "chat": account.appid, "event": event, "scene": ticket.scene}, push


def _pay_code(world: World, user: User, text: str) -> Json:
    order = next((o for o in world.orders.values() if o.code_url == text), None)
    if order is None:
        raise PhoneRefusal("CODE_EXPIRED", "二维码已失效", "This payment code is no longer valid.", 410)
    check_open(world, order)
    sheet = orders.open_sheet(world, user, order, "NATIVE")
    return {"kind": "pay", "pay_sheet": sheet_view(world, sheet)}


def _alipay_code(world: World, user: User, trade: AlipayTrade) -> Json:
    if trade.state != trades.OPEN:
        raise PhoneRefusal("ORDER_CLOSED", "交易已支付或已关闭", "This trade is over.", 409)
    if world.clock.now() > trade.created_at + trades.QR_LIFE_S:
        raise PhoneRefusal("CODE_EXPIRED", "二维码已失效", "This payment code is no longer valid.", 410)
    return {"kind": "pay", "pay_sheet": sheet_view(world, trades.open_sheet(world, user, trade))}


def check_open(world: World, order: Order) -> None:
    """Refuses ORDER_PAID, ORDER_CLOSED and PREPAY_EXPIRED."""
    orders.settle_age(world, order)
    if order.state in orders.PAID:
        raise PhoneRefusal("ORDER_PAID", "订单已支付", "This order has been paid.", 409)
    if order.state not in orders.OPEN:
        raise PhoneRefusal("ORDER_CLOSED", "订单已关闭", "This order is closed.", 409)
    if order.prepay_at and world.clock.now() > order.prepay_at + orders.PREPAY_LIFE_S:
        raise PhoneRefusal("PREPAY_EXPIRED", "支付会话已过期", "The prepay id or code is older than two hours.", 410)


def sheet_view(world: World, sheet: PaySheet) -> dict[str, Any]:
    if sheet.origin == "ALIPAY":
        return _trade_view(world, sheet)
    order = world.orders[sheet.transaction_id]
    return {
        "order": order.out_trade_no,
        "transaction_id": order.transaction_id,
        "title": order.description,
        "amount_fen": order.total,
        "amount": money.yuan(order.total),
        "merchant": world.merchants[order.mchid].name,
        "mchid": order.mchid,
        "origin": sheet.origin,
        "opened_at": sheet.opened_at,
    }


def _trade_view(world: World, sheet: PaySheet) -> dict[str, Any]:
    trade = world.alipay_trades[sheet.transaction_id]
    return {
        "order": trade.out_trade_no,
        "transaction_id": trade.trade_no,
        "title": trade.subject,
        "amount_fen": trade.total,
        "amount": money.yuan(trade.total),
        "merchant": world.alipay_apps[trade.app_id].name,
        "mchid": trade.app_id,
        "origin": sheet.origin,
        "opened_at": sheet.opened_at,
    }
