"""Pure decisions about merchants, units and bar codes."""

import re

from shangquan.district.contracts import MerchantStatus

# What each step asks for and leads to.
STEPS: dict[str, tuple[frozenset[MerchantStatus], MerchantStatus]] = {
    "accept": (frozenset({MerchantStatus.APPLIED, MerchantStatus.REFUSED}), MerchantStatus.ACTIVE),
    "refuse": (frozenset({MerchantStatus.APPLIED}), MerchantStatus.REFUSED),
    "suspend": (frozenset({MerchantStatus.ACTIVE}), MerchantStatus.SUSPENDED),
    "resume": (frozenset({MerchantStatus.SUSPENDED}), MerchantStatus.ACTIVE),
}

STATUS_ZH = {
    MerchantStatus.APPLIED: "待审核",
    MerchantStatus.ACTIVE: "营业中",
    MerchantStatus.SUSPENDED: "已停业",
    MerchantStatus.REFUSED: "已拒绝",
}

_UNIT = re.compile(r"[A-Z0-9]{1,4}(-[A-Z0-9]{1,6}){1,2}")


def next_status(status: MerchantStatus, step: str) -> MerchantStatus | None:
    """Where a step leads, or None when it is not possible from here."""
    allowed, after = STEPS[step]
    return after if status in allowed else None


def unit(text: str) -> str | None:
    """A unit as it is kept: ' 2f-207 ' -> '2F-207'; None when it is not one."""
    cleaned = text.strip().upper().replace("－", "-").replace("—", "-")
    return cleaned if _UNIT.fullmatch(cleaned) else None


def floor_of(unit_text: str) -> str:
    """The floor's code inside a unit: '2F-207' -> '2F'; 'A-2F-207' -> '2F'."""
    return unit_text.split("-")[-2]


def ean13_check_digit(first_twelve: str) -> int:
    """GS1 General Specifications, section 7.9: weights 1 and 3 from the left, up to the next ten."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(first_twelve))
    return -total % 10


def is_ean13(text: str) -> bool:
    """13 ASCII digits with a right check digit."""
    return len(text) == 13 and text.isascii() and text.isdigit() and ean13_check_digit(text[:12]) == int(text[12])
