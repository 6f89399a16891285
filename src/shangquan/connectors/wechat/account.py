"""Fills `messaging.ports.AccountPort` and `PagePort`."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings

from shangquan.connectors.wechat import client, crypt
from shangquan.connectors.wechat.client import Silent, WechatError
from shangquan.kernel.errors import Refused
from shangquan.messaging.contracts import PLATFORM_REFUSED, PLATFORM_SILENT, Article, SendAnswer

T = TypeVar("T")

_LATER = frozenset({-1, 45009, 45011})  # busy, quota of the day or minute
_FANS_A_CALL = 50
_SENT_BEFORE = 45065


class WechatAccount:
    def send_text(self, appid: str, openid: str, text: str) -> SendAnswer:
        return _send(appid, "/cgi-bin/message/custom/send", _custom(openid, "text", {"content": text}))

    def send_news(self, appid: str, openid: str, article: Article) -> SendAnswer:
        item = {
            "title": article.title,
            "description": article.description,
            "url": _absolute(article.url),
            "picurl": article.picture_url,
        }
        return _send(appid, "/cgi-bin/message/custom/send", _custom(openid, "news", {"articles": [item]}))

    def send_template(
        self, appid: str, openid: str, template_id: str, data: Mapping[str, str], url: str, key: str
    ) -> SendAnswer:
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {field: {"value": value} for field, value in data.items()},
            "client_msg_id": key,
        }
        if url:
            body["url"] = _absolute(url)
        return _send(appid, "/cgi-bin/message/template/send", body)

    def send_mass(self, appid: str, openids: Sequence[str], article: Article, key: str) -> SendAnswer:
        """As text with a link: an article of the platform's own would need its picture sent up first."""
        text = "\n".join(part for part in (article.title, article.description, _absolute(article.url)) if part)
        body = {"touser": list(openids), "msgtype": "text", "text": {"content": text}, "clientmsgid": key[:32]}
        try:
            heard = client.call(appid, "/cgi-bin/message/mass/send", body)
        except WechatError as no:
            if no.code == _SENT_BEFORE:
                return SendAnswer(True, code=str(no.code))
            return SendAnswer(False, code=str(no.code), message=no.message, again=no.code in _LATER)
        except Silent as why:
            return SendAnswer(False, code="silent", message=str(why), again=True)
        return SendAnswer(True, outside_id=str(heard.get("msg_id", "")))

    def templates(self, appid: str) -> dict[str, str]:
        heard = _heard(lambda: client.call(appid, "/cgi-bin/template/get_all_private_template"))
        return {str(row["title"]): str(row["template_id"]) for row in heard.get("template_list", [])}

    def add_template(self, appid: str, library_id: str, keywords: Sequence[str]) -> str:
        body: dict[str, Any] = {"template_id_short": library_id}
        if keywords:
            body["keyword_name_list"] = list(keywords)
        return str(_heard(lambda: client.call(appid, "/cgi-bin/template/api_add_template", body))["template_id"])

    def publish_menu(self, appid: str, body: dict[str, Any]) -> None:
        _heard(lambda: client.call(appid, "/cgi-bin/menu/create", body))

    def publish_personal_menu(self, appid: str, body: dict[str, Any], tag: str) -> str:
        wanted = {**body, "matchrule": {"tag_id": str(_tag_id(appid, tag))}}
        return str(_heard(lambda: client.call(appid, "/cgi-bin/menu/addconditional", wanted))["menuid"])

    def delete_personal_menu(self, appid: str, menu_id: str) -> None:
        _heard(lambda: client.call(appid, "/cgi-bin/menu/delconditional", {"menuid": menu_id}))

    def tag_fans(self, appid: str, tag: str, openids: Sequence[str]) -> None:
        tag_id = _tag_id(appid, tag)
        for start in range(0, len(openids), _FANS_A_CALL):
            body = {"openid_list": list(openids[start : start + _FANS_A_CALL]), "tagid": tag_id}
            _heard(partial(client.call, appid, "/cgi-bin/tags/members/batchtagging", body))

    def create_qr(self, appid: str, scene: str, *, seconds: int | None = None) -> dict[str, str]:
        body: dict[str, Any] = {
            "action_name": "QR_LIMIT_STR_SCENE" if seconds is None else "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        if seconds is not None:
            body["expire_seconds"] = seconds
        made = _heard(lambda: client.call(appid, "/cgi-bin/qrcode/create", body))
        picture = f"{settings.WECHAT_MP_URL}/cgi-bin/showqrcode?ticket={quote(str(made['ticket']))}"
        return {"ticket": str(made["ticket"]), "url": str(made["url"]), "picture": picture}

    def user_info(self, appid: str, openid: str) -> dict[str, Any]:
        return _heard(lambda: client.call(appid, "/cgi-bin/user/info", openid=openid, lang="zh_CN"))


class WechatPages:
    def config(self, *, appid: str, url: str, now: datetime) -> dict[str, str]:
        nonce, stamp = secrets.token_hex(8), str(int(now.timestamp()))
        ticket = _heard(lambda: client.page_ticket(appid))
        return {
            "appId": appid,
            "timestamp": stamp,
            "nonceStr": nonce,
            "signature": crypt.page_signature(ticket, nonce, stamp, url),
        }


def _custom(openid: str, kind: str, part: dict[str, Any]) -> dict[str, Any]:
    return {"touser": openid, "msgtype": kind, kind: part}


def _absolute(url: str) -> str:
    return settings.BASE_URL.rstrip("/") + url if url.startswith("/") else url


def _send(appid: str, path: str, body: dict[str, Any]) -> SendAnswer:
    """A silent platform may have sent it all the same; only the template's `client_msg_id` makes a repeat harmless."""
    try:
        heard = client.call(appid, path, body)
    except WechatError as no:
        return SendAnswer(False, code=str(no.code), message=no.message, again=no.code in _LATER)
    except Silent as why:
        return SendAnswer(False, code="silent", message=str(why), again="client_msg_id" in body)
    return SendAnswer(True, outside_id=str(heard.get("msgid", "")))


def _tag_id(appid: str, name: str) -> int:
    """The tag of that name, made when it is not there yet."""
    for tag in _heard(lambda: client.call(appid, "/cgi-bin/tags/get")).get("tags", []):
        if tag.get("name") == name:
            return int(tag["id"])
    return int(_heard(lambda: client.call(appid, "/cgi-bin/tags/create", {"tag": {"name": name}}))["tag"]["id"])


def _heard(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except WechatError as no:
        raise Refused(PLATFORM_REFUSED, code=no.code, message=no.message) from no
    except Silent as why:
        raise Refused(PLATFORM_SILENT) from why
