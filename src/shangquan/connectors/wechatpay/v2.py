"""The v2 client, for the scanned payment code: XML with HMAC-SHA256, failure at HTTP 200.

Source: pay.weixin.qq.com/doc/v2/merchant (micropay, orderquery, reverse). `/secapi` shows the merchant's certificate.
"""

import secrets
import ssl
import tempfile
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

from shangquan.connectors.keys import PayKeys
from shangquan.connectors.wechatpay import sign
from shangquan.connectors.wechatpay.client import Silent
from shangquan.kernel import http

READ_SECONDS = 10.0
_SIGN_TYPE = "HMAC-SHA256"
Fields = dict[str, str]


def call(keys: PayKeys, path: str, fields: Mapping[str, str], *, certificate: bool = False) -> Fields:
    """One call. Raises Silent when nothing clear was heard: time-out, 5xx, unsigned or wrongly signed answer.

    A transport failure (`return_code` FAIL) is unsigned by design, so it proves nothing and is Silent too.
    """
    sent = {
        "appid": keys.appid,
        "mch_id": keys.mchid,
        "nonce_str": secrets.token_hex(16),
        "sign_type": _SIGN_TYPE,
        **{name: value for name, value in fields.items() if value != ""},
    }
    sent["sign"] = sign.v2_sign(sent, keys.v2_key, _SIGN_TYPE)
    heard = read(_post(keys, path, write(sent), certificate))
    if heard is None or heard.get("return_code") != "SUCCESS":
        raise Silent((heard or {}).get("return_msg", "the answer is not XML"))
    if not sign.v2_is_signed(heard, keys.v2_key, _SIGN_TYPE) or heard.get("mch_id") != keys.mchid:
        raise Silent("the answer is not signed by WeChat")
    return heard


def _post(keys: PayKeys, path: str, body: str, certificate: bool) -> str:
    secure = settings.WECHATPAY_URL.startswith("https://")
    context = _with_certificate(keys) if certificate and secure else None
    with http.client(settings.WECHATPAY_URL, read_seconds=READ_SECONDS, context=context) as client:
        try:
            response = client.post(path, content=body.encode(), headers={"Content-Type": "text/xml"})
        except httpx.HTTPError as why:
            raise Silent(f"{type(why).__name__}: {why}") from why
    if response.status_code != 200:
        raise Silent(f"{response.status_code}")
    return response.text


def _with_certificate(keys: PayKeys) -> ssl.SSLContext:
    """TLS with the merchant's certificate. The ssl module reads files only, so they exist for as long as it reads."""
    context = ssl.create_default_context()
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # made with mode 0600
        file.write(keys.certificate_pem + "\n" + keys.private_key_pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def write(fields: Mapping[str, str]) -> str:
    return "<xml>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items()) + "</xml>"


def read(text: str) -> Fields | None:
    """The pairs of a flat document; None when it is none. Entities and outside references are refused."""
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    if root.tag != "xml":
        return None
    return {child.tag: (child.text or "").strip() for child in root}
