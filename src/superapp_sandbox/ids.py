"""Identifiers that look random and are the same again under the same seed."""

import hashlib
import string

_ALNUM = string.ascii_letters + string.digits


class Ids:
    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.count = 0

    def _bytes(self, length: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(f"{self.seed}:{self.count}".encode()).digest(length)

    def number(self) -> int:
        """1, 2, 3 …: for records that are listed in order."""
        self.count += 1
        return self.count

    def bytes(self, length: int) -> bytes:
        return self._bytes(length)

    def hex(self, length: int) -> str:
        return self._bytes((length + 1) // 2).hex()[:length]

    def alnum(self, length: int) -> str:
        return "".join(_ALNUM[b % 62] for b in self._bytes(length))

    def digits(self, length: int) -> str:
        return "".join(str(b % 10) for b in self._bytes(length))

    def uuid(self) -> str:
        h = self.hex(32)
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def stable_openid(seed: str, appid: str, user_id: str) -> str:
    """28 characters starting with ``o``; one for each pair of account and person."""
    digest = hashlib.sha256(f"{seed}:{appid}:{user_id}".encode()).digest()
    return "o" + "".join(_ALNUM[b % 62] for b in digest[:27])


def stable_unionid(seed: str, user_id: str) -> str:
    digest = hashlib.sha256(f"{seed}:union:{user_id}".encode()).digest()
    return "oUn" + "".join(_ALNUM[b % 62] for b in digest[:25])
