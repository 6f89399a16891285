"""Signatures and encryption of WeChat Pay.

Version 3: WECHATPAY2-SHA256-RSA2048 (RSA PKCS#1 v1.5 with SHA-256) and AEAD_AES_256_GCM.
Version 2: MD5 or HMAC-SHA256 over sorted pairs. Protocol: pay.weixin.qq.com/doc/v3/merchant/4012365342 and following.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..keys import load_private, load_public

SCHEME = "WECHATPAY2-SHA256-RSA2048"
_PAIR = re.compile(r'(mchid|nonce_str|signature|timestamp|serial_no)="([^"]*)"')


@dataclass(frozen=True)
class Authorization:
    mchid: str
    nonce_str: str
    signature: str
    timestamp: int
    serial_no: str


def parse_authorization(header: str) -> Authorization | None:
    """The five parts of the header, or None when it is not well formed."""
    scheme, _, rest = header.partition(" ")
    if scheme != SCHEME:
        return None
    parts = rest.split(",")
    found = {m.group(1): m.group(2) for m in (_PAIR.fullmatch(part.strip()) for part in parts) if m}
    if len(parts) != 5 or len(found) != 5 or not found["timestamp"].isdigit():
        return None
    return Authorization(
        found["mchid"], found["nonce_str"], found["signature"], int(found["timestamp"]), found["serial_no"]
    )


def request_text(method: str, target: str, timestamp: int, nonce: str, body: str) -> str:
    """The five lines that a merchant signs, each ended by one LF."""
    return f"{method.upper()}\n{target}\n{timestamp}\n{nonce}\n{body}\n"


def answer_text(timestamp: str, nonce: str, body: str) -> str:
    """The three lines that the platform signs."""
    return f"{timestamp}\n{nonce}\n{body}\n"


def sign(private_key_pem: str, text: str) -> str:
    signature = load_private(private_key_pem).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()


def is_signed(certificate_or_key_pem: str, text: str, signature: str) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
        load_public(certificate_or_key_pem).verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def seal(key: str, nonce: str, associated_data: str, plaintext: str) -> str:
    """AEAD_AES_256_GCM: base64 of the ciphertext with its 16-byte tag."""
    sealed = AESGCM(key.encode()).encrypt(nonce.encode(), plaintext.encode(), associated_data.encode())
    return base64.b64encode(sealed).decode()


def page_pay_text(appid: str, timestamp: str, nonce: str, package: str) -> str:
    """What the front end's ``paySign`` signs."""
    return f"{appid}\n{timestamp}\n{nonce}\n{package}\n"


def v2_text(fields: Mapping[str, str], key: str) -> str:
    """Sorted non-empty pairs without ``sign``, then the key."""
    pairs = "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if k != "sign" and v != "")
    return f"{pairs}&key={key}"


def v2_sign(fields: Mapping[str, str], key: str, sign_type: str = "MD5") -> str:
    text = v2_text(fields, key).encode()
    if sign_type == "HMAC-SHA256":
        return hmac.new(key.encode(), text, hashlib.sha256).hexdigest().upper()
    return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()
