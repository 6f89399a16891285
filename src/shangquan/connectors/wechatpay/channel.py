"""Fills `payments.ports.ChannelPort` for the scanned code, the order's code and the page payment."""

from typing import Any

from django.conf import settings

from shangquan.connectors import keys
from shangquan.connectors.contracts import Kind
from shangquan.connectors.keys import PayKeys
from shangquan.connectors.wechatpay import answers, sign, v2
from shangquan.connectors.wechatpay.client import Answer, Client, Silent
from shangquan.kernel import clock, scope
from shangquan.kernel.errors import Refused
from shangquan.payments.contracts import (
    CHANNEL_REFUSED,
    CHANNEL_SILENT,
    Channel,
    ChannelAnswer,
    IntentCard,
    Outcome,
    RefundCard,
)

_ORDERS = "/v3/pay/transactions"
_REFUNDS = "/v3/refund/domestic/refunds"
_REVERSE_TRIES = 3


class WechatPay:
    """One object for all districts: the merchant is the one that the open district is bound to."""

    def charge_code(self, intent: IntentCard, auth_code: str) -> ChannelAnswer:
        """Never repeated by itself: a lost answer is asked about."""
        fields = {
            "body": intent.description[:40] or intent.number,
            "out_trade_no": intent.number,
            "total_fee": str(intent.amount_fen),
            "spbill_create_ip": scope.current().ip or "127.0.0.1",  # of the till; a job has none
            "auth_code": auth_code,
        }
        return self._v2("/pay/micropay", fields)

    def order(self, intent: IntentCard, openid: str | None = None) -> dict[str, str]:
        merchant = _merchant()
        body: dict[str, Any] = {
            "appid": merchant.appid,
            "mchid": merchant.mchid,
            "description": intent.description[:40] or intent.number,
            "out_trade_no": intent.number,
            "time_expire": intent.expires_at.astimezone(answers.CHINA).isoformat(timespec="seconds"),
            "notify_url": notify_url(merchant),
            "amount": {"total": intent.amount_fen, "currency": "CNY"},
        }
        if intent.channel is Channel.WECHAT_JSAPI:
            body["payer"] = {"openid": openid or ""}
            placed = _place(merchant, f"{_ORDERS}/jsapi", body)
            prepay_id = str(placed.body["prepay_id"])
            return sign.page_pay(merchant, appid=merchant.appid, prepay_id=prepay_id, now=clock.now())
        return {"code_url": str(_place(merchant, f"{_ORDERS}/native", body).body["code_url"])}

    def query(self, intent: IntentCard) -> ChannelAnswer:
        if intent.channel is Channel.WECHAT_CODE:
            return self._v2("/pay/orderquery", {"out_trade_no": intent.number})
        merchant = _merchant()
        try:
            answer = Client(merchant).get(f"{_ORDERS}/out-trade-no/{intent.number}", mchid=merchant.mchid)
        except Silent as why:
            return answers.silent(why)
        return answers.queried(answer)

    def reverse(self, intent: IntentCard) -> ChannelAnswer:
        """Repeated while WeChat says `recall` Y, at most three times; the next look goes on from there."""
        answer = answers.silent("never asked")
        for _ in range(_REVERSE_TRIES):
            try:
                heard = v2.call(_merchant(), "/secapi/pay/reverse", {"out_trade_no": intent.number}, certificate=True)
            except Silent as why:
                return answers.silent(why)
            if heard.get("result_code") == "SUCCESS" and heard.get("recall", "N") != "Y":
                return ChannelAnswer(Outcome.REVERSED, code="REVOKED", raw=dict(heard))
            code, message = heard.get("err_code", "recall"), heard.get("err_code_des", "")
            if code == "ORDERNOTEXIST":  # the charge never arrived; payments asks no sooner than 15 s after it
                return ChannelAnswer(Outcome.REVERSED, code=code, message=message, raw=dict(heard))
            answer = ChannelAnswer(Outcome.UNKNOWN, code=code, message=message, raw=dict(heard))
            if heard.get("recall") != "Y":
                return answer
        return answer

    def close(self, intent: IntentCard) -> ChannelAnswer:
        merchant = _merchant()
        path = f"{_ORDERS}/out-trade-no/{intent.number}/close"
        try:
            answer = Client(merchant).post(path, {"mchid": merchant.mchid}, repeat=True)
        except Silent as why:
            return answers.silent(why)
        if answer.is_good or answer.code in ("ORDER_CLOSED", "ORDER_NOT_EXIST", "ORDERNOTEXIST"):
            return answers.refused(answer, Outcome.CLOSED)
        return self.query(intent)  # the payer was faster, or something is wrong: the order itself says which

    def refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        """v3 refunds payments of both versions."""
        merchant = _merchant()
        body = {
            "out_trade_no": intent.number,
            "out_refund_no": refund.number,
            "reason": refund.reason[:26],
            "notify_url": notify_url(merchant),
            "amount": {"refund": refund.amount_fen, "total": intent.amount_fen, "currency": "CNY"},
        }
        try:
            return answers.refund_answered(Client(merchant).post(_REFUNDS, body))
        except Silent as why:
            return answers.silent(why)

    def query_refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        try:
            return answers.refund_queried(Client(_merchant()).get(f"{_REFUNDS}/{refund.number}"))
        except Silent as why:
            return answers.silent(why)

    def _v2(self, path: str, fields: dict[str, str]) -> ChannelAnswer:
        try:
            return answers.code_charged(v2.call(_merchant(), path, fields))
        except Silent as why:
            return answers.silent(why)


def notify_url(merchant: PayKeys) -> str:
    """Where WeChat Pay tells of payments and refunds; no query string, as it demands."""
    return f"{settings.BASE_URL.rstrip('/')}/pay/wechat/notify/{merchant.mchid}/"


def _merchant() -> PayKeys:
    return keys.pay(keys.of_district(Kind.PAY))


def _place(merchant: PayKeys, path: str, body: dict[str, Any]) -> Answer:
    try:
        answer = Client(merchant).post(path, body, repeat=True)
    except Silent as why:
        raise Refused(CHANNEL_SILENT) from why
    if not answer.is_good:
        raise Refused(CHANNEL_REFUSED, message=f"{answer.code} {answer.message}"[:200])
    return answer
