"""What a person does in an account's chat, pushed to the account's server, and the reply put into the chat.

Rules: POST of XML with a signature in the query; an answer within 5 s or the push is made again, three times in all;
``success`` or nothing means no reply; any other text that is no message shows an error to the person.
"""

import time
from typing import Any
from urllib.parse import urlencode

from ..calls import Call
from ..deliver import send
from ..pay import xml
from ..records import Account, Follower, Json
from ..world import World
from . import crypt

TRIES = 3
TEXT_WINDOW = 5
ACTION_WINDOW = 3
BROKEN = "该公众号提供的服务出现故障，请稍后再试"


def open_text_window(world: World, follower: Follower) -> None:
    """The person wrote: five messages within 48 hours."""
    follower.text_at, follower.text_left = world.clock.now(), TEXT_WINDOW


def open_action_window(world: World, follower: Follower) -> None:
    """The person followed, scanned or clicked: three messages within one minute."""
    follower.action_at, follower.action_left = world.clock.now(), ACTION_WINDOW


def nested_xml(fields: Json) -> str:
    """Numbers bare, texts as CDATA, dicts nested, lists as repeated ``item``."""
    return "<xml>" + _elements(fields) + "</xml>"


def _elements(fields: Json) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, list):
        return "".join(f"<item>{_value(v)}</item>" for v in value)
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def event(world: World, account: Account, follower: Follower, name: str, **more: Any) -> Json:
    """The fields of an event; empty extras are left in, as the platform does."""
    return _base(world, account, follower, "event") | {"Event": name} | more


def text(world: World, account: Account, follower: Follower, content: str) -> Json:
    numbered = {"Content": content, "MsgId": 24_000_000_000_000_000 + world.ids.number()}
    return _base(world, account, follower, "text") | numbered


def _base(world: World, account: Account, follower: Follower, kind: str) -> Json:
    return {
        "ToUserName": account.original_id,
        "FromUserName": follower.openid,
        "CreateTime": int(world.clock.now()),
        "MsgType": kind,
    }


def envelope(world: World, account: Account, fields: Json, call: Call) -> str:
    """The body in the account's mode; the query goes into ``call.path``."""
    stamp, nonce = str(int(world.clock.wire_now())), world.ids.digits(10)
    query = {
        "signature": crypt.signature(account.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": fields["FromUserName"],
    }
    call.step("signature = SHA-1(sort(token, timestamp, nonce))", True, query["signature"])
    clear = nested_xml(fields)
    call.decrypted = clear
    body = clear
    if account.mode != "plain":
        sealed = crypt.encrypt(account.aes_key, account.appid, clear, world.ids.bytes(16))
        query["encrypt_type"] = "aes"
        query["msg_signature"] = crypt.signature(account.token, stamp, nonce, sealed)
        call.step("msg_signature = SHA-1(sort(token, timestamp, nonce, Encrypt))", True, query["msg_signature"])
        kept = fields if account.mode == "compatible" else {"ToUserName": fields["ToUserName"]}
        body = nested_xml({**kept, "Encrypt": sealed})
    joint = "&" if "?" in account.url else "?"
    call.path = f"{account.url}{joint}{urlencode(query)}"
    return body


async def push(world: World, account: Account, follower: Follower, fields: Json) -> None:
    """Push with up to three tries and put the reply into the chat."""
    if not account.url:
        return
    for attempt in range(1, TRIES + 1):
        call = world.calls.open(world.clock.now(), "out", "POST", account.url)
        call.title = f"消息推送 {fields['MsgType']} {fields.get('Event', '')} #{attempt}"
        body = envelope(world, account, fields, call)
        status = await send(
            world.deliver.client(), call, {"Content-Type": "text/xml"}, body, world.deliver.answer_within_s
        )
        call.step(
            "应答 answer", status == 200, f"HTTP {status}" if status else "no answer in time, will be pushed again"
        )
        world.changes.tell("call", call=call.id)
        if status == 200:
            _take_reply(world, account, follower, call)
            return
    if fields["MsgType"] != "event" or fields.get("Event") == "CLICK":
        world.say(account.appid, follower.user_id, "in", "system", {"content": BROKEN})


def _take_reply(world: World, account: Account, follower: Follower, call: Call) -> None:
    answer = call.answer_body.strip()
    if answer in ("", "success"):
        return
    fields = _open_reply(account, answer, call)
    shown = _shown(fields) if fields else None
    call.step("被动回复 passive reply", shown is not None, str(fields) if fields else "no readable message")
    if shown is None or fields is None:
        world.say(account.appid, follower.user_id, "in", "system", {"content": BROKEN})
        return
    if follower.openid != fields.get("ToUserName"):
        call.step("ToUserName", False, "the reply names another person; it is shown to the sender all the same")
    kind, body = shown
    world.say(account.appid, follower.user_id, "in", kind, body)


def _open_reply(account: Account, answer: str, call: Call) -> Json | None:
    """The clear fields of a reply; encrypted replies are checked and decrypted."""
    fields = read_nested(answer)
    if fields is None or "Encrypt" not in fields:
        if account.mode == "safe" and fields is not None:
            call.step("加密 encryption", False, "safe mode wants an encrypted reply")
            return None
        return fields
    sealed = str(fields["Encrypt"])
    wanted = crypt.signature(account.token, str(fields.get("TimeStamp", "")), str(fields.get("Nonce", "")), sealed)
    call.step("MsgSignature", wanted == fields.get("MsgSignature"), str(fields.get("MsgSignature")))
    if wanted != fields.get("MsgSignature"):
        return None
    try:
        clear = crypt.decrypt(account.aes_key, account.appid, sealed)
    except ValueError as wrong:
        call.step("解密 decryption", False, f"wrong {wrong}")
        return None
    call.decrypted += "\n" + clear
    return read_nested(clear)


def read_nested(text_of_xml: str) -> Json | None:
    """A message as dicts; ``item`` children become a list. None when it is no XML."""
    root = xml.parse(text_of_xml)
    if root is None:
        return None
    found = _read(root)
    return found if isinstance(found, dict) else None


def _read(element: Any) -> Any:
    children = list(element)
    if not children:
        return (element.text or "").strip()
    if all(child.tag == "item" for child in children):
        return [_read(child) for child in children]
    return {child.tag: _read(child) for child in children}


def _shown(fields: Json) -> tuple[str, Json] | None:
    """What the chat shows for a reply; None when it is not a message that may be a reply."""
    kind = fields.get("MsgType")
    if kind == "text" and fields.get("Content"):
        return "text", {"content": fields["Content"]}
    if kind in ("image", "voice", "video") and isinstance(part := fields.get(kind.capitalize()), dict):
        return kind, with_address({"media_id": part.get("MediaId", ""), "title": part.get("Title", "")})
    if kind == "music" and isinstance(part := fields.get("Music"), dict):
        return "music", {k.lower(): v for k, v in part.items()}
    if kind == "news" and isinstance(items := fields.get("Articles"), list) and items:
        return "news", {"articles": [{k.lower(): v for k, v in item.items()} for item in items]}
    if kind == "transfer_customer_service":
        return "system", {"content": "已转接人工客服"}
    return None


def with_address(part: Json) -> Json:
    """A medium with the address at which the phone can fetch it; a ``media_id`` may be an address itself."""
    media_id = str(part.get("media_id", ""))
    return part | {"url": media_id if media_id.startswith("http") else f"/_phone/media/{media_id}"}


async def verify_url(world: World, url: str, token: str) -> bool:
    """The GET with ``echostr`` that the console makes before it takes a server address."""
    stamp, nonce, echo = str(int(time.time())), world.ids.digits(10), world.ids.digits(19)
    query = {"signature": crypt.signature(token, stamp, nonce), "echostr": echo, "timestamp": stamp, "nonce": nonce}
    call = world.calls.open(world.clock.now(), "out", "GET", f"{url}{'&' if '?' in url else '?'}{urlencode(query)}")
    call.title = "服务器验证 server verification"
    await send(world.deliver.client(), call, {}, "", world.deliver.answer_within_s)
    good = call.status == 200 and call.answer_body.strip() == echo
    call.step("echostr", good, f"wanted {echo}, got {call.answer_body[:200]}")
    world.changes.tell("call", call=call.id)
    return good
