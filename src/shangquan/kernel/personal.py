"""Personal data at rest: found by a keyed hash, shown from a cipher, never stored as it was typed.

Both keys, and those of other purposes, are derived from `settings.PERSONAL_DATA_KEY` by HKDF-SHA256 (RFC 5869).
"""

import hashlib
import hmac
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


class Unreadable(RuntimeError):
    """A cipher was made with another key or for another purpose: a bug or a lost key, never an answer."""


@cache
def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"shangquan:{purpose}".encode()).derive(secret.encode())


def key(purpose: str) -> bytes:
    """32 bytes for one purpose; knowing one says nothing of another."""
    return _derive(settings.PERSONAL_DATA_KEY, purpose)


def fingerprint(kind: str, value: str) -> str:
    """HMAC-SHA256 in hex: equal for equal values of a kind, useless without the key (a phone has only 10^10 values)."""
    return hmac.new(key("find"), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def seal(kind: str, value: str) -> bytes:
    """AES-256-GCM with a random nonce in front; bound to its kind, so a phone cannot be passed off as a plate."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key("show")).encrypt(nonce, value.encode(), kind.encode())


def unseal(kind: str, sealed: bytes | memoryview) -> str:
    """What `seal` was given. Raises `Unreadable`."""
    raw = bytes(sealed)
    try:
        return AESGCM(key("show")).decrypt(raw[:_NONCE], raw[_NONCE:], kind.encode()).decode()
    except InvalidTag:
        raise Unreadable(f"a sealed {kind} cannot be read with this key") from None
