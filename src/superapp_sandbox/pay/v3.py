"""WeChat Pay version 3: orders, queries, closing, refunds, certificates."""

from starlette.routing import Route

from ..calls import titled
from ..clock import rfc3339
from ..records import Json, Order, Refund
from ..refusals import PayRefusal
from . import bills, fields, orders, refunds, sign, transfers, views
from .gate import Ask, endpoint


def order_jsapi(ask: Ask) -> Json:
    titled("下单 JSAPI order")
    openid = _payer(ask)
    return {"prepay_id": _place(ask, "JSAPI", openid).prepay_id}


def order_native(ask: Ask) -> Json:
    titled("下单 Native order")
    return {"code_url": _place(ask, "NATIVE", "").code_url}


def order_app(ask: Ask) -> Json:
    titled("下单 APP order")
    return {"prepay_id": _place(ask, "APP", "").prepay_id}


def _payer(ask: Ask) -> str:
    payer = ask.body.get("payer")
    openid = payer.get("openid") if isinstance(payer, dict) else None
    if not isinstance(openid, str) or not openid:
        raise fields.bad("/payer/openid", "", "缺少必填参数")
    if ask.world.follower_by_openid(str(ask.body.get("appid", "")), openid) is None:
        raise PayRefusal(400, "PARAM_ERROR", "无效的openid")
    return openid


def _place(ask: Ask, kind: str, openid: str) -> Order:
    """Make the order, or give the order of the same number a fresh prepay id."""
    body, world, merchant = ask.body, ask.world, ask.merchant
    fields.own_mchid(merchant, fields.text(body, "mchid", 32))
    appid = fields.text(body, "appid", 32)
    number = fields.trade_no(fields.text(body, "out_trade_no", 32))
    total = fields.whole(body, "/amount/total")
    fields.currency(body)
    url = fields.notify_url(body, required=True)
    description = fields.text(body, "description", 127)
    attach = fields.text(body, "attach", 128, required=False)
    goods_tag = fields.text(body, "goods_tag", 32, required=False)
    fields.bound_appid(merchant, appid)
    digest = orders.digest([kind, body])
    old = orders.find(world, merchant, number)
    if old is not None:
        order = _repeat(old, digest)
    else:
        settle = body.get("settle_info")
        order = Order(
            transaction_id=orders.new_transaction_id(world),
            mchid=merchant.mchid,
            appid=appid,
            out_trade_no=number,
            kind=kind,
            version="v3",
            description=description,
            total=total,
            created_at=world.clock.now(),
            request_digest=digest,
            attach=attach,
            notify_url=url,
            expires_at=fields.expiry(body, world.clock.now()),
            openid=openid,
            goods_tag=goods_tag,
            profit_sharing=isinstance(settle, dict) and settle.get("profit_sharing") is True,
        )
    orders.renew_prepay(world, order)
    return order


def _repeat(old: Order, digest: str) -> Order:
    if old.request_digest != digest:
        raise PayRefusal(403, "OUT_TRADE_NO_USED", "商户订单号重复：参数与首次下单不一致")
    if old.state in orders.PAID:
        raise PayRefusal(400, "INVALID_REQUEST", "该订单已支付")
    if old.state != "NOTPAY":
        raise PayRefusal(400, "ORDER_CLOSED", "该订单已关闭，请重新下单")
    return old


def _queried_mchid(ask: Ask) -> None:
    given = ask.query.get("mchid", "")
    if not given:
        raise fields.bad("mchid", "", "缺少必填参数", "query")
    fields.own_mchid(ask.merchant, given)


def _found(ask: Ask, order: Order | None) -> Order:
    if order is None:
        raise PayRefusal(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


def query_by_number(ask: Ask) -> Json:
    titled("查询订单 query by out_trade_no")
    _queried_mchid(ask)
    return _shown(ask, orders.find(ask.world, ask.merchant, ask.path["out_trade_no"]))


def query_by_id(ask: Ask) -> Json:
    titled("查询订单 query by transaction_id")
    _queried_mchid(ask)
    order = orders.find(ask.world, ask.merchant, transaction_id=ask.path["transaction_id"])
    return _shown(ask, order if order and order.paid_at else None)


def _shown(ask: Ask, found: Order | None) -> Json:
    order = _found(ask, found)
    shown = views.transaction(ask.world, order)
    if ask.world.faults.take("order_query_stays_processing"):
        state = "USERPAYING" if order.kind == "MICROPAY" else "NOTPAY"
        kept = ("appid", "mchid", "out_trade_no", "attach")
        shown = {k: v for k, v in shown.items() if k in kept} | {
            "trade_state": state,
            "trade_state_desc": views.STATE_TEXT[state],
        }
    return shown


def close(ask: Ask) -> None:
    titled("关闭订单 close")
    fields.own_mchid(ask.merchant, fields.text(ask.body, "mchid", 32))
    order = _found(ask, orders.find(ask.world, ask.merchant, ask.path["out_trade_no"]))
    if order.kind == "MICROPAY":
        raise PayRefusal(400, "INVALID_REQUEST", "付款码支付的订单请使用撤销接口")
    if order.state in orders.PAID:
        raise PayRefusal(400, "INVALID_REQUEST", "该订单已支付，不能关闭")
    orders.close(ask.world, order)


def refund(ask: Ask) -> Json:
    titled("申请退款 refund")
    body, world, merchant = ask.body, ask.world, ask.merchant
    number = fields.refund_no(fields.text(body, "out_refund_no", 64))
    amount = fields.whole(body, "/amount/refund")
    total = fields.whole(body, "/amount/total")
    if "currency" not in body["amount"]:
        raise fields.bad("/amount/currency", "", "缺少必填参数")
    fields.currency(body)
    url = fields.notify_url(body, required=False)
    reason = fields.text(body, "reason", 80, required=False)
    digest = orders.digest([body.get(k) for k in ("transaction_id", "out_trade_no", "amount", "out_refund_no")])
    old = world.refund_of(merchant.mchid, number)
    if old is not None:
        return _repeated_refund(ask, old, digest)
    order = _refunded_order(ask)
    why = refunds.why_not(world, order, total, amount)
    if why:
        raise PayRefusal(400, "INVALID_REQUEST", why)
    made = Refund(
        refund_id=refunds.new_refund_id(world),
        transaction_id=order.transaction_id,
        mchid=merchant.mchid,
        out_refund_no=number,
        amount=amount,
        request_digest=digest,
        created_at=world.clock.now(),
        reason=reason,
        notify_url=url,
    )
    refunds.start(world, merchant, order, made)
    return views.refund(world, made)


def _repeated_refund(ask: Ask, old: Refund, digest: str) -> Json:
    if old.request_digest != digest:
        raise PayRefusal(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
    return views.refund(ask.world, old)


def _refunded_order(ask: Ask) -> Order:
    transaction_id = fields.text(ask.body, "transaction_id", 32, required=False)
    number = fields.text(ask.body, "out_trade_no", 32, required=False)
    if not transaction_id and not number:
        raise fields.bad("/transaction_id", "", "transaction_id和out_trade_no须填写一个")
    order = orders.find(ask.world, ask.merchant, number, transaction_id)
    if order is None:
        raise PayRefusal(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    return order


def query_refund(ask: Ask) -> Json:
    titled("查询退款 query refund")
    found = ask.world.refund_of(ask.merchant.mchid, ask.path["out_refund_no"])
    if found is None:
        raise PayRefusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return views.refund(ask.world, found)


def certificates(ask: Ask) -> Json:
    titled("平台证书 certificates")
    if not ask.merchant.answers_certificates:
        raise PayRefusal(404, "RESOURCE_NOT_EXISTS", "商户没有可用的平台证书，请使用微信支付公钥")
    listed = []
    for key in ask.world.platform_keys.values():
        if key.serial.startswith("PUB_KEY_ID_"):
            continue
        nonce = ask.world.ids.alnum(12)
        listed.append(
            {
                "serial_no": key.serial,
                "effective_time": rfc3339(key.effective_at),
                "expire_time": rfc3339(key.expires_at),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "nonce": nonce,
                    "associated_data": "certificate",
                    "ciphertext": sign.seal(ask.merchant.apiv3_key, nonce, "certificate", key.public_pem),
                },
            }
        )
    return {"data": listed}


_ORDERS = "/v3/pay/transactions"
_NUMBER = "/v3/pay/transactions/out-trade-no/{out_trade_no}"
_REFUNDS = "/v3/refund/domestic/refunds"

routes = [
    Route(f"{_ORDERS}/jsapi", endpoint(order_jsapi, transaction=True), methods=["POST"]),
    Route(f"{_ORDERS}/native", endpoint(order_native, transaction=True), methods=["POST"]),
    Route(f"{_ORDERS}/app", endpoint(order_app, transaction=True), methods=["POST"]),
    Route(_NUMBER, endpoint(query_by_number, transaction=True), methods=["GET"]),
    Route(f"{_ORDERS}/id/{{transaction_id}}", endpoint(query_by_id, transaction=True), methods=["GET"]),
    Route(f"{_NUMBER}/close", endpoint(close, transaction=True), methods=["POST"]),
    Route(_REFUNDS, endpoint(refund, wants_agent=True), methods=["POST"]),
    Route(f"{_REFUNDS}/{{out_refund_no}}", endpoint(query_refund, wants_agent=True), methods=["GET"]),
    Route("/v3/certificates", endpoint(certificates, wants_agent=True), methods=["GET"]),
    *transfers.routes,
    Route("/v3/bill/tradebill", endpoint(bills.ask_for, wants_agent=True), methods=["GET"]),
    Route("/v3/billdownload/file", bills.download, methods=["GET"]),
]
