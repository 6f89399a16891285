"""Signatures and message encryption of the Official Account (WXBizMsgCrypt).

AES-256-CBC, the key's first 16 bytes as IV, PKCS#7 padding to 32 bytes; plain text = 16 random bytes, the length in
4 bytes big-endian, the message, the appid. Source: developers.weixin.qq.com, message encryption.
"""

import base64
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32


class NotFromWechat(Exception):
    """What came in does not prove that WeChat sent it; the text says why."""


def signature(*parts: str) -> str:
    """SHA-1 hex of the sorted parts put together."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    return hmac.compare_digest(signature(*parts), given)


def page_signature(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    """Of `wx.config`: the four pairs in their order, the address without its fragment."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.split('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def encrypt(aes_key: str, appid: str, text: str) -> str:
    data = text.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(data)) + data + appid.encode()
    pad = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(aes_key: str, appid: str, encrypted: str) -> str:
    """The message. Raises NotFromWechat when padding, length or appid is wrong."""
    try:
        decryptor = _cipher(aes_key).decryptor()
        padded = decryptor.update(base64.b64decode(encrypted, validate=True)) + decryptor.finalize()
        pad = padded[-1]
        if not 1 <= pad <= _BLOCK:
            raise NotFromWechat("the padding is wrong")
        plain = padded[:-pad]
        (length,) = struct.unpack(">I", plain[16:20])
        text, owner = plain[20 : 20 + length], plain[20 + length :]
        if owner != appid.encode():
            raise NotFromWechat("the message is for another account")
        return text.decode()
    except (ValueError, IndexError, struct.error):
        raise NotFromWechat("the message cannot be decrypted") from None


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
