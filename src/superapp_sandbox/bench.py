"""The engineer's bench: keys and settings as the platforms' consoles give them, the call log, faults, time, state."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from . import calls, deliver
from .account import messages, template
from .json_api import body_of, json_endpoint, number, text, world_of
from .records import Account, Json, Merchant
from .refusals import AccountRefusal, PhoneRefusal
from .world import ALIPAY_APP_ID, APPID, MCHID, World

_MODES = ("plain", "compatible", "safe")


async def credentials(request: Request) -> Json:
    """All that a merchant downloads from the consoles. ``mchid`` and ``appid`` choose; the fixed ones by default."""
    world, query = world_of(request), request.query_params
    merchant = world.merchants.get(query.get("mchid", MCHID))
    if merchant is None:
        raise PhoneRefusal("MERCHANT_UNKNOWN", "没有这个商户号", "There is no such merchant.", 404)
    account = world.account(query.get("appid", APPID))
    return {
        "base_url": world.base_url,
        "pay": _pay(world, merchant),
        "account": _account(account),
        "alipay": _alipay(world),
    }


def _pay(world: World, merchant: Merchant) -> Json:
    platform = [k for k in world.platform_keys.values() if not k.serial.startswith("PUB_KEY_ID_")]
    return {
        "mchid": merchant.mchid,
        "name": merchant.name,
        "appids": merchant.appids,
        "serial_no": merchant.serial_no,
        "private_key_pem": merchant.private_key_pem,
        "certificate_pem": merchant.certificate_pem,
        "apiv3_key": merchant.apiv3_key,
        "v2_key": merchant.v2_key,
        "public_key_id": merchant.public_key_id,
        "public_key_pem": world.platform_keys[merchant.public_key_id].public_pem,
        "platform_certificates": [{"serial_no": k.serial, "certificate_pem": k.public_pem} for k in platform],
    }


def _alipay(world: World) -> Json:
    app = world.alipay_apps[ALIPAY_APP_ID]
    return {
        "gateway_url": f"{world.base_url}/gateway.do",
        "app_id": app.app_id,
        "seller_id": app.seller_id,
        "app_private_key_pem": app.app_private_key_pem,
        "alipay_public_key_pem": app.alipay_public_key_pem,
    }


def _account(account: Account) -> Json:
    kept = (
        "appid", "name", "original_id", "secret", "token", "aes_key", "mode", "url", "oauth_domain", "js_domain",
        "unionid_bound", "kind", "verified",
    )  # fmt: skip
    return {name: getattr(account, name) for name in kept}


async def set_account(request: Request) -> Json:
    """Set the server address (verified by ``echostr`` first), key, mode and domains; nothing changes on a refusal."""
    world, body = world_of(request), await body_of(request)
    account = world.account(text(body, "appid", required=False) or APPID)
    wanted = {
        name: text(body, name, required=False)
        for name in ("kind", "url", "token", "aes_key", "mode", "oauth_domain", "js_domain", "name")
        if name in body
    }
    if "mode" in wanted and wanted["mode"] not in _MODES:
        raise PhoneRefusal("MODE_WRONG", "消息模式应为plain、compatible或safe", f"mode must be one of {_MODES}.")
    if wanted.get("kind", "service") not in ("service", "subscription"):
        raise PhoneRefusal("KIND_WRONG", "公众号类型应为service或subscription", "kind must be service or subscription.")
    if len(wanted.get("aes_key", "A" * 43)) != 43:
        raise PhoneRefusal("AES_KEY_WRONG", "EncodingAESKey应为43位", "aes_key must have 43 characters.")
    url, token = wanted.get("url", ""), wanted.get("token") or account.token
    if url and not await messages.verify_url(world, url, token):
        raise PhoneRefusal(
            "URL_NOT_VERIFIED", "服务器验证失败", "The address did not answer echostr; see the call log."
        )
    for field, value in wanted.items():
        setattr(account, field, value)
    for switch in ("unionid_bound", "verified"):
        if switch in body:
            setattr(account, switch, body[switch] is True)
    world.changes.tell("account", appid=account.appid)
    return _account(account)


async def list_accounts(request: Request) -> list[Json]:
    return [_account(account) for account in world_of(request).accounts.values()]


async def add_account(request: Request) -> Json:
    """A further account; it is bound to every merchant named in ``mchids``."""
    world, body = world_of(request), await body_of(request)
    account = world.add_account(text(body, "appid"), text(body, "name"))
    for mchid in body.get("mchids") or []:
        merchant = world.merchants.get(str(mchid))
        if merchant is not None and account.appid not in merchant.appids:
            merchant.appids.append(account.appid)
    return _account(account)


async def list_merchants(request: Request) -> list[Json]:
    world = world_of(request)
    return [_pay(world, merchant) for merchant in world.merchants.values()]


async def add_merchant(request: Request) -> Json:
    world, body = world_of(request), await body_of(request)
    appids = [str(a) for a in body.get("appids") or [APPID]]
    return _pay(world, world.add_merchant(text(body, "mchid"), text(body, "name"), appids))


async def set_merchant(request: Request) -> Json:
    """``answers_certificates`` false makes a merchant that has the public key alone."""
    world, body = world_of(request), await body_of(request)
    merchant = world.merchants.get(text(body, "mchid", required=False) or MCHID)
    if merchant is None:
        raise PhoneRefusal("MERCHANT_UNKNOWN", "没有这个商户号", "There is no such merchant.", 404)
    for name in ("answers_certificates", "wants_client_certificate"):
        if name in body:
            setattr(merchant, name, body[name] is True)
    if "transfer_fund_fen" in body:
        merchant.transfer_fund_fen = int(number(body, "transfer_fund_fen", 0, 10**12))
    return _pay(world, merchant) | {
        "answers_certificates": merchant.answers_certificates,
        "wants_client_certificate": merchant.wants_client_certificate,
        "transfer_fund_fen": merchant.transfer_fund_fen,
    }


async def rotate(request: Request) -> Json:
    """One more platform certificate; both are valid, the newer one signs."""
    made = world_of(request).add_platform_certificate()
    return {"serial_no": made.serial, "certificate_pem": made.public_pem}


async def add_template(request: Request) -> Json:
    """A template as the console would give it: ``title`` and ``content`` with ``{{field.DATA}}`` lines."""
    world, body = world_of(request), await body_of(request)
    account = world.account(text(body, "appid", required=False) or APPID)
    try:
        return template.make(world, account, text(body, "title"), text(body, "content"))
    except AccountRefusal as refusal:
        raise PhoneRefusal("TEMPLATES_FULL", "模板已满25个", refusal.errmsg, 409) from refusal


async def list_calls(request: Request) -> Json:
    """Calls after ``after`` that contain ``q``, the newest ``limit``; ``full=1`` gives bodies and steps too."""
    query = request.query_params
    found = world_of(request).calls.after(
        int(query.get("after") or 0), query.get("q", ""), min(int(query.get("limit") or 200), 1000)
    )
    shape = calls.full if query.get("full") else calls.brief
    return {"calls": [shape(call) for call in found], "last": found[-1].id if found else 0}


def _call(request: Request) -> calls.Call:
    found = world_of(request).calls.get(int(request.path_params["id"]))
    if found is None:
        raise PhoneRefusal("CALL_UNKNOWN", "没有这条记录", "There is no such call.", 404)
    return found


async def show_call(request: Request) -> Json:
    """Everything about one call, with the callbacks about its order that came later."""
    call = _call(request)
    return calls.full(call) | {"later": calls.callbacks_after(world_of(request).calls, call)}


async def replay(request: Request) -> Json:
    """Send a call of the log again, byte for byte or with another ``body``. Callbacks go out; requests come in."""
    world, old, body = world_of(request), _call(request), await body_of(request)
    sent = text(body, "body", required=False) or old.request_body
    if old.direction == "in":
        address = world.base_url + old.path
        headers = {k: v for k, v in old.request_headers.items() if k not in ("host", "content-length", "connection")}
        await world.deliver.client().request(old.method, address, content=sent.encode(), headers=headers)
        again = next(c for c in reversed(world.calls.after(old.id)) if c.direction == "in")
        again.replay_of = old.id
        return calls.full(again)
    call = world.calls.open(world.clock.now(), "out", old.method, old.path)
    call.title, call.replay_of = f"重放 replay of {old.id}", old.id
    await deliver.send(world.deliver.client(), call, old.request_headers, sent, world.deliver.answer_within_s)
    world.changes.tell("call", call=call.id)
    return calls.full(call)


async def list_faults(request: Request) -> list[Json]:
    return world_of(request).faults.listed()


async def switch_faults(request: Request) -> list[Json]:
    """``{"name": value}`` or ``{"name": {"value": v, "times": n}}``; null switches off; ``{"clear": true}`` all."""
    world, body = world_of(request), await body_of(request)
    if body.pop("clear", False):
        world.faults.clear()
    world.faults.switch(body)
    world.changes.tell("faults")
    return world.faults.listed()


async def show_time(request: Request) -> Json:
    clock = world_of(request).clock
    return {
        "scale": clock.scale,
        "jumped_s": clock.jumped_s,
        "now": clock.now(),
        "answer_within_s": world_of(request).deliver.answer_within_s,
    }


async def set_time(request: Request) -> Json:
    """``scale`` shortens waits, ``advance_s`` jumps forward, ``answer_within_s`` is the patience for callbacks."""
    world, body = world_of(request), await body_of(request)
    scale = number(body, "scale", 0.01, 1_000_000) if "scale" in body else None
    advance = number(body, "advance_s", 0, 400 * 86400) if "advance_s" in body else None
    within = number(body, "answer_within_s", 0.05, 60) if "answer_within_s" in body else None
    if scale is not None:
        world.clock.set_scale(scale)
    if within is not None:
        world.deliver.answer_within_s = within
    if advance is not None:
        world.clock.advance(advance)
        await asyncio.sleep(0)
    return await show_time(request)


async def reset(request: Request) -> Json:
    """Empty the world; keys and the accounts' settings stay."""
    world, body = world_of(request), await body_of(request)
    world.deliver.forget()
    world.reset(text(body, "seed", required=False) or None)
    return {"users": list(world.users)}


async def save_state(request: Request) -> Json:
    return world_of(request).export()


async def load_state(request: Request) -> Json:
    world = world_of(request)
    state = await body_of(request)
    world.load(state)
    world.deliver.forget()
    return {"users": list(world.users), "orders": len(world.orders)}


async def list_orders(request: Request) -> Json:
    """Every order, refund and transfer, newest first."""
    exported: dict[str, Any] = world_of(request).export()
    return {name: list(exported[name].values())[::-1] for name in ("orders", "refunds", "transfers", "alipay_trades")}


async def list_deliveries(request: Request) -> list[Json]:
    return [job.summary() for job in world_of(request).deliver.jobs.values()]


def _both(path: str, read: Any, write: Any) -> list[Route]:
    return [
        Route(path, json_endpoint(read), methods=["GET"]),
        Route(path, json_endpoint(write), methods=["POST"]),
    ]


_B = "/_bench/api"

routes = [
    Route(f"{_B}/credentials", json_endpoint(credentials), methods=["GET"]),
    Route(f"{_B}/account", json_endpoint(set_account), methods=["POST"]),
    *_both(f"{_B}/accounts", list_accounts, add_account),
    *_both(f"{_B}/merchants", list_merchants, add_merchant),
    Route(f"{_B}/merchant", json_endpoint(set_merchant), methods=["POST"]),
    Route(f"{_B}/platform/rotate", json_endpoint(rotate), methods=["POST"]),
    Route(f"{_B}/templates", json_endpoint(add_template), methods=["POST"]),
    Route(f"{_B}/calls", json_endpoint(list_calls), methods=["GET"]),
    Route(f"{_B}/calls/{{id:int}}", json_endpoint(show_call), methods=["GET"]),
    Route(f"{_B}/calls/{{id:int}}/replay", json_endpoint(replay), methods=["POST"]),
    *_both(f"{_B}/faults", list_faults, switch_faults),
    *_both(f"{_B}/time", show_time, set_time),
    Route(f"{_B}/reset", json_endpoint(reset), methods=["POST"]),
    *_both(f"{_B}/state", save_state, load_state),
    Route(f"{_B}/orders", json_endpoint(list_orders), methods=["GET"]),
    Route(f"{_B}/deliveries", json_endpoint(list_deliveries), methods=["GET"]),
]
