"""``/gateway.do``: parameters from query and form together, HTTP 200 always, refusals of the gateway unsigned.

The signature of an answer covers the raw text of the response object, so that text is written once and not again.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..calls import explain, titled
from ..clock import compact
from ..pay import money
from ..pay.orders import digest
from ..pay.sign import sign
from ..records import AlipayApp, AlipayTrade, Json
from ..world import World
from . import trades
from .sign import pairs, request_is_signed
from .trades import Refusal

Handler = Callable[[World, AlipayApp, Json], dict[str, Any]]
_MESSAGES = {
    "10000": "Success",
    "10003": "order success pay inprocess",
    "20000": "Service Currently Unavailable",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
}


def _number(biz: Json) -> str:
    number = biz.get("out_trade_no")
    if not isinstance(number, str) or not 1 <= len(number) <= 64:
        raise Refusal("ACQ.INVALID_PARAMETER", "out_trade_no")
    return number


def _new(world: World, app: AlipayApp, biz: Json) -> AlipayTrade:
    subject = biz.get("subject")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 256 or set(subject) & set("/=&"):
        raise Refusal("ACQ.INVALID_PARAMETER", "subject")
    now = world.clock.now()
    return AlipayTrade(
        trade_no=compact(now)[:8] + "2200" + world.ids.digits(16),
        app_id=app.app_id,
        out_trade_no=_number(biz),
        subject=subject,
        total=trades.fen(biz.get("total_amount"), "total_amount"),
        created_at=now,
        request_digest=digest({k: v for k, v in biz.items() if k not in ("auth_code", "notify_url")}),
        notify_url=str(biz.get("notify_url") or ""),
    )


def pay(world: World, app: AlipayApp, biz: Json) -> dict[str, Any]:
    """A scanned code. 10000 paid, 10003 the person must type the password."""
    titled("支付宝 trade.pay")
    made = _new(world, app, biz)
    old = trades.by_number(world, app, made.out_trade_no)
    if old is not None and old.exists:
        return _again(world, old, made)
    given = str(biz.get("auth_code") or "")
    code = world.pay_codes.get(given)
    fits = code is not None and code.wallet == "alipay" and not code.used_by and code.expires_at > world.clock.now()
    if code is None or not fits:
        raise Refusal("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款")
    user = world.users[code.user_id]
    code.used_by = made.trade_no
    if not money.can_afford(world, user, made.total):
        raise Refusal("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足")
    world.alipay_trades[made.trade_no] = made
    if made.total > user.password_free_below_fen:
        trades.open_sheet(world, user, made)
        return {"code": "10003", **trades.shown(world, made)}
    trades.pay(world, made, user)
    if world.faults.take("pay_answer_system_error_after_success"):
        raise Refusal("isp.unknow-error", "系统繁忙", "20000")
    return trades.shown(world, made)


def _again(world: World, old: AlipayTrade, made: AlipayTrade) -> dict[str, Any]:
    if old.request_digest != made.request_digest:
        raise Refusal("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
    if old.state in trades.DONE:
        raise Refusal("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
    if old.state != trades.OPEN:
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    return {"code": "10003", **trades.shown(world, old)}


def precreate(world: World, app: AlipayApp, biz: Json) -> dict[str, Any]:
    """A code for the person to scan, valid for two hours; no trade exists before the scan."""
    titled("支付宝 trade.precreate")
    made = _new(world, app, biz)
    old = trades.by_number(world, app, made.out_trade_no)
    if old is not None and old.exists:
        raise Refusal("ACQ.APPLY_PC_MERCHANT_CODE_ERROR", "该订单号已有交易")
    if old is not None:
        del world.alipay_trades[old.trade_no]
    made.exists, made.qr_code = False, "https://qr.alipay.com/bax" + world.ids.digits(20)
    world.alipay_trades[made.trade_no] = made
    return {"out_trade_no": made.out_trade_no, "qr_code": made.qr_code}


def query(world: World, app: AlipayApp, biz: Json) -> dict[str, Any]:
    titled("支付宝 trade.query")
    trade = trades.find(world, app, biz)
    state = trades.OPEN if world.faults.take("order_query_stays_processing") else trade.state
    return trades.shown(world, trade) | {"trade_status": state}


def refund(world: World, app: AlipayApp, biz: Json) -> dict[str, Any]:
    """``refund_fee`` of the answer is the sum of all refunds; ``fund_change`` Y only when money moved now."""
    titled("支付宝 trade.refund")
    trade = trades.find(world, app, biz)
    amount, number = trades.fen(biz.get("refund_amount"), "refund_amount"), str(biz.get("out_request_no") or "")
    if not number and amount != trade.total:
        raise Refusal("ACQ.INVALID_PARAMETER", "out_request_no is needed for a partial refund")
    number = number or trade.out_trade_no
    change = number not in trade.refunds
    if not change and trade.refunds[number] != amount:
        raise Refusal("ACQ.DISCORDANT_REPEAT_REQUEST", "同一退款请求号金额不一致")
    if change:
        if not trade.paid_at or trade.reversed:
            raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        if amount > trade.total - trade.refunded:
            raise Refusal("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额超过可退金额")
        trade.refunds[number] = amount
        trades.give_back(world, trade, amount)
    if world.faults.take("pay_answer_system_error_after_success"):
        raise Refusal("isp.unknow-error", "系统繁忙", "20000")
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_user_id": trades.buyer_id(world, trade.user_id),
        "fund_change": "Y" if change else "N",
        "refund_fee": money.yuan(trade.refunded),
    }


def refund_query(world: World, app: AlipayApp, biz: Json) -> dict[str, Any]:
    """``refund_status`` is left out when there is no such refund."""
    titled("支付宝 refund.query")
    trade = trades.find(world, app, biz)
    number = str(biz.get("out_request_no") or trade.out_trade_no)
    shown: dict[str, Any] = {"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no, "out_request_no": number}
    if number in trade.refunds:
        shown |= {
            "refund_status": "REFUND_SUCCESS",
            "refund_amount": money.yuan(trade.refunds[number]),
            "total_amount": money.yuan(trade.total),
        }
    return shown


def cancel(world: World, app: AlipayApp, biz: Json) -> dict[str, Any]:
    """Undo what may or may not have happened: close it, or give all money back. May be repeated."""
    titled("支付宝 trade.cancel")
    if world.faults.take("reverse_recall"):
        raise Refusal("aop.ACQ.SYSTEM_ERROR", "系统异常，请重试", "20000")
    trade = trades.by_number(world, app, biz.get("out_trade_no")) or trades.find(world, app, biz)
    action = {}
    if trade.state == trades.OPEN:
        trades.close(world, trade)
        action = {"action": "close"}
    elif trade.state in trades.DONE:
        trade.reversed = True
        trades.give_back(world, trade, trade.total - trade.refunded)
        action = {"action": "refund"}
    return {"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no, "retry_flag": "N", **action}


def close(world: World, app: AlipayApp, biz: Json) -> dict[str, Any]:
    """Only an unpaid trade."""
    titled("支付宝 trade.close")
    trade = trades.find(world, app, biz)
    if trade.state != trades.OPEN:
        raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    trades.close(world, trade)
    return {"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no}


METHODS: dict[str, Handler] = {
    "alipay.trade.pay": pay,
    "alipay.trade.precreate": precreate,
    "alipay.trade.query": query,
    "alipay.trade.refund": refund,
    "alipay.trade.fastpay.refund.query": refund_query,
    "alipay.trade.cancel": cancel,
    "alipay.trade.close": close,
}


async def gateway(request: Request) -> Response:
    world = cast(World, request.app.state.world)
    form = (await request.body()).decode("utf-8", "replace")
    fields = {**dict(request.query_params), **dict(parse_qsl(form, keep_blank_values=True))}
    method = fields.get("method", "")
    name = method.replace(".", "_") + "_response" if method in METHODS else "error_response"
    try:
        app, biz = _admit(world, fields)
    except Refusal as refusal:
        return _answer(name, _refused(refusal), None)
    await asyncio.sleep(world.faults.seconds("pay_answer_timeout_s"))
    status = world.faults.take("next_http_status")
    if status is not None:
        return Response(status_code=int(status))
    try:
        made = METHODS[method](world, app, biz)
        code = made.pop("code", "10000")
        shown = {"code": code, "msg": _MESSAGES[code], **made}
    except Refusal as refusal:
        shown = _refused(refusal)
    return _answer(name, shown, app)


def _admit(world: World, fields: dict[str, str]) -> tuple[AlipayApp, Json]:
    """The app and the business parameters. app_id is looked at before the signature."""
    app = world.alipay_apps.get(fields.get("app_id", ""))
    explain("app_id", app is not None, fields.get("app_id", "(none)"))
    if app is None:
        raise Refusal("isv.invalid-app-id", "无效的AppID参数", "40002")
    if fields.get("method", "") not in METHODS:
        raise Refusal("isv.invalid-method", "不存在的方法名", "40002")
    if not fields.get("sign"):
        raise Refusal("isv.missing-signature", "缺少签名参数", "40001")
    if fields.get("sign_type") != "RSA2":
        raise Refusal("isv.invalid-signature-type", "无效的签名类型", "40002")
    good = request_is_signed(app.app_public_key_pem, fields)
    explain("待签名串 string to sign", True, pairs(fields, "sign"))
    explain("签名验证 RSA2", good, fields["sign"])
    if not good:
        raise Refusal("isv.invalid-signature", "验签出错，请检查签名内容与密钥", "40002")
    if len(fields.get("timestamp", "")) != 19:
        raise Refusal("isv.invalid-timestamp", "非法的时间戳参数", "40002")
    try:
        biz = json.loads(fields.get("biz_content", ""))
    except ValueError:
        biz = None
    if not isinstance(biz, dict):
        raise Refusal("isv.invalid-parameter", "biz_content不是合法的JSON对象", "40002")
    return app, {**biz, "notify_url": fields.get("notify_url", "")}


def _refused(refusal: Refusal) -> dict[str, Any]:
    explain(f"拒绝 refused: {refusal.sub_code}", False, refusal.words)
    code = refusal.code
    return {"code": code, "msg": _MESSAGES[code], "sub_code": refusal.sub_code, "sub_msg": refusal.words}


def _answer(name: str, shown: dict[str, Any], app: AlipayApp | None) -> Response:
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    signed = f',"sign":"{sign(app.alipay_private_key_pem, text)}"' if app else ""
    return Response(f'{{"{name}":{text}{signed}}}', media_type="text/html")


routes = [Route("/gateway.do", gateway, methods=["GET", "POST"])]
