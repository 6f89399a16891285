"""The daily trade bill: asked for, downloaded, its digest compared, its rows read. Fills `payments.ports.BillPort`.

Amounts are in yuan, each column led by a backtick; times are China's. A payment that was taken back at the till
(REVOKED) came and went: both of its rows are left out.
"""

import csv
import gzip
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from shangquan.connectors import keys
from shangquan.connectors.contracts import Kind
from shangquan.connectors.wechatpay.answers import CHINA
from shangquan.connectors.wechatpay.client import Client, Silent
from shangquan.kernel.errors import Refused
from shangquan.kernel.money import parse_yuan
from shangquan.payments.contracts import CHANNEL_REFUSED, CHANNEL_SILENT, BillRow

_NEEDED = ("交易时间", "微信订单号", "商户订单号", "交易状态", "应结订单金额", "商户退款单号", "退款金额", "订单金额")


class WechatBill:
    zone = CHINA

    def bill(self, day: date) -> Sequence[BillRow]:
        """Empty when WeChat says that nothing happened on that day."""
        client = Client(keys.pay(keys.of_district(Kind.PAY)))
        try:
            asked = client.get("/v3/bill/tradebill", bill_date=day.isoformat(), bill_type="ALL", tar_type="GZIP")
            if asked.code == "NO_STATEMENT_EXIST":
                return []
            if not asked.is_good:
                reason = CHANNEL_SILENT if asked.code == "STATEMENT_CREATING" else CHANNEL_REFUSED
                raise Refused(reason, message=f"{asked.code} {asked.message}")
            packed = client.download(str(asked.body["download_url"]))
        except Silent as why:
            raise Refused(CHANNEL_SILENT) from why
        return read(_checked(packed, asked.body))


def _checked(packed: bytes, asked: dict[str, object]) -> str:
    """The plain text, whose SHA-1 must be the promised one: the download itself carries no signature."""
    try:
        plain = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
    except (OSError, EOFError) as why:
        raise Refused(CHANNEL_SILENT) from why
    digest = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(digest, str(asked.get("hash_value", "")).lower()):
        raise Refused(CHANNEL_REFUSED, message="账单文件的摘要不符")
    return plain.decode("utf-8-sig")


def read(text: str) -> list[BillRow]:
    """The rows of a trade bill. Refuses P-4221 for a file whose columns are not the known ones."""
    rows = list(_rows(text))
    revoked = {row["商户订单号"] for row in rows if row["交易状态"] == "REVOKED"}
    return [_row(row) for row in rows if row["商户订单号"] not in revoked]


def _rows(text: str) -> Iterator[dict[str, str]]:
    lines = csv.reader(text.splitlines())
    head = [cell.strip("`\ufeff ") for cell in next(lines, [])]
    if any(name not in head for name in _NEEDED):
        raise Refused(CHANNEL_REFUSED, message="账单的列不对")
    for line in lines:
        if not line or not line[0].startswith("`"):
            return  # the sums begin here
        yield dict(zip(head, (cell.lstrip("`") for cell in line), strict=True))


def _row(row: dict[str, str]) -> BillRow:
    is_refund = row["交易状态"] == "REFUND"
    return BillRow(
        number=row["商户订单号"],
        refund_number=row["商户退款单号"] if is_refund else "",
        amount_fen=parse_yuan(row["退款金额"] if is_refund else row["订单金额"]),
        transaction_id=row["微信订单号"],
        happened_at=datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC),
    )
