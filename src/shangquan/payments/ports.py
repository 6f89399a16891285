"""The plugs: channels that move money, settlers that are told of it, and the bills that channels send."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from shangquan.kernel.errors import Refused
from shangquan.payments.contracts import NO_CHANNEL, BillRow, Channel, ChannelAnswer, IntentCard, RefundCard


class ChannelPort(Protocol):
    """An outside system that moves money. Called outside any transaction; each call may be repeated as it stands.

    What is not heard clearly (time-out, 5xx, broken signature) is answered as `Outcome.UNKNOWN`, never raised.
    """

    def charge_code(self, intent: IntentCard, auth_code: str) -> ChannelAnswer:
        """Charge the payer whose code was scanned."""

    def order(self, intent: IntentCard, openid: str | None = None) -> dict[str, str]:
        """Place the order: `{"code_url": …}` or the parameters of the page's payment call.

        Raises Refused CHANNEL_REFUSED (P-4221) when the channel said no, CHANNEL_SILENT (P-5031) when it said nothing.
        """

    def query(self, intent: IntentCard) -> ChannelAnswer: ...

    def reverse(self, intent: IntentCard) -> ChannelAnswer:
        """Undo a charge by code, whatever became of it: `REVERSED` when the payer has, or got back, the money."""

    def close(self, intent: IntentCard) -> ChannelAnswer:
        """Forbid an order to be paid: `CLOSED`, or `PAID` when the payer was faster."""

    def refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        """`REFUNDED`, `WAITING`, `FAILED` or `UNKNOWN`."""

    def query_refund(self, refund: RefundCard, intent: IntentCard) -> ChannelAnswer:
        """As `refund`, and `ABSENT` when the channel has not heard of it."""


class Settler(Protocol):
    """The room that is paid. Called in the transaction that records the final state; its work commits with it or not."""

    def on_paid(self, intent: IntentCard, now: datetime) -> None:
        """Take the money. Raises Refused TOO_LATE or ALREADY_PAID (contracts): payments sends it back by itself."""

    def on_failed(self, intent: IntentCard, now: datetime) -> None: ...

    def on_refunded(self, refund: RefundCard, now: datetime) -> None: ...


class BillPort(Protocol):
    """The daily bill of a provider; `zone` says where its day begins and ends."""

    zone: ZoneInfo

    def bill(self, day: date) -> Sequence[BillRow]:
        """All payments and refunds that happened on `day`. Raises Refused CHANNEL_SILENT or CHANNEL_REFUSED."""


_channels: dict[Channel, ChannelPort] = {}
_settlers: dict[str, Settler] = {}
_bills: dict[str, tuple[tuple[Channel, ...], BillPort]] = {}


def register_channel(channel: Channel, port: ChannelPort) -> None:
    _channels[channel] = port


def channel(name: Channel) -> ChannelPort:
    """Refuses P-4031 when no connector fills it."""
    if name not in _channels:
        raise Refused(NO_CHANNEL, channel=name.value)
    return _channels[name]


def register_settler(source: str, settler: Settler) -> None:
    """`source` is the word under which a room opens its intents."""
    _settlers[source] = settler


def settler(source: str) -> Settler:
    return _settlers[source]


def register_bill(provider: str, channels: Sequence[Channel], port: BillPort) -> None:
    """One provider's bill covers several channels."""
    _bills[provider] = (tuple(channels), port)


def bill(provider: str) -> tuple[tuple[Channel, ...], BillPort]:
    if provider not in _bills:
        raise Refused(NO_CHANNEL, channel=provider)
    return _bills[provider]


def bill_providers() -> tuple[str, ...]:
    return tuple(_bills)
