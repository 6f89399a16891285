"""Pure decisions: how identities are written, masked and checked; how a card is numbered."""

import re
from collections.abc import Mapping

from shangquan.members.contracts import ChannelShare, KeyKind

CARD_PREFIX = "88"
CARD_DIGITS = 12

_PHONE = re.compile(r"1[3-9]\d{9}")
_OTHER_PHONE = re.compile(r"\+\d{6,15}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-Z][A-Z0-9]{4,5}[A-Z0-9挂学警港澳领]"
)
_MAC = re.compile(r"[0-9a-f]{12}")
_OPAQUE = re.compile(r"[\x21-\x7e]{6,128}")


def normal(kind: KeyKind, text: str) -> str | None:
    """An identity as it is hashed, so that every way of writing it finds the same person; None when it is none."""
    value = text.strip()
    match kind:
        case KeyKind.PHONE:
            return _phone(value)
        case KeyKind.PLATE:
            plate = re.sub(r"[\s·•.-]", "", value).upper()
            return plate if _PLATE.fullmatch(plate) else None
        case KeyKind.DEVICE:
            mac = re.sub(r"[:\-.]", "", value).lower()
            return mac if _MAC.fullmatch(mac) else _opaque(value)
        case _:
            return _opaque(value)


def _opaque(value: str) -> str | None:
    return value if _OPAQUE.fullmatch(value) else None


def _phone(value: str) -> str | None:
    digits = re.sub(r"[\s()（）-]", "", value)
    digits = re.sub(r"^(\+86|0086)", "", digits)
    return digits if _PHONE.fullmatch(digits) or _OTHER_PHONE.fullmatch(digits) else None


def mask(kind: KeyKind, value: str) -> str:
    """138****1234; 沪A····8; nothing at all of the other kinds."""
    if kind is KeyKind.PHONE:
        return f"{value[:3]}****{value[-4:]}"
    if kind is KeyKind.PLATE:
        return f"{value[:2]}***{value[-1:]}"
    return ""


def mask_name(name: str) -> str:
    """林小雨 -> 林**; Anna Lee -> A*******. One character is hidden whole."""
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else "*" * len(name)


def luhn_digit(digits: str) -> str:
    """ISO/IEC 7812-1, annex B: the digit that makes the double-add-double sum a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card_number(random_nine: int) -> str:
    """A card of 12 digits: 88, nine random digits, a check digit that catches every single mistyped digit."""
    body = f"{CARD_PREFIX}{random_nine:09d}"
    return body + luhn_digit(body)


def is_card_number(text: str) -> bool:
    return (
        len(text) == CARD_DIGITS
        and text.isascii()
        and text.isdigit()
        and text.startswith(CARD_PREFIX)
        and luhn_digit(text[:-1]) == text[-1]
    )


def shares(counts: Mapping[str, int]) -> tuple[ChannelShare, ...]:
    """Each channel's part of the whole, half up, biggest first."""
    whole = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ChannelShare(channel, n, (n * 20_000 + whole) // (2 * whole)) for channel, n in ordered)
