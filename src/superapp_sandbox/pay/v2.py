"""WeChat Pay version 2: the scanned payment code, its query, reversal and refunds."""

from starlette.routing import Route

from ..calls import titled
from ..clock import compact, spaced
from ..records import Order, PayCode, Refund, User
from ..refusals import BusinessRefusal
from . import codes, fields, money, orders, refunds
from .v2_gate import Ask, Fields, endpoint
from .views import STATE_TEXT

_IGNORED = ("sign", "nonce_str", "sign_type", "spbill_create_ip", "auth_code")


def micropay(ask: Ask) -> Fields:
    """Take money from the phone whose code was scanned. Never a callback: USERPAYING means ask again."""
    titled("付款码支付 micropay")
    order = _order(ask)
    code = _code(ask, order)
    user = ask.world.users[code.user_id]
    code.used_by, order.auth_code, order.user_id = order.transaction_id, code.code, user.id
    order.openid = ask.world.openid(order.appid, user.id)
    if not money.can_afford(ask.world, user, order.total):
        order.state = "PAYERROR"
        raise BusinessRefusal("NOTENOUGH", "余额不足，请更换支付方式")
    if order.total > user.password_free_below_fen:
        return _ask_password(ask, order, user)
    orders.pay(ask.world, order, user)
    _answer_lost(ask)
    return _paid(ask, order)


def _order(ask: Ask) -> Order:
    """The order of this number, new or known. Refuses when the number had its end already."""
    number = ask.need("out_trade_no", 32)
    if not fields.TRADE_NO.fullmatch(number):
        raise BusinessRefusal("PARAM_ERROR", "商户订单号格式错误")
    digest = orders.digest({k: v for k, v in ask.fields.items() if k not in _IGNORED})
    ask.need("spbill_create_ip", 64)
    old = orders.find(ask.world, ask.merchant, number)
    if old is not None:
        return _known(old, digest, ask.fields.get("auth_code", ""))
    return Order(
        transaction_id=orders.new_transaction_id(ask.world),
        mchid=ask.merchant.mchid,
        appid=ask.fields["appid"],
        out_trade_no=number,
        kind="MICROPAY",
        version="v2",
        description=ask.need("body", 128),
        total=ask.fen("total_fee"),
        created_at=ask.world.clock.now(),
        request_digest=digest,
        attach=ask.fields.get("attach", ""),
        device_info=ask.fields.get("device_info", ""),
        goods_tag=ask.fields.get("goods_tag", ""),
        profit_sharing=ask.fields.get("profit_sharing", "") == "Y",
    )


def _known(old: Order, digest: str, auth_code: str) -> Order:
    if old.request_digest != digest:
        raise BusinessRefusal("OUTTRADE_NO_USED", "商户订单号重复，参数与之前的请求不一致")
    if old.state in orders.PAID:
        raise BusinessRefusal("ORDERPAID", "订单已支付")
    if old.state == "REVOKED":
        raise BusinessRefusal("ORDERREVERSED", "订单已撤销")
    if old.state == "CLOSED":
        raise BusinessRefusal("ORDERCLOSED", "订单已关闭")
    if old.state == "USERPAYING" and old.auth_code == auth_code:
        raise BusinessRefusal("USERPAYING", "需要用户输入支付密码")
    return old


def _code(ask: Ask, order: Order) -> PayCode:
    """The scanned code. Single use, one minute."""
    given = ask.need("auth_code", 128)
    known = ask.world.pay_codes.get(given)
    if not codes.is_well_formed(given) or known is None:
        raise BusinessRefusal("AUTH_CODE_INVALID", "请扫描微信支付付款码")
    if known.used_by:
        raise BusinessRefusal("AUTH_CODE_INVALID", "付款码已使用，请刷新后再试")
    if known.expires_at <= ask.world.clock.now():
        raise BusinessRefusal("AUTHCODEEXPIRE", "二维码已过期，请用户刷新后再试")
    ask.world.keep_order(order)  # from here on the number exists, whatever comes of it
    return known


def _ask_password(ask: Ask, order: Order, user: User) -> Fields:
    order.state = "USERPAYING"
    orders.open_sheet(ask.world, user, order, "MICROPAY")
    raise BusinessRefusal("USERPAYING", "需要用户输入支付密码")


def _answer_lost(ask: Ask) -> None:
    """The fault that makes a till ask again: done, but the answer says otherwise."""
    if ask.world.faults.take("pay_answer_system_error_after_success"):
        raise BusinessRefusal("SYSTEMERROR", "系统超时，请立即调用查询接口确认结果")


def _paid(ask: Ask, order: Order) -> Fields:
    follower = ask.world.follower(order.appid, order.user_id)
    return {
        "openid": order.openid,
        "is_subscribe": "Y" if follower.subscribed else "N",
        "trade_type": order.kind,
        "bank_type": "OTHERS",
        "fee_type": "CNY",
        "total_fee": str(order.total),
        "settlement_total_fee": str(order.total),
        "cash_fee_type": "CNY",
        "cash_fee": str(order.total),
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "attach": order.attach,
        "device_info": order.device_info,
        "time_end": compact(order.paid_at),
    }


def _find(ask: Ask) -> Order:
    number, transaction_id = ask.fields.get("out_trade_no", ""), ask.fields.get("transaction_id", "")
    if not number and not transaction_id:
        raise BusinessRefusal("PARAM_ERROR", "out_trade_no和transaction_id须填写一个")
    order = orders.find(ask.world, ask.merchant, number, transaction_id)
    if order is None:
        raise BusinessRefusal("ORDERNOTEXIST", "订单不存在")
    return order


def orderquery(ask: Ask) -> Fields:
    titled("查询订单 orderquery")
    order = _find(ask)
    if ask.world.faults.take("order_query_stays_processing"):
        return {
            "out_trade_no": order.out_trade_no,
            "trade_state": "USERPAYING",
            "trade_state_desc": STATE_TEXT["USERPAYING"],
        }
    shown = {
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": STATE_TEXT[order.state],
        "attach": order.attach,
        "device_info": order.device_info,
    }
    return shown | _paid(ask, order) if order.paid_at else shown | {"total_fee": str(order.total)}


def reverse(ask: Ask) -> Fields:
    """Undo a scanned payment within seven days; ``recall`` Y means: call again."""
    titled("撤销订单 reverse")
    if ask.world.faults.take("reverse_recall"):
        raise BusinessRefusal("SYSTEMERROR", "系统超时，请重新调用撤销接口", recall="Y")
    try:
        order = _find(ask)
    except BusinessRefusal as refusal:
        refusal.extra["recall"] = "N"
        raise
    if order.kind != "MICROPAY":
        raise BusinessRefusal("TRADE_ERROR", "只有付款码支付的订单可以撤销", recall="N")
    if ask.world.clock.now() > order.created_at + orders.UNPAID_LIFE_S:
        raise BusinessRefusal("REVERSE_EXPIRE", "订单已过7天，不能撤销", recall="N")
    if order.refunded and order.state == "REFUND":
        raise BusinessRefusal("TRADE_ERROR", "订单已退款，不能撤销", recall="N")
    if order.state != "REVOKED":
        orders.reverse(ask.world, order)
    return {"recall": "N"}


def refund(ask: Ask) -> Fields:
    titled("申请退款 refund")
    number = ask.need("out_refund_no", 64)
    total, amount = ask.fen("total_fee"), ask.fen("refund_fee")
    digest = orders.digest([ask.fields.get(k, "") for k in ("out_trade_no", "transaction_id")] + [total, amount])
    old = ask.world.refund_of(ask.merchant.mchid, number)
    if old is not None:
        if old.request_digest != digest:
            raise BusinessRefusal("REFUND_FEE_MISMATCH", "订单金额或退款金额与之前请求不一致，请核实后再试")
        return _refunded(ask, old)
    order = _find(ask)
    why = refunds.why_not(ask.world, order, total, amount)
    if why:
        raise BusinessRefusal("INVALID_REQUEST", why)
    made = Refund(
        refund_id=refunds.new_refund_id(ask.world),
        transaction_id=order.transaction_id,
        mchid=ask.merchant.mchid,
        out_refund_no=number,
        amount=amount,
        request_digest=digest,
        created_at=ask.world.clock.now(),
        reason=ask.fields.get("refund_desc", ""),
        version="v2",
    )
    refunds.start(ask.world, ask.merchant, order, made)
    _answer_lost(ask)
    return _refunded(ask, made)


def _refunded(ask: Ask, made: Refund) -> Fields:
    order = ask.world.orders[made.transaction_id]
    return {
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "out_refund_no": made.out_refund_no,
        "refund_id": made.refund_id,
        "refund_fee": str(made.amount),
        "settlement_refund_fee": str(made.amount),
        "total_fee": str(order.total),
        "settlement_total_fee": str(order.total),
        "fee_type": "CNY",
        "cash_fee": str(order.total),
        "cash_refund_fee": str(made.amount),
    }


def refundquery(ask: Ask) -> Fields:
    """One refund by its number, or all refunds of an order (at most 10 an answer, ``offset``)."""
    titled("查询退款 refundquery")
    listed = _asked_refunds(ask)
    if not listed:
        raise BusinessRefusal("REFUNDNOTEXIST", "退款订单查询失败")
    order = ask.world.orders[listed[0].transaction_id]
    offset = int(ask.fields.get("offset") or 0)
    shown = {
        "total_refund_count": str(len(listed)),
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "total_fee": str(order.total),
        "settlement_total_fee": str(order.total),
        "fee_type": "CNY",
        "cash_fee": str(order.total),
    }
    page = listed[offset : offset + 10]
    shown["refund_count"] = str(len(page))
    for n, made in enumerate(page):
        shown |= {
            f"out_refund_no_{n}": made.out_refund_no,
            f"refund_id_{n}": made.refund_id,
            f"refund_channel_{n}": "ORIGINAL",
            f"refund_fee_{n}": str(made.amount),
            f"settlement_refund_fee_{n}": str(made.amount),
            f"refund_status_{n}": {"CLOSED": "REFUNDCLOSE", "ABNORMAL": "CHANGE"}.get(made.status, made.status),
            f"refund_account_{n}": "REFUND_SOURCE_RECHARGE_FUNDS",
            f"refund_recv_accout_{n}": "支付用户零钱",
            f"refund_success_time_{n}": spaced(made.finished_at) if made.finished_at else "",
        }
    return shown


def _asked_refunds(ask: Ask) -> list[Refund]:
    world, mchid = ask.world, ask.merchant.mchid
    if refund_id := ask.fields.get("refund_id", ""):
        found = world.refunds.get(refund_id)
        return [found] if found and found.mchid == mchid else []
    if number := ask.fields.get("out_refund_no", ""):
        found = world.refund_of(mchid, number)
        return [found] if found else []
    return world.refunds_of(_find(ask).transaction_id)


routes = [
    Route("/pay/micropay", endpoint(micropay), methods=["POST"]),
    Route("/pay/orderquery", endpoint(orderquery), methods=["POST"]),
    Route("/pay/refundquery", endpoint(refundquery), methods=["POST"]),
    Route("/secapi/pay/reverse", endpoint(reverse, certificate=True), methods=["POST"]),
    Route("/secapi/pay/refund", endpoint(refund, certificate=True), methods=["POST"]),
]
