"""What WeChat Pay's words mean to us: pure translations into `ChannelAnswer`."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shangquan.connectors.wechatpay.client import Answer
from shangquan.payments.contracts import ChannelAnswer, Outcome

CHINA = ZoneInfo("Asia/Shanghai")

_TRADE = {
    "SUCCESS": Outcome.PAID,
    "REFUND": Outcome.PAID,
    "NOTPAY": Outcome.WAITING,
    "USERPAYING": Outcome.WAITING,
    "ACCEPT": Outcome.WAITING,
    "CLOSED": Outcome.CLOSED,
    "REVOKED": Outcome.REVERSED,
    "PAYERROR": Outcome.FAILED,
}
_REFUND = {
    "SUCCESS": Outcome.REFUNDED,
    "PROCESSING": Outcome.WAITING,
    "CLOSED": Outcome.FAILED,
    "ABNORMAL": Outcome.FAILED,
}
# A scanned code that was surely not charged. Everything not listed here is unknown and asked about.
_CODE_REFUSED = frozenset(
    [
        "PARAM_ERROR",
        "NOAUTH",
        "AUTHCODEEXPIRE",
        "NOTENOUGH",
        "NOTSUPORTCARD",
        "AUTH_CODE_ERROR",
        "AUTH_CODE_INVALID",
        "BUYER_MISMATCH",
        "APPID_NOT_EXIST",
        "MCHID_NOT_EXIST",
        "APPID_MCHID_NOT_MATCH",
        "LACK_PARAMS",
        "XML_FORMAT_ERROR",
        "NOT_UTF8",
        "SIGNERROR",
        "REQUIRE_POST_METHOD",
        "TRADE_ERROR",
    ]
)
_CODE_SAYS = {
    "USERPAYING": Outcome.WAITING,
    "ORDERREVERSED": Outcome.REVERSED,
    "ORDERCLOSED": Outcome.CLOSED,
    "ORDERNOTEXIST": Outcome.ABSENT,
}
# A refund that was surely not accepted and will not be by asking again.
_REFUND_REFUSED = frozenset(
    [
        "PARAM_ERROR",
        "INVALID_REQUEST",
        "NO_AUTH",
        "MCH_NOT_EXISTS",
        "RESOURCE_NOT_EXISTS",
        "USER_ACCOUNT_ABNORMAL",
        "SIGN_ERROR",
    ]
)


def silent(why: object) -> ChannelAnswer:
    return ChannelAnswer(Outcome.UNKNOWN, code="silent", message=str(why)[:256])


def trade(body: dict[str, Any]) -> ChannelAnswer:
    """A v3 order, from a query or a decrypted callback."""
    amount, payer = body.get("amount") or {}, body.get("payer") or {}
    state = _TRADE.get(str(body.get("trade_state")), Outcome.UNKNOWN)
    return ChannelAnswer(
        state=state,
        transaction_id=str(body.get("transaction_id", "")),
        payer_openid=str(payer.get("openid", "")),
        paid_at=moment(body.get("success_time")),
        paid_fen=amount.get("total") if state is Outcome.PAID else None,
        currency=str(amount.get("currency", "CNY")),
        code=str(body.get("trade_state", "")),
        message=str(body.get("trade_state_desc", "")),
        raw=body,
    )


def queried(answer: Answer) -> ChannelAnswer:
    if answer.is_good:
        return trade(answer.body)
    absent = answer.code in ("ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS")
    return refused(answer, Outcome.ABSENT if absent else Outcome.UNKNOWN)


def refunded(body: dict[str, Any]) -> ChannelAnswer:
    """A v3 refund, from an answer, a query or a decrypted callback (which calls the state `refund_status`)."""
    status, amount = str(body.get("status") or body.get("refund_status")), body.get("amount") or {}
    state = _REFUND.get(status, Outcome.UNKNOWN)
    return ChannelAnswer(
        state=state,
        transaction_id=str(body.get("refund_id", "")),
        paid_at=moment(body.get("success_time")),
        paid_fen=amount.get("refund") if state is Outcome.REFUNDED else None,
        currency=str(amount.get("currency", "CNY")),
        code=status,
        message=str(body.get("user_received_account", "")),
        raw=body,
    )


def refund_answered(answer: Answer) -> ChannelAnswer:
    if answer.is_good:
        return refunded(answer.body)
    return refused(answer, Outcome.FAILED if answer.code in _REFUND_REFUSED else Outcome.UNKNOWN)


def refund_queried(answer: Answer) -> ChannelAnswer:
    if answer.is_good:
        return refunded(answer.body)
    return refused(answer, Outcome.ABSENT if answer.status == 404 else Outcome.UNKNOWN)


def refused(answer: Answer, state: Outcome) -> ChannelAnswer:
    return ChannelAnswer(state, code=answer.code, message=answer.message, raw=answer.body)


def code_charged(heard: dict[str, str]) -> ChannelAnswer:
    """The v2 answer to a charge or a query of a scanned code; already known to be signed."""
    if heard.get("result_code") == "SUCCESS":
        return _code_trade(heard, _TRADE.get(heard.get("trade_state", "SUCCESS"), Outcome.UNKNOWN))
    code = heard.get("err_code", "")
    state = Outcome.FAILED if code in _CODE_REFUSED else _CODE_SAYS.get(code, Outcome.UNKNOWN)
    return ChannelAnswer(state, code=code, message=heard.get("err_code_des", ""), raw=dict(heard))


def _code_trade(heard: dict[str, str], state: Outcome) -> ChannelAnswer:
    paid = heard.get("total_fee", "")
    return ChannelAnswer(
        state=state,
        transaction_id=heard.get("transaction_id", ""),
        payer_openid=heard.get("openid", ""),
        paid_at=_compact(heard.get("time_end", "")),
        paid_fen=int(paid) if state is Outcome.PAID and paid.isdigit() else None,
        currency=heard.get("fee_type") or "CNY",
        code=heard.get("trade_state", ""),
        message=heard.get("trade_state_desc", ""),
        raw=dict(heard),
    )


def moment(text: Any) -> datetime | None:
    """An RFC 3339 time, in UTC; None when there is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _compact(text: str) -> datetime | None:
    """v2's `20261122182400`, on China's clock."""
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return None
