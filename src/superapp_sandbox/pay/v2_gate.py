"""The door of version 2: XML in, XML out, failure is HTTP 200 with ``return_code`` FAIL and no signature."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from ..calls import CAUSE, explain
from ..records import Merchant
from ..refusals import BusinessRefusal, TransportRefusal
from ..world import World
from . import mistakes, sign, xml

Fields = dict[str, str]
SIGN_TYPES = ("MD5", "HMAC-SHA256")
# Plain HTTP has no client certificate; a merchant that insists shows its serial in this header instead.
CERTIFICATE_HEADER = "x-sandbox-client-serial"


@dataclass
class Ask:
    world: World
    merchant: Merchant
    fields: Fields
    sign_type: str

    def need(self, name: str, longest: int) -> str:
        value = self.fields.get(name, "")
        if not value:
            raise BusinessRefusal("PARAM_ERROR", f"缺少参数{name}")
        if len(value) > longest:
            raise BusinessRefusal("PARAM_ERROR", f"参数{name}过长")
        return value

    def fen(self, name: str) -> int:
        value = self.need(name, 12)
        if not value.isdigit() or int(value) < 1:
            raise BusinessRefusal("PARAM_ERROR", f"参数{name}应为正整数")
        return int(value)


Handler = Callable[[Ask], Fields]


def endpoint(handler: Handler, *, certificate: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler that gives the business fields of a success."""

    async def answer(request: Request) -> Response:
        world = cast(World, request.app.state.world)
        raw = (await request.body()).decode("utf-8", "replace")
        try:
            ask = _authenticate(world, raw)
            if certificate and ask.merchant.wants_client_certificate:
                _check_certificate(request, ask.merchant)
        except TransportRefusal as refusal:
            return _failed(refusal)
        await asyncio.sleep(world.faults.seconds("pay_answer_timeout_s"))
        status = world.faults.take("next_http_status")
        if status is not None:
            return Response(status_code=int(status))
        return _signed(ask, _business(ask, handler))

    return answer


def _business(ask: Ask, handler: Handler) -> Fields:
    try:
        done = handler(ask)
        return {"result_code": "SUCCESS", **done}
    except BusinessRefusal as refusal:
        explain(f"业务失败 {refusal.err_code}", False, refusal.description)
        return {
            "result_code": "FAIL",
            "err_code": refusal.err_code,
            "err_code_des": refusal.description,
            **refusal.extra,
        }


def _authenticate(world: World, raw: str) -> Ask:
    fields = xml.read(raw)
    explain("XML", fields is not None)
    if fields is None:
        raise TransportRefusal("XML格式错误")
    merchant = world.merchants.get(fields.get("mch_id", ""))
    explain("商户号 mch_id", merchant is not None, fields.get("mch_id", ""))
    if merchant is None:
        raise TransportRefusal("商户号mch_id不存在")
    if fields.get("appid", "") not in merchant.appids:
        explain("appid", False, fields.get("appid", ""))
        raise TransportRefusal("appid和mch_id不匹配")
    if not fields.get("nonce_str"):
        raise TransportRefusal("缺少参数nonce_str")
    sign_type = fields.get("sign_type") or "MD5"
    if sign_type not in SIGN_TYPES:
        raise TransportRefusal("签名类型错误")
    wanted = sign.v2_sign(fields, merchant.v2_key, sign_type)
    explain("待签名串 string to sign", True, sign.v2_text(fields, "(v2 key)"))
    explain(f"签名验证 {sign_type}", wanted == fields.get("sign", ""), fields.get("sign", "(none)"))
    if wanted != fields.get("sign", ""):
        other_keys = {"APIv3 key": merchant.apiv3_key}
        found = mistakes.v2_mistake(fields, merchant.v2_key, other_keys, sign_type)
        if found is not None:
            explain(f"{CAUSE}{found[0]}", False, mistakes.both(sign.v2_text(fields, "(v2 key)"), found[1]))
        raise TransportRefusal("签名错误")
    return Ask(world, merchant, fields, sign_type)


def _check_certificate(request: Request, merchant: Merchant) -> None:
    given = request.headers.get(CERTIFICATE_HEADER, "")
    explain("商户证书 client certificate", given.upper() == merchant.serial_no, given or "(none)")
    if given.upper() != merchant.serial_no:
        raise TransportRefusal("证书验证失败")


def _failed(refusal: TransportRefusal) -> Response:
    explain("拒绝 refused", False, refusal.message)
    body = xml.write({"return_code": "FAIL", "return_msg": refusal.message})
    return Response(body, media_type="text/plain")


def _signed(ask: Ask, business: Fields) -> Response:
    fields = {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "appid": ask.fields["appid"],
        "mch_id": ask.merchant.mchid,
        "nonce_str": ask.world.ids.alnum(32),
        **{k: v for k, v in business.items() if v != ""},
    }
    fields["sign"] = sign.v2_sign(fields, ask.merchant.v2_key, ask.sign_type)
    return Response(xml.write(fields), media_type="text/plain")
