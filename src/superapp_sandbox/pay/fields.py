"""Checks of what a merchant sends to version 3; each refusal names the field as the platform does."""

import re
from typing import Any

from ..clock import parse_rfc3339
from ..records import Json, Merchant
from ..refusals import PayRefusal

TRADE_NO = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")


def bad(field: str, value: Any, issue: str, location: str = "body") -> PayRefusal:
    """A PARAM_ERROR with its detail."""
    detail = {"field": field, "value": value, "issue": issue, "location": location}
    return PayRefusal(400, "PARAM_ERROR", f"参数错误：{issue}", detail)


def text(body: Json, name: str, longest: int, *, required: bool = True) -> str:
    value = body.get(name)
    if value is None or value == "":
        if required:
            raise bad(f"/{name}", "", "缺少必填参数")
        return ""
    if not isinstance(value, str):
        raise bad(f"/{name}", value, "类型应为字符串")
    if len(value) > longest:
        raise bad(f"/{name}", value, f"长度超过{longest}")
    return value


def whole(body: Json, pointer: str, lowest: int = 1) -> int:
    """An integer at ``/a/b``."""
    at: Any = body
    for part in pointer.strip("/").split("/"):
        at = at.get(part) if isinstance(at, dict) else None
    if at is None:
        raise bad(pointer, "", "缺少必填参数")
    if not isinstance(at, int) or isinstance(at, bool):
        raise bad(pointer, at, "类型应为整数")
    if at < lowest:
        raise bad(pointer, at, f"不能小于{lowest}")
    return at


def trade_no(value: str, where: str = "/out_trade_no", location: str = "body") -> str:
    if not TRADE_NO.fullmatch(value):
        raise bad(where, value, "商户订单号应为6到32位字母、数字、_-|*", location)
    return value


def refund_no(value: str) -> str:
    if not _REFUND_NO.fullmatch(value):
        raise bad("/out_refund_no", value, "商户退款单号应为1到64位字母、数字、_-|*@")
    return value


def notify_url(body: Json, *, required: bool) -> str:
    url = text(body, "notify_url", 256, required=required)
    if url and not re.match(r"https?://[^\s/]+", url):
        raise bad("/notify_url", url, "应为绝对地址")
    if "?" in url:
        raise bad("/notify_url", url, "不能携带参数")
    return url


def currency(body: Json) -> None:
    given = body["amount"].get("currency", "CNY")
    if given != "CNY":
        raise bad("/amount/currency", given, "仅支持CNY")


def own_mchid(merchant: Merchant, given: str) -> None:
    if given != merchant.mchid:
        raise PayRefusal(400, "INVALID_REQUEST", "请求中的商户号与签名的商户号不一致")


def bound_appid(merchant: Merchant, appid: str) -> None:
    if appid not in merchant.appids:
        raise PayRefusal(400, "APPID_MCHID_NOT_MATCH", "appid和mchid不匹配，请检查绑定关系")


def expiry(body: Json, now: float) -> float:
    """The moment the order closes itself, 0 when none was asked for."""
    given = text(body, "time_expire", 64, required=False)
    if not given:
        return 0
    at = parse_rfc3339(given)
    if at is None:
        raise bad("/time_expire", given, "应为rfc3339格式")
    if at <= now:
        raise bad("/time_expire", given, "应晚于当前时间")
    return at
