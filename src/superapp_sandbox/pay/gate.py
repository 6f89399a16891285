"""The door of version 3: who may come in, in the platform's own order of checks, and how answers are signed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from ..calls import CAUSE, explain
from ..records import Json, Merchant
from ..refusals import PayRefusal
from ..world import World
from . import mistakes, notify, sign

CLOCK_WINDOW_S = 300
# The last part of Request-ID is the platform's inner error number; these are the documented ones.
_INNER = {"SIGN_ERROR": 268443699, "APPID_MCHID_NOT_MATCH": 268445527, "FREQUENCY_LIMITED": 268447840}
_STATUS_CODES = {429: "FREQUENCY_LIMITED", 500: "SYSTEM_ERROR", 502: "SYSTEM_ERROR", 503: "SYSTEM_ERROR"}


@dataclass
class Ask:
    """An authenticated request."""

    world: World
    merchant: Merchant
    body: Json
    path: dict[str, str]
    query: dict[str, str]
    key_serial: str  # what the request asked the answer to be signed with; empty: the newest certificate


Handler = Callable[[Ask], Json | None]
Endpoint = Callable[[Request], Awaitable[Response]]


def target(request: Request) -> str:
    """The percent-encoded path and query exactly as sent."""
    raw = cast(bytes, request.scope.get("raw_path") or request.scope["path"].encode()).decode("latin-1")
    query = cast(bytes, request.scope["query_string"]).decode("latin-1")
    path = raw.split("?", 1)[0]
    return f"{path}?{query}" if query else path


def endpoint(handler: Handler, *, wants_agent: bool = False, transaction: bool = False) -> Endpoint:
    """Wrap a handler: checks before it, a signed answer after it. None as answer is 204."""

    async def answer(request: Request) -> Response:
        world = cast(World, request.app.state.world)
        raw = (await request.body()).decode("utf-8", "replace")
        try:
            if wants_agent:
                _check_agent(request)
            merchant = authenticate(world, request, raw, transaction=transaction)
            ask = Ask(
                world,
                merchant,
                _json_body(request, raw),
                {k: str(v) for k, v in request.path_params.items()},
                dict(request.query_params),
                request.headers.get("wechatpay-serial", ""),
            )
            await _faults_before(world)
            made = handler(ask)
        except PayRefusal as refusal:
            return refused(world, refusal, with_id=not (transaction and refusal.status == 401))
        return await _faulty_answer(ask, made)

    return answer


def _check_agent(request: Request) -> None:
    if not request.headers.get("user-agent", "").strip():
        raise PayRefusal(400, "INVALID_REQUEST", "Http头缺少User-Agent")


def authenticate(world: World, request: Request, body: str, *, transaction: bool) -> Merchant:
    """The merchant that signed this request. Refuses SIGN_ERROR 401; the clock is looked at before the signature."""
    given = sign.parse_authorization(request.headers.get("authorization", ""))
    explain("Authorization 格式 header format", given is not None, request.headers.get("authorization", "(none)"))
    if given is None:
        wording = "签名信息错误，请检查Authorization" if transaction else "Http头Authorization值格式错误"
        raise PayRefusal(401, "SIGN_ERROR", wording)
    off = world.clock.wire_now() - given.timestamp
    explain(
        "时间戳 timestamp", abs(off) <= CLOCK_WINDOW_S, f"{given.timestamp}, {off:+.0f} s from the platform's clock"
    )
    if abs(off) > CLOCK_WINDOW_S:
        raise PayRefusal(401, "SIGN_ERROR", "Http头Authorization中的时间戳与服务器时间相差超过5分钟")
    merchant = world.merchants.get(given.mchid)
    explain("商户号 mchid", merchant is not None, given.mchid)
    if merchant is None:
        raise PayRefusal(401, "SIGN_ERROR", "商户号不存在或未开通")
    explain("证书序列号 serial_no", given.serial_no.upper() == merchant.serial_no, given.serial_no)
    if given.serial_no.upper() != merchant.serial_no:
        raise PayRefusal(401, "SIGN_ERROR", "商户证书序列号有误")
    text = sign.request_text(request.method, target(request), given.timestamp, given.nonce_str, body)
    explain("待签名串 string to sign", True, text)
    good = sign.is_signed(merchant.certificate_pem, text, given.signature)
    explain("签名验证 RSA-SHA256", good, given.signature)
    if not good:
        host = request.headers.get("host", "")
        found = mistakes.v3_mistake(
            merchant.certificate_pem,
            request.method,
            target(request),
            given.timestamp,
            given.nonce_str,
            body,
            given.signature,
            host,
        )
        if found is not None:
            explain(f"{CAUSE}{found[0]}", False, mistakes.both(text, found[1]))
        raise PayRefusal(401, "SIGN_ERROR", "签名错误")
    _note_key_mode(world, merchant, request.headers.get("wechatpay-serial", ""))
    return merchant


def _note_key_mode(world: World, merchant: Merchant, serial: str) -> None:
    if serial and serial not in world.platform_keys:
        raise PayRefusal(400, "PARAM_ERROR", f"Wechatpay-Serial不是有效的平台证书序列号或公钥ID：{serial}")
    merchant.uses_public_key = serial.startswith("PUB_KEY_ID_")


def _json_body(request: Request, raw: str) -> Json:
    if request.method == "GET" or not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PayRefusal(400, "PARAM_ERROR", "请求体不是合法的JSON对象")
    return body


async def _faults_before(world: World) -> None:
    await asyncio.sleep(world.faults.seconds("pay_answer_timeout_s"))
    status = world.faults.take("next_http_status")
    if status is not None:
        raise PayRefusal(int(status), _STATUS_CODES.get(int(status), "SYSTEM_ERROR"), "沙盒注入的故障")


async def _faulty_answer(ask: Ask, made: Json | None) -> Response:
    """The signed answer; a write may be answered with SYSTEM_ERROR although it was done."""
    world = ask.world
    if ask.body and world.faults.take("pay_answer_system_error_after_success"):
        return refused(world, PayRefusal(500, "SYSTEM_ERROR", "系统错误"))
    body = "" if made is None else json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    key = world.platform_keys.get(ask.key_serial) or notify.newest_certificate(world)
    headers = notify.signed_headers(world, key, body, world.faults.seconds("clock_skew_s"))
    if world.faults.take("answer_sig_probe"):
        headers["Wechatpay-Signature"] = notify.probe_signature(world)
    if made is None:
        return Response(status_code=204, headers=headers)
    return Response(body, 200, headers, media_type="application/json; charset=utf-8")


def refused(world: World, refusal: PayRefusal, *, with_id: bool = True) -> Response:
    """An error: never signed."""
    shown: Json = {"code": refusal.code, "message": refusal.message}
    if refusal.detail:
        shown["detail"] = refusal.detail
    explain(f"拒绝 refused: {refusal.code}", False, refusal.message)
    inner = _INNER.get(refusal.code, 268435456 + refusal.status)
    headers = {"Request-ID": f"08{world.ids.hex(30).upper()}-{inner}"} if with_id else {}
    body = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return Response(body, refusal.status, headers, media_type="application/json; charset=utf-8")
