"""Official Account signatures and message encryption (WXBizMsgCrypt): AES-256-CBC, PKCS#7 padding to 32 bytes."""

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


def signature(*parts: str) -> str:
    """SHA-1 hex of the sorted parts put together."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt(aes_key: str, appid: str, text: str, salt: bytes) -> str:
    """16 random bytes (``salt``), the length, the text, the appid; base64."""
    data = text.encode()
    plain = salt + struct.pack(">I", len(data)) + data + appid.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(aes_key: str, appid: str, encrypted: str) -> str:
    """The text. ValueError when the padding, the length or the appid is wrong."""
    decryptor = _cipher(aes_key).decryptor()
    padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    pad = padded[-1]
    if not 1 <= pad <= BLOCK:
        raise ValueError("padding")
    plain = padded[:-pad]
    (length,) = struct.unpack(">I", plain[16:20])
    text, owner = plain[20 : 20 + length], plain[20 + length :]
    if owner != appid.encode():
        raise ValueError("appid")
    return text.decode()
