"""The XML of messages: what fans sent, and passive replies."""

from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from shangquan.connectors.wechat.crypt import NotFromWechat
from shangquan.messaging.contracts import Incoming, Reply

_SCENE_PREFIX = "qrscene_"
_KEPT_DETAILS = ("Status", "Ticket", "MenuId", "ScanResult", "MediaId")


def read(text: str) -> dict[str, Any]:
    """The elements of a message; nested ones as dicts. Entities and outside references are refused (NotFromWechat)."""
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError):
        raise NotFromWechat("the body is not readable XML") from None
    if root.tag != "xml":
        raise NotFromWechat("the body is no message")
    return {child.tag: _value(child) for child in root}


def _value(element: Element) -> Any:
    children = list(element)
    return {child.tag: _value(child) for child in children} if children else (element.text or "").strip()


def incoming(appid: str, fields: dict[str, Any]) -> Incoming:
    """A message as messaging knows it. Raises NotFromWechat when it lacks what every message has.

    The outside id is MsgId, or for events sender + time + event, as the platform tells to know repeats by.
    """
    openid, stamp, kind = _text(fields, "FromUserName"), _text(fields, "CreateTime"), _text(fields, "MsgType")
    if not openid or not kind or not stamp.isdigit() or len(stamp) > 11:
        raise NotFromWechat("the message lacks its sender, time or type")
    event, key = _text(fields, "Event"), _text(fields, "EventKey")
    outside_id = _text(fields, "MsgId") or f"{openid}-{stamp}-{event}-{_text(fields, 'MsgID') or key}"[:120]
    details = {name: _text(fields, name) for name in _KEPT_DETAILS if _text(fields, name)}
    nested = fields.get("ScanCodeInfo")
    if isinstance(nested, dict):
        details["ScanResult"] = _text(nested, "ScanResult")
    return Incoming(
        appid=appid,
        openid=openid,
        outside_id=outside_id,
        kind=kind,
        sent_at=datetime.fromtimestamp(int(stamp), UTC),
        text=_text(fields, "Content") or _text(fields, "Recognition"),
        event=event,
        key=_text(fields, "MsgID") if event == "TEMPLATESENDJOBFINISH" else key,
        scene=_scene(event, key),
        details=details,
    )


def _scene(event: str, key: str) -> str:
    if event == "subscribe" and key.startswith(_SCENE_PREFIX):
        return key.removeprefix(_SCENE_PREFIX)
    return key if event == "SCAN" else ""


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def reply(answer: Reply, *, to: str, sender: str, now: datetime) -> str:
    """A passive reply of text or of one article."""
    fields: dict[str, Any] = {"ToUserName": to, "FromUserName": sender, "CreateTime": int(now.timestamp())}
    if answer.article is None:
        return write({**fields, "MsgType": "text", "Content": answer.text})
    item = {
        "Title": answer.article.title,
        "Description": answer.article.description,
        "PicUrl": answer.article.picture_url,
        "Url": answer.article.url,
    }
    return write({**fields, "MsgType": "news", "ArticleCount": 1, "Articles": {"item": item}})


def write(fields: dict[str, Any]) -> str:
    return "<xml>" + _elements(fields) + "</xml>"


def _elements(fields: dict[str, Any]) -> str:
    return "".join(f"<{name}>{_written(value)}</{name}>" for name, value in fields.items())


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"
