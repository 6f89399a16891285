"""The payment sheet: opened by a page, answered by a password or a cancel."""

import time

from ..alipay import trades
from ..calls import explain
from ..pay import money, orders, sign
from ..records import Json, Merchant, Order, PaySheet, User
from ..refusals import PhoneRefusal
from ..world import World
from . import scan

MOST_WRONG = 5
WEAK_NETWORK_S = 3.0
_CLOCK_WINDOW_S = 2 * 3600


def open_from_page(world: World, user: User, asked: Json) -> Json:
    """``getBrandWCPayRequest``: check the page's signature and open the sheet.

    Refuses PREPAY_UNKNOWN, APPID_WRONG, SIGN_WRONG, PAYER_WRONG and what ``check_open`` refuses.
    """
    package = str(asked.get("package", ""))
    order = world.order_by_prepay(package.removeprefix("prepay_id=")) if package.startswith("prepay_id=") else None
    if order is None or order.kind != "JSAPI":
        raise PhoneRefusal("PREPAY_UNKNOWN", "调用支付JSAPI缺少参数：prepay_id无效", "The prepay_id is unknown.")
    if str(asked.get("appId", "")) != order.appid:
        raise PhoneRefusal("APPID_WRONG", "appid与下单时不一致", "appId is not the one of the order.")
    if asked.get("signType") != "RSA":
        raise PhoneRefusal("SIGN_TYPE_WRONG", "签名方式应为RSA", "signType must be RSA.")
    _check_page_signature(world.merchants[order.mchid], order, asked)
    if world.openid(order.appid, user.id) != order.openid:
        raise PhoneRefusal("PAYER_WRONG", "下单账号与支付账号不一致", "The order was made for another openid.")
    scan.check_open(world, order)
    sheet = orders.open_sheet(world, user, order, "JSAPI")
    return {"ok": True, "pay_sheet": scan.sheet_view(world, sheet)}


def open_from_app(world: World, user: User, asked: Json) -> Json:
    """The payment kit in the owner's own app: check its seven parameters and open the sheet.

    Refuses PREPAY_UNKNOWN, APPID_WRONG, MCHID_WRONG, PACKAGE_WRONG, SIGN_WRONG and what ``check_open`` refuses.
    """
    prepay_id = str(asked.get("prepayid", ""))
    order = world.order_by_prepay(prepay_id)
    if order is None or order.kind != "APP":
        raise PhoneRefusal("PREPAY_UNKNOWN", "prepayid无效", "The prepayid is unknown.")
    if str(asked.get("appid", "")) != order.appid:
        raise PhoneRefusal("APPID_WRONG", "appid与下单时不一致", "appid is not the one of the order.")
    if str(asked.get("partnerid", "")) != order.mchid:
        raise PhoneRefusal("MCHID_WRONG", "partnerid与下单时不一致", "partnerid is not the merchant of the order.")
    if asked.get("package") != "Sign=WXPay":
        raise PhoneRefusal("PACKAGE_WRONG", "package应为Sign=WXPay", "package must be Sign=WXPay.")
    stamp, nonce = str(asked.get("timestamp", "")), str(asked.get("noncestr", ""))
    text = sign.page_pay_text(order.appid, stamp, nonce, prepay_id)
    if not sign.is_signed(world.merchants[order.mchid].certificate_pem, text, str(asked.get("sign", ""))):
        raise PhoneRefusal("SIGN_WRONG", "支付验证签名失败", "sign does not fit appid, timestamp, noncestr, prepayid.")
    scan.check_open(world, order)
    return {"ok": True, "pay_sheet": scan.sheet_view(world, orders.open_sheet(world, user, order, "APP"))}


def _check_page_signature(merchant: Merchant, order: Order, asked: Json) -> None:
    stamp, nonce = str(asked.get("timeStamp", "")), str(asked.get("nonceStr", ""))
    text = sign.page_pay_text(order.appid, stamp, nonce, str(asked.get("package", "")))
    fresh = stamp.isdigit() and abs(time.time() - int(stamp)) <= _CLOCK_WINDOW_S
    good = sign.is_signed(merchant.certificate_pem, text, str(asked.get("paySign", "")))
    explain("时间戳 timeStamp", fresh, stamp)
    explain("待签名串 string to sign", True, text)
    explain("签名验证 paySign RSA-SHA256", good, str(asked.get("paySign", "(none)")))
    if not fresh or not good:
        raise PhoneRefusal(
            "SIGN_WRONG", "支付验证签名失败", "paySign does not fit appId, timeStamp, nonceStr, package."
        )


def _sheet(world: World, user: User) -> PaySheet:
    sheet = world.pay_sheets.get(user.id)
    if sheet is None:
        raise PhoneRefusal("NOTHING_PENDING", "没有待支付的订单", "No payment waits on this phone.", 409)
    return sheet


async def password(world: World, user: User, given: str) -> Json:
    """``paid``, ``wrong`` (with tries left), ``locked`` or ``not_enough``. Refuses NOTHING_PENDING, ORDER_CLOSED…"""
    _sheet(world, user)
    if user.weak_network:
        await world.clock.sleep(WEAK_NETWORK_S)
    sheet = _sheet(world, user)
    if user.wrong_passwords >= MOST_WRONG:
        return {"result": "locked", "left": 0}
    if given != user.password:
        user.wrong_passwords += 1
        left = MOST_WRONG - user.wrong_passwords
        return {"result": "wrong" if left else "locked", "left": left}
    user.wrong_passwords = 0
    if sheet.origin == "ALIPAY":
        return _pay_trade(world, user, sheet)
    order = world.orders[sheet.transaction_id]
    try:
        scan.check_open(world, order)
    except PhoneRefusal:
        world.pay_sheets.pop(user.id, None)
        world.changes.tell("pending", user.id)
        raise
    if not money.can_afford(world, user, order.total):
        return {"result": "not_enough", "left": MOST_WRONG}
    orders.pay(world, order, user)
    return {
        "result": "paid",
        "left": MOST_WRONG,
        "order": order.out_trade_no,
        "transaction_id": order.transaction_id,
        "err_msg": "get_brand_wcpay_request:ok",
        "page_closes": world.faults.take("page_closes") is not None,
    }


def _pay_trade(world: World, user: User, sheet: PaySheet) -> Json:
    trade = world.alipay_trades[sheet.transaction_id]
    if trade.state != trades.OPEN:
        trades.leave_sheet(world, trade)
        raise PhoneRefusal("ORDER_CLOSED", "交易已支付或已关闭", "This trade is over.", 409)
    if not money.can_afford(world, user, trade.total):
        return {"result": "not_enough", "left": MOST_WRONG}
    trades.pay(world, trade, user)
    shown = {"order": trade.out_trade_no, "transaction_id": trade.trade_no}
    return {"result": "paid", "left": MOST_WRONG, **shown}


def cancel(world: World, user: User) -> Json:
    """Close the sheet unpaid; a scanned code's order ends in PAYERROR, other orders stay open."""
    sheet = _sheet(world, user)
    del world.pay_sheets[user.id]
    world.changes.tell("pending", user.id)
    if sheet.origin == "ALIPAY":
        number = world.alipay_trades[sheet.transaction_id].out_trade_no
        return {"result": "cancelled", "order": number, "err_msg": "cancelled"}
    order = world.orders[sheet.transaction_id]
    if order.kind == "MICROPAY" and order.state == "USERPAYING":
        order.state = "PAYERROR"
    return {"result": "cancelled", "order": order.out_trade_no, "err_msg": "get_brand_wcpay_request:cancel"}
