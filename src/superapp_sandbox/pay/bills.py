"""The daily trade bill: one line a payment and a refund, amounts in yuan, each column led by a backtick.

Available after 10:00 of the next day (China's time), three months back, address valid for five minutes.
The digest is of the plain file; a GZIP file must be unpacked before it is compared.
"""

import gzip
import hashlib
from datetime import datetime, timedelta
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from ..calls import titled
from ..clock import CHINA, china_date, spaced
from ..records import BillFile, Json, Order, Refund
from ..refusals import PayRefusal
from ..world import World
from . import fields, gate
from .money import yuan

ADDRESS_LIFE_S = 300
READY_HOUR = 10
FEE_RATE = 0.006

_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_SUM_HEAD = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def ask_for(ask: gate.Ask) -> Json:
    """Where the bill of one day can be fetched. Refuses NO_STATEMENT_EXIST, STATEMENT_CREATING, PARAM_ERROR."""
    titled("申请交易账单 trade bill")
    world, day = ask.world, _day(ask)
    kind = ask.query.get("bill_type", "ALL")
    if kind not in ("ALL", "SUCCESS", "REFUND"):
        raise fields.bad("bill_type", kind, "应为ALL、SUCCESS或REFUND", "query")
    packed = ask.query.get("tar_type", "")
    if packed not in ("", "GZIP"):
        raise fields.bad("tar_type", packed, "应为GZIP", "query")
    text = write(world, ask.merchant.mchid, day.strftime("%Y-%m-%d"), kind)
    token = world.ids.alnum(40)
    expires = world.clock.now() + ADDRESS_LIFE_S
    world.bill_files[token] = BillFile(token, ask.merchant.mchid, text, packed == "GZIP", expires)
    return {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
        "download_url": f"{world.base_url}/v3/billdownload/file?token={token}",
    }


def _day(ask: gate.Ask) -> datetime:
    given = ask.query.get("bill_date", "")
    try:
        day = datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=CHINA)
    except ValueError:
        raise fields.bad("bill_date", given, "应为yyyy-MM-dd", "query") from None
    now = datetime.fromtimestamp(ask.world.clock.now(), CHINA)
    if day < now - timedelta(days=93):
        raise fields.bad("bill_date", given, "仅支持三个月内的账单", "query")
    if day + timedelta(days=1) > now:
        raise PayRefusal(400, "NO_STATEMENT_EXIST", "账单日期当天的账单尚未生成")
    if now < day + timedelta(days=1, hours=READY_HOUR):
        raise PayRefusal(400, "STATEMENT_CREATING", "账单生成中，请10点后再试")
    return day


async def download(request: Request) -> Response:
    """The file itself; signed request, unsigned answer."""
    titled("下载账单 bill file")
    world = cast(World, request.app.state.world)
    try:
        merchant = gate.authenticate(world, request, "", transaction=False)
        bill = world.bill_files.get(request.query_params.get("token", ""))
        if bill is None or bill.mchid != merchant.mchid:
            raise PayRefusal(400, "INVALID_REQUEST", "下载地址无效")
        if bill.expires_at < world.clock.now():
            raise PayRefusal(400, "INVALID_REQUEST", "下载地址已过期")
    except PayRefusal as refusal:
        return gate.refused(world, refusal)
    data = bill.text.encode()
    return Response(gzip.compress(data) if bill.gzip else data, media_type="application/octet-stream")


def write(world: World, mchid: str, day: str, kind: str) -> str:
    """The bill's text, with the faults that make it differ from the truth."""
    rows: list[tuple[float, list[str]]] = []
    for order in world.orders.values():
        if order.mchid == mchid and order.paid_at and kind != "REFUND" and china_date(order.paid_at) == day:
            rows.append((order.paid_at, _paid_row(order)))
        if order.mchid == mchid and order.paid_at and order.reversed_at and china_date(order.reversed_at) == day:
            rows.append((order.reversed_at, _reversed_row(order)))
    for refund in world.refunds.values():
        done = refund.mchid == mchid and refund.status == "SUCCESS" and kind != "SUCCESS"
        if done and china_date(refund.finished_at) == day:
            rows.append((refund.finished_at, _refund_row(world.orders[refund.transaction_id], refund)))
    rows.sort(key=lambda row: row[0])
    cells = _spoil(world, mchid, day, [row for _, row in rows])
    if not cells:
        raise PayRefusal(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    lines = [_HEAD, *(_line(row) for row in cells), _SUM_HEAD, _line(_sums(cells))]
    return "\r\n".join(lines) + "\r\n"


def _line(row: list[str]) -> str:
    # A comma in a name would shift columns; the platform replaces it as well.
    return ",".join("`" + cell.replace(",", " ") for cell in row)


def _fee(fen: int) -> str:
    return f"{fen / 100 * FEE_RATE:.5f}"


def _paid_row(order: Order) -> list[str]:
    total = yuan(order.total)
    return [
        spaced(order.paid_at), order.appid, order.mchid, "0", order.device_info, order.transaction_id,
        order.out_trade_no, order.openid, order.kind, "SUCCESS", "OTHERS", "CNY", total, "0.00", "0", "0", "0.00",
        "0.00", "", "", order.description, order.attach, _fee(order.total), "0.60%", total, "0.00", "",
    ]  # fmt: skip


def _refund_row(order: Order, refund: Refund) -> list[str]:
    amount = yuan(refund.amount)
    return [
        spaced(refund.finished_at), order.appid, order.mchid, "0", order.device_info, order.transaction_id,
        order.out_trade_no, order.openid, order.kind, "REFUND", "OTHERS", "CNY", "0.00", "0.00", refund.refund_id,
        refund.out_refund_no, amount, "0.00", "ORIGINAL", "SUCCESS", order.description, order.attach,
        "-" + _fee(refund.amount), "0.60%", "0.00", amount, "",
    ]  # fmt: skip


def _reversed_row(order: Order) -> list[str]:
    """A payment taken back at the till: no refund number, state REVOKED."""
    row = _paid_row(order)
    row[0], row[9], row[12], row[24] = spaced(order.reversed_at), "REVOKED", "0.00", "0.00"
    row[16] = row[25] = yuan(order.total)
    row[22] = "-" + row[22]
    return row


def _fen(text: str) -> int:
    return round(float(text) * 100)


def _sums(rows: list[list[str]]) -> list[str]:
    def total(column: int) -> str:
        return yuan(sum(_fen(row[column]) for row in rows))

    fees = sum(float(row[22]) for row in rows)
    return [str(len(rows)), total(12), total(16), "0.00", f"{fees:.5f}", total(24), total(25)]


def _spoil(world: World, mchid: str, day: str, rows: list[list[str]]) -> list[list[str]]:
    added = world.faults.take("bill_amount")
    if rows and added is not None:
        rows[0][12] = rows[0][24] = yuan(_fen(rows[0][24]) + int(added))
    if rows and world.faults.take("bill_missing"):
        rows = rows[1:]
    if world.faults.take("bill_extra"):
        at = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=CHINA).timestamp() + 12 * 3600
        stranger = Order(
            transaction_id="4200" + world.ids.digits(24),
            mchid=mchid,
            appid="",
            out_trade_no="X" + world.ids.digits(15),
            kind="NATIVE",
            version="v3",
            description="未知订单",
            total=100,
            created_at=at,
            request_digest="",
            paid_at=at,
        )
        rows = [*rows, _paid_row(stranger)]
    return rows
