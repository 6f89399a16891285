"""The key file: what a merchant downloads from WeChat's consoles. Read when first needed and again when it changes.

JSON with `pay` and `account`, each one object or a list of them. `pay`: mchid, appids, serial_no, private_key_pem,
certificate_pem, apiv3_key, v2_key, public_key_id, public_key_pem, platform_certificates[{serial_no, certificate_pem}].
`account`: appid, secret, token, aes_key, mode. Its place is `settings.WECHAT_KEYS`.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from shangquan.connectors.contracts import NO_KEYS, NOT_CONNECTED, Kind
from shangquan.connectors.models import ConnectedAccount
from shangquan.kernel.errors import Refused


@dataclass(frozen=True)
class PayKeys:
    mchid: str
    appids: tuple[str, ...]
    serial_no: str
    apiv3_key: str = field(repr=False)
    v2_key: str = field(repr=False)
    private_key_pem: str = field(repr=False)
    certificate_pem: str = field(repr=False)
    public_key_id: str = ""
    platform_pems: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # (serial or public key id, PEM)

    @property
    def appid(self) -> str:
        return self.appids[0]


@dataclass(frozen=True)
class AccountKeys:
    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    mode: str = "plain"


_read: dict[Path, tuple[tuple[int, int], dict[str, Any]]] = {}


def pay(mchid: str) -> PayKeys:
    """Refuses W-4041."""
    row = _find("pay", "mchid", mchid)
    pems = [
        (str(one["serial_no"]).upper(), str(one["certificate_pem"])) for one in row.get("platform_certificates", [])
    ]
    if row.get("public_key_id"):
        pems.append((str(row["public_key_id"]), str(row["public_key_pem"])))
    return PayKeys(
        mchid=row["mchid"], appids=tuple(row["appids"]), serial_no=row["serial_no"], apiv3_key=row["apiv3_key"],
        v2_key=row.get("v2_key", ""), private_key_pem=row["private_key_pem"],
        certificate_pem=row.get("certificate_pem", ""), public_key_id=row.get("public_key_id", ""),
        platform_pems=tuple(pems),
    )  # fmt: skip


def account(appid: str) -> AccountKeys:
    """Refuses W-4041."""
    row = _find("account", "appid", appid)
    return AccountKeys(
        appid=row["appid"], secret=row["secret"], token=row["token"], aes_key=row.get("aes_key", ""),
        mode=row.get("mode") or "plain",
    )  # fmt: skip


def of_district(kind: Kind) -> str:
    """The mchid or appid of the open district. Refuses W-4031."""
    found = ConnectedAccount.rows().filter(kind=kind, unbound_at__isnull=True).values_list("outside_id", flat=True)
    bound = found.first()
    if bound is None:
        raise Refused(NOT_CONNECTED, what="支付" if kind is Kind.PAY else "公众号")
    return bound


def known(kind: Kind) -> list[str]:
    """The outside ids that the key file holds."""
    name = "mchid" if kind is Kind.PAY else "appid"
    return [str(row[name]) for row in _rows(kind.value)]


def _find(part: str, name: str, value: str) -> dict[str, Any]:
    for row in _rows(part):
        if row.get(name) == value:
            return row
    raise Refused(NO_KEYS, outside_id=value)


def _rows(part: str) -> list[dict[str, Any]]:
    found = _file().get(part, [])
    return found if isinstance(found, list) else [found]


def _file() -> dict[str, Any]:
    path = Path(settings.WECHAT_KEYS)
    try:
        stat = path.stat()
    except FileNotFoundError:
        return {}
    stamp = (stat.st_mtime_ns, stat.st_size)
    if path not in _read or _read[path][0] != stamp:
        _read[path] = (stamp, json.loads(path.read_text()))
    return _read[path][1]
