"""Cash: the one channel that needs nobody outside. The clerk's word is the answer."""

from shangquan.kernel.errors import Refused
from shangquan.payments.contracts import CHANNEL_REFUSED, ChannelAnswer, IntentCard, Outcome, RefundCard


class CashDrawer:
    """Fills `ports.ChannelPort`."""

    def charge_code(self, intent: IntentCard, auth_code: str) -> ChannelAnswer:
        return ChannelAnswer(Outcome.PAID, paid_fen=intent.amount_fen)

    def order(self, intent: IntentCard, openid: str | None = None) -> dict[str, str]:
        raise Refused(CHANNEL_REFUSED, message="现金不能扫码支付")

    def query(self, intent: IntentCard) -> ChannelAnswer:
        return ChannelAnswer(Outcome.ABSENT)

    def reverse(self, intent: IntentCard) -> ChannelAnswer:
        return ChannelAnswer(Outcome.REVERSED)

    def close(self, intent: IntentCard) -> ChannelAnswer:
        return ChannelAnswer(Outcome.CLOSED)

    def refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        return ChannelAnswer(Outcome.REFUNDED, paid_fen=refund.amount_fen)

    def query_refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        return ChannelAnswer(Outcome.ABSENT)
