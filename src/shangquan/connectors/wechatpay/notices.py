"""Callbacks of WeChat Pay: verified at the door, kept raw, handled by a job."""

import json
from typing import Any

from shangquan.connectors import keys
from shangquan.connectors.keys import PayKeys
from shangquan.connectors.wechatpay import answers, certificates, sign
from shangquan.connectors.wechatpay.client import Client, Silent
from shangquan.connectors.wechatpay.sign import NotFromWechat
from shangquan.kernel import clock, inbox
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import InboxItem
from shangquan.payments import door as payments
from shangquan.payments.contracts import NO_INTENT, NO_REFUND

SOURCE = "wechatpay"
_HEADERS = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Request-ID")


def verified(merchant: PayKeys, headers: dict[str, str], body: bytes) -> str:
    """The id of a callback that is surely WeChat's, fresh and for this merchant. Raises NotFromWechat."""
    serial = headers.get("Wechatpay-Serial", "")
    if serial and certificates.pem_of(merchant, serial) is None and certificates.may_fetch(merchant):
        try:
            Client(merchant).fetch_certificates()
        except Silent as why:
            raise NotFromWechat(f"the key serial is unknown: {why}") from why
    sign.verify(headers, body, pem_of=lambda s: certificates.pem_of(merchant, s), now=clock.now())
    envelope, resource = opened(merchant, body.decode("utf-8", "replace"))
    outside_id = envelope.get("id")
    if not isinstance(outside_id, str) or not 1 <= len(outside_id) <= 120:
        raise NotFromWechat("the callback has no id")
    if resource.get("mchid") != merchant.mchid:
        raise NotFromWechat("the callback is for another merchant")
    if "appid" in resource and resource["appid"] not in merchant.appids:
        raise NotFromWechat("the callback is for another account")
    return outside_id


def opened(merchant: PayKeys, body: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The envelope and its decrypted resource. Raises NotFromWechat."""
    try:
        envelope = json.loads(body)
        resource = json.loads(sign.unseal(merchant, envelope["resource"]))
    except (ValueError, KeyError, TypeError):
        raise NotFromWechat("the callback is not readable") from None
    if not isinstance(envelope, dict) or not isinstance(resource, dict):
        raise NotFromWechat("the callback is not readable")
    return envelope, resource


def kept_headers(merchant: PayKeys, headers: dict[str, str]) -> dict[str, str]:
    return {"mchid": merchant.mchid, **{name: headers[name] for name in _HEADERS if name in headers}}


@inbox.handler(SOURCE)
def handle(item: InboxItem) -> None:
    """Bring a callback to payments. A number that is not ours is left to the daily bill, which will show it."""
    envelope, resource = opened(keys.pay(item.headers["mchid"]), item.body)
    kind, now = str(envelope.get("event_type", "")), clock.now()
    try:
        if kind == "TRANSACTION.SUCCESS":
            payments.record_result(number=str(resource["out_trade_no"]), answer=answers.trade(resource), now=now)
        elif kind.startswith("REFUND."):
            payments.record_refund(number=str(resource["out_refund_no"]), answer=answers.refunded(resource), now=now)
    except Refused as no:
        if no.reason not in (NO_INTENT, NO_REFUND):
            raise
