"""Which lines a payment and a refund make. Pure: amounts in, lines out, and they add up.

For the merchant of a bill line: received = what the customer paid + what others bear of the deductions (the owner, other
merchants, the owner's points). Commission is a share of what is received, rounded half up once on the merchant's part of the
bill. A refund gives commission back in proportion to what is received back, cumulatively: whatever the steps, when all is
returned exactly all commission has come back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shangquan.kernel.money import share
from shangquan.settlement.contracts import LineKind, Posted


@dataclass(frozen=True)
class Part:
    """A line of a bill, or the returned part of one. `borne` says who bears how much of what was not paid."""

    merchant_id: int
    store_id: int | None
    paid_fen: int
    borne: tuple[tuple[str, str, int], ...]  # (payer, kind of deduction, fen)

    @property
    def received_fen(self) -> int:
        """What reaches the merchant for the goods, before commission."""
        return self.paid_fen + sum(fen for payer, _, fen in self.borne if payer != f"merchant:{self.merchant_id}")


@dataclass(frozen=True)
class Booked:
    """What stands in the books for a bill and a merchant: received and charged, and what refunds have undone of it."""

    received_fen: int
    commission_fen: int
    received_back_fen: int
    commission_back_fen: int


def commission_back(booked: Booked, returning_fen: int) -> int:
    """Commission to give back when `returning_fen` of what was received goes back now."""
    if not booked.received_fen:
        return 0
    gone = booked.received_back_fen + returning_fen
    due = (booked.commission_fen * gone * 2 + booked.received_fen) // (2 * booked.received_fen)
    return max(min(due, booked.commission_fen) - booked.commission_back_fen, 0)


def lines_of_payment(parts: Iterable[Part], channel: str, commission_bp: Mapping[int, int]) -> list[Posted]:
    """The settlement lines that a paid bill makes."""
    made: list[Posted] = []
    for merchant_id, rows in _by_merchant(parts).items():
        commission = share(_received(rows), commission_bp.get(merchant_id, 0))
        made += _lines(merchant_id, rows, channel, commission, sign=1)
    return made


def lines_of_refund(parts: Iterable[Part], channel: str, booked: Mapping[int, Booked]) -> list[Posted]:
    """The settlement lines that a refund makes: every part of the payment, backwards."""
    made: list[Posted] = []
    for merchant_id, rows in _by_merchant(parts).items():
        known = booked.get(merchant_id)
        commission = commission_back(known, _received(rows)) if known else 0
        made += _lines(merchant_id, rows, channel, commission, sign=-1)
    return made


def _received(rows: Iterable[Part]) -> int:
    return sum(row.received_fen for row in rows)


_KINDS = {
    "money": (LineKind.SALE, LineKind.REFUND),
    "cash": (LineKind.CASH_KEPT, LineKind.CASH_RETURNED),
    "in": (LineKind.SUBSIDY_IN, LineKind.SUBSIDY_IN_BACK),
    "out": (LineKind.SUBSIDY_OUT, LineKind.SUBSIDY_OUT_BACK),
    "points": (LineKind.POINTS_IN, LineKind.POINTS_IN_BACK),
    "commission": (LineKind.COMMISSION, LineKind.COMMISSION_BACK),
}


def _lines(merchant_id: int, rows: list[Part], channel: str, commission: int, sign: int) -> list[Posted]:
    made: list[Posted] = []
    tail = "" if sign > 0 else "_back"
    store_id = rows[0].store_id

    def add(whose: int, what: str, fen: int, against: str, step: str) -> None:
        if fen:
            kind = _KINDS[what][0 if sign > 0 else 1]
            made.append(Posted(whose, store_id if whose == merchant_id else None, kind, sign * fen, step, against))

    paid = sum(row.paid_fen for row in rows)
    add(merchant_id, "money", paid, f"clearing.{channel}", "money" + tail)
    if channel == "cash":
        add(merchant_id, "cash", -paid, "clearing.cash", "cash" + tail)
    for (payer, what), fen in sorted(_borne(rows).items()):
        if payer == f"merchant:{merchant_id}":
            continue  # its own discount: it simply was not received
        add(merchant_id, what, fen, payer, f"{what}{tail}:{payer}")
        if payer.startswith("merchant:"):
            add(int(payer.partition(":")[2]), "out", -fen, f"merchant:{merchant_id}", f"out{tail}:{what}:{merchant_id}")
    add(merchant_id, "commission", -commission, "owner.commission", "commission" + tail)
    return made


def _borne(rows: Iterable[Part]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        for payer, kind, fen in row.borne:
            key = (payer, "points" if kind == "points" else "in")
            sums[key] = sums.get(key, 0) + fen
    return sums


def _by_merchant(parts: Iterable[Part]) -> dict[int, list[Part]]:
    groups: dict[int, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.merchant_id, []).append(part)
    return groups
