"""ESC/POS bytes for 58 mm (32 columns) and 80 mm (48 columns) printers; Chinese in GB18030.

Source: Epson ESC/POS command reference (ESC @, ESC a, ESC E, GS !, GS ( k, GS v 0, GS V) and FS & for Chinese mode.
"""

import unicodedata

from escpos.printer import Dummy
from PIL import Image

DOTS = {32: 384, 48: 576}
INIT, CHINESE = b"\x1b@", b"\x1c&"
_ALIGN = {"left": b"\x1ba\x00", "center": b"\x1ba\x01", "right": b"\x1ba\x02"}


def width_of(text: str) -> int:
    """Columns that the text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def cut_to(text: str, columns: int) -> str:
    """The text shortened to so many columns."""
    while width_of(text) > columns:
        text = text[:-1]
    return text


class Paper:
    """Writes a receipt line by line; `done()` answers its bytes."""

    def __init__(self, columns: int = 32) -> None:
        self.columns = columns
        self.printer = Dummy(profile="default")
        self.printer._raw(INIT + CHINESE)

    def line(self, text: str = "", *, align: str = "left", bold: bool = False, large: bool = False) -> None:
        """One line; what does not fit is wrapped. `large` doubles height and width."""
        room = self.columns // 2 if large else self.columns
        self.printer._raw(_ALIGN[align] + b"\x1bE" + bytes([bold]) + b"\x1d!" + (b"\x11" if large else b"\x00"))
        for piece in _wrapped(text, room):
            self.printer._raw(piece.encode("gb18030") + b"\n")

    def pair(self, left: str, right: str, *, bold: bool = False, large: bool = False) -> None:
        """A label at the left edge and a value at the right one; the label is cut if both do not fit."""
        room = self.columns // 2 if large else self.columns
        left = cut_to(left, room - width_of(right) - 1)
        self.line(left + " " * (room - width_of(left) - width_of(right)) + right, bold=bold, large=large)

    def rule(self) -> None:
        self.line("-" * self.columns)

    def qr(self, text: str, *, dots: int = 8) -> None:
        """A QR code, at least 24 mm wide at 8 dots a mm for short texts."""
        self.printer._raw(_ALIGN["center"])
        self.printer.qr(text, native=True, size=dots)
        self.printer._raw(_ALIGN["left"])

    def picture(self, picture: Image.Image) -> None:
        """A picture as raster, no wider than the paper."""
        dots = DOTS[self.columns]
        if picture.width > dots:
            picture = picture.resize((dots, max(1, picture.height * dots // picture.width)))
        self.printer._raw(_ALIGN["center"])
        self.printer.image(picture, impl="bitImageRaster", center=False)
        self.printer._raw(_ALIGN["left"])

    def done(self) -> bytes:
        """Feed three lines and cut."""
        self.printer._raw(b"\x1bd\x03\x1dV\x00")
        content: bytes = self.printer.output
        return content


def _wrapped(text: str, room: int) -> list[str]:
    pieces, now = [], ""
    for sign in text:
        if width_of(now + sign) > room:
            pieces.append(now)
            now = ""
        now += sign
    return [*pieces, now]
