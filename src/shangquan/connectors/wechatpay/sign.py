"""Signatures and encryption of WeChat Pay.

v3: WECHATPAY2-SHA256-RSA2048 (RSA PKCS#1 v1.5 with SHA-256), AEAD_AES_256_GCM. v2: MD5 or HMAC-SHA256 over sorted pairs.
Sources: pay.weixin.qq.com/doc/v3/merchant/4012365342 (signing), 4012365354 (verifying), 4012071382 (decrypting).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import load_pem_x509_certificate

from shangquan.connectors.keys import PayKeys

SCHEME = "WECHATPAY2-SHA256-RSA2048"
CLOCK_WINDOW_S = 300
_PROBE = "WECHATPAY/SIGNTEST/"


class NotFromWechat(Exception):
    """What came in does not prove that WeChat Pay sent it now; the text says why."""


def authorization(keys: PayKeys, *, method: str, target: str, body: str, now: datetime) -> str:
    """The header of a v3 request. `target` is the percent-encoded path and query exactly as they are sent."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    text = f"{method.upper()}\n{target}\n{timestamp}\n{nonce}\n{body}\n"
    parts = {
        "mchid": keys.mchid,
        "nonce_str": nonce,
        "signature": rsa_sign(keys, text),
        "timestamp": timestamp,
        "serial_no": keys.serial_no,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in parts.items())


def rsa_sign(keys: PayKeys, text: str) -> str:
    signed = _private(keys.private_key_pem).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signed).decode()


def verify(headers: Mapping[str, str], body: bytes, *, pem_of: Callable[[str], str | None], now: datetime) -> None:
    """Raises NotFromWechat unless the answer or callback is WeChat's and fresh (±300 s).

    `pem_of` gives the certificate or public key of a `Wechatpay-Serial`. Signature probes fail like any bad signature.
    """
    found = {name: headers.get(f"Wechatpay-{name}", "") for name in ("Timestamp", "Nonce", "Signature", "Serial")}
    for name, value in found.items():
        if not value:
            raise NotFromWechat(f"Wechatpay-{name} is missing")
    stamp = found["Timestamp"]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise NotFromWechat("the timestamp is not a number")
    if abs(now.timestamp() - int(stamp)) > CLOCK_WINDOW_S:
        raise NotFromWechat("the timestamp is more than 300 s away")
    if found["Signature"].startswith(_PROBE):
        raise NotFromWechat("a signature probe")
    pem = pem_of(found["Serial"])
    if pem is None:
        raise NotFromWechat("the key serial is unknown")
    text = f"{stamp}\n{found['Nonce']}\n".encode() + body + b"\n"
    try:
        signature = base64.b64decode(found["Signature"], validate=True)
        _public(pem).verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        raise NotFromWechat("the signature is wrong") from None


def unseal(keys: PayKeys, resource: Mapping[str, str]) -> str:
    """Decrypt a callback's resource. Raises NotFromWechat when it was not sealed with our APIv3 key."""
    try:
        plain = AESGCM(keys.apiv3_key.encode()).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"], validate=True),
            (resource.get("associated_data") or "").encode(),
        )
        return plain.decode()
    except (InvalidTag, ValueError, KeyError, TypeError, AttributeError):
        raise NotFromWechat("the resource cannot be decrypted") from None


def page_pay(keys: PayKeys, *, appid: str, prepay_id: str, now: datetime) -> dict[str, str]:
    """The parameters of the page's payment call (`getBrandWCPayRequest`; for `wx.chooseWXPay` rename timeStamp)."""
    timestamp, nonce, package = str(int(now.timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
    return {
        "appId": appid,
        "timeStamp": timestamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": rsa_sign(keys, f"{appid}\n{timestamp}\n{nonce}\n{package}\n"),
    }


def v2_sign(fields: Mapping[str, str], key: str, sign_type: str = "HMAC-SHA256") -> str:
    """Of a v2 message: sorted pairs without empty values and `sign`, then the key; upper-case hex."""
    pairs = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "sign" and value != "")
    text = f"{pairs}&key={key}".encode()
    if sign_type == "MD5":
        return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest().upper()


def v2_is_signed(fields: Mapping[str, str], key: str, sign_type: str = "HMAC-SHA256") -> bool:
    return bool(key) and hmac.compare_digest(v2_sign(fields, key, sign_type), fields.get("sign", "").upper())


@lru_cache(maxsize=32)
def _private(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the merchant's key is not an RSA key")
    return key


@lru_cache(maxsize=64)
def _public(pem: str) -> rsa.RSAPublicKey:
    data = pem.encode()
    key = (
        load_pem_x509_certificate(data).public_key()
        if b"BEGIN CERTIFICATE" in data
        else serialization.load_pem_public_key(data)
    )
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("the platform's key is not an RSA key")
    return key
