"""Platform keys by serial: those of the key file, and certificates fetched after a rotation."""

import json
import time
from threading import Lock

from cryptography.x509 import load_pem_x509_certificate

from shangquan.connectors.keys import PayKeys
from shangquan.connectors.wechatpay import sign
from shangquan.connectors.wechatpay.sign import NotFromWechat

_FETCH_AT_MOST_EVERY_S = 60.0
_fetched: dict[str, dict[str, str]] = {}
_last_fetch: dict[str, float] = {}
_lock = Lock()


def pem_of(keys: PayKeys, serial: str) -> str | None:
    """The certificate or public key of a serial, as far as it is known here."""
    return dict(keys.platform_pems).get(serial) or _fetched.get(keys.mchid, {}).get(serial.upper())


def may_fetch(keys: PayKeys) -> bool:
    """Whether an unknown serial may be asked for now: strangers must not make us call WeChat at their pace."""
    with _lock:
        last = _last_fetch.get(keys.mchid)
        if last is not None and time.monotonic() - last < _FETCH_AT_MOST_EVERY_S:
            return False
        _last_fetch[keys.mchid] = time.monotonic()
        return True


def keep(keys: PayKeys, answer: bytes) -> None:
    """Take the certificates out of an answer of `GET /v3/certificates`; each is sealed with our APIv3 key."""
    found: dict[str, str] = {}
    try:
        for row in json.loads(answer)["data"]:
            pem = sign.unseal(keys, row["encrypt_certificate"])
            if load_pem_x509_certificate(pem.encode()).serial_number != int(row["serial_no"], 16):
                raise NotFromWechat("a certificate carries another serial than its row")
            found[str(row["serial_no"]).upper()] = pem
    except (KeyError, TypeError, ValueError):
        raise NotFromWechat("the list of certificates is not readable") from None
    _fetched[keys.mchid] = found
