"""Tickets of the coupons room as the design draws them."""

from shangquan.console.frame import pick
from shangquan.coupons.contracts import TicketCard
from shangquan.design.contracts import Action, Ticket, Tone

_OFF = ("sold_out", "over", "paused", "expired", "used", "void", "given", "day_full", "not_for_you")
_TONES: dict[str, Tone] = {"few_left": "offer", "claimed": "ok", "not_for_you": "warn", "paused": "warn"}


def face(card: TicketCard, action: Action | None = None) -> Ticket:
    """The same face as on the shelf; the console's previews draw its button without a deed behind it."""
    stub = pick(card.stub_zh, card.stub_en)
    is_money = stub.startswith("¥")
    amount, _space, unit = (stub[1:], "", "") if is_money else stub.rpartition(" ") if " " in stub else (stub, "", "")
    return Ticket(
        amount=amount,
        unit=unit,
        is_money=is_money,
        title=pick(card.title_zh, card.title_en),
        rule=pick(card.threshold_zh, card.threshold_en),
        where=f"{pick(card.place_zh, card.place_en)} · {pick(card.period_zh, card.period_en)}",
        note=pick(card.status_zh, card.status_en),
        note_tone=_TONES.get(card.status, "plain"),
        action=action,
        is_off=card.status in _OFF,
    )
