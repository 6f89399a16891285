"""Reads what a clerk typed or a scanner sent, before anybody is asked what it is."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 512
_AMOUNT = re.compile(r"[¥￥]?(\d{1,7})\.(\d{1,2})|[¥￥](\d{1,7})|(\d{1,7})元")
_QUANTITY = re.compile(r"(\d{1,4})\s*[x×*]")
_PIECES = re.compile(r"(\d{1,4})\s*[x×*]\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A price typed for goods without a bar code: `12.50`, `¥12`, `12元`. In fen."""

    fen: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """`3×`: the number of pieces of the line that was touched last."""

    pieces: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """`3×6901…`: so many pieces of what follows."""

    pieces: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


def read(typed: str) -> Amount | Quantity | Pieces | Text:
    """What the typed text is by its looks. Full-width digits and signs are read as the narrow ones."""
    text = unicodedata.normalize("NFKC", typed.replace("×", "x")).strip()[:LONGEST]
    lower = text.lower()
    if (found := _QUANTITY.fullmatch(lower)) and int(found[1]):
        return Quantity(int(found[1]))
    if (found := _PIECES.fullmatch(lower)) and int(found[1]):
        return Pieces(int(found[1]), text[found.start(2) :])
    if found := _AMOUNT.fullmatch(lower):
        yuan, cents = found[1] or found[3] or found[4], (found[2] or "").ljust(2, "0")
        fen = int(yuan) * 100 + int(cents)
        if fen:
            return Amount(fen)
    return Text(text)
