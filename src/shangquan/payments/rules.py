"""Pure decisions: which state may follow which, when to ask again, when to give up."""

from datetime import datetime, timedelta

from shangquan.payments.contracts import Channel, ChannelAnswer, Outcome, RefundState, State

LIVE = frozenset({State.CREATED, State.SENT, State.WAITING, State.UNKNOWN})
FINAL = frozenset({State.PAID, State.FAILED, State.CLOSED, State.REVERSED})

# Money is stronger than our own word: a payment that arrives after we gave up is recorded (and sent back).
TRANSITIONS: dict[State, frozenset[State]] = {
    State.CREATED: frozenset({State.SENT, State.PAID, State.FAILED, State.CLOSED}),
    State.SENT: frozenset({State.WAITING, State.UNKNOWN, State.PAID, State.FAILED, State.CLOSED, State.REVERSED}),
    State.WAITING: frozenset({State.UNKNOWN, State.PAID, State.FAILED, State.CLOSED, State.REVERSED}),
    State.UNKNOWN: frozenset({State.WAITING, State.PAID, State.FAILED, State.CLOSED, State.REVERSED}),
    State.PAID: frozenset(),
    State.FAILED: frozenset({State.PAID}),
    State.CLOSED: frozenset({State.PAID}),
    State.REVERSED: frozenset({State.PAID}),
}

_SAID: dict[Outcome, State] = {
    Outcome.PAID: State.PAID,
    Outcome.REFUNDED: State.PAID,  # a payment that has been refunded since was paid
    Outcome.WAITING: State.WAITING,
    Outcome.UNKNOWN: State.UNKNOWN,
    Outcome.ABSENT: State.UNKNOWN,  # not there yet is not the same as never: only closing or reversing settles it
    Outcome.FAILED: State.FAILED,
    Outcome.CLOSED: State.CLOSED,
    Outcome.REVERSED: State.REVERSED,
}

REFUND_TRANSITIONS: dict[RefundState, frozenset[RefundState]] = {
    RefundState.CREATED: frozenset({RefundState.SENT, RefundState.DONE, RefundState.FAILED}),
    RefundState.SENT: frozenset({RefundState.WAITING, RefundState.DONE, RefundState.FAILED}),
    RefundState.WAITING: frozenset({RefundState.SENT, RefundState.DONE, RefundState.FAILED}),
    RefundState.DONE: frozenset(),
    RefundState.FAILED: frozenset({RefundState.DONE}),  # an abnormal refund can be completed by hand at the channel
}

_REFUND_SAID: dict[Outcome, RefundState] = {
    Outcome.REFUNDED: RefundState.DONE,
    Outcome.WAITING: RefundState.WAITING,
    Outcome.FAILED: RefundState.FAILED,
    Outcome.CLOSED: RefundState.FAILED,
    Outcome.ABSENT: RefundState.SENT,
}

MAX_REFUNDS = 50  # of one payment (WeChat Pay)

# WeChat Pay's rule for a charge by code: ask every 5 s; after 30 s undo it; never undo within 15 s of the charge.
CODE_LOOK = timedelta(seconds=5)
CODE_PATIENCE = timedelta(seconds=30)
CODE_REVERSE_AFTER = timedelta(seconds=15)
# Orders that the payer pays alone: the notice is the rule, asking is for lost notices.
ORDER_LOOKS = tuple(timedelta(seconds=s) for s in (5, 10, 15, 30, 60, 120, 300))
ORDER_LIFE = timedelta(minutes=15)
REFUND_LOOKS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 600, 1800))


def after(state: State, said: Outcome) -> State | None:
    """The state that follows, or None when the answer changes nothing."""
    wanted = _SAID[said]
    return wanted if wanted in TRANSITIONS[state] else None


def refund_after(state: RefundState, said: Outcome) -> RefundState | None:
    wanted = _REFUND_SAID.get(said)
    return wanted if wanted is not None and wanted in REFUND_TRANSITIONS[state] else None


def amount_agrees(asked_fen: int, answer: ChannelAnswer) -> bool:
    """A payment counts only for exactly what was asked, in CNY."""
    return answer.paid_fen == asked_fen and answer.currency == "CNY"


def next_look(channel: Channel, looks: int) -> timedelta:
    """How long to wait before asking the channel again, after `looks` questions."""
    if channel is Channel.WECHAT_CODE:
        return CODE_LOOK if looks < 12 else timedelta(minutes=1)
    return ORDER_LOOKS[min(looks, len(ORDER_LOOKS) - 1)]


def next_refund_look(looks: int) -> timedelta:
    return REFUND_LOOKS[min(looks, len(REFUND_LOOKS) - 1)]


def give_up(channel: Channel, *, sent_at: datetime, expires_at: datetime, cancel_wanted: bool, now: datetime) -> bool:
    """Whether to undo or close a payment that has not succeeded yet."""
    if channel is Channel.WECHAT_CODE:
        patience = CODE_REVERSE_AFTER if cancel_wanted else CODE_PATIENCE
        return now - sent_at >= patience
    return cancel_wanted or now >= expires_at


def looks_like_auth_code(text: str) -> bool:
    """WeChat's payment codes: 18 digits that begin with 10 to 15."""
    return len(text) == 18 and text.isascii() and text.isdigit() and "10" <= text[:2] <= "15"


def why_not_refundable(*, amount_fen: int, asked_fen: int, refunded_fen: int, refunds: int) -> str | None:
    """Name of the refusal, or None. `refunded_fen` counts every refund that has not failed."""
    if refunds >= MAX_REFUNDS:
        return "too_many"
    if asked_fen <= 0 or refunded_fen + asked_fen > amount_fen:
        return "too_much"
    return None
