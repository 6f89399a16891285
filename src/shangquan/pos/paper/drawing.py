"""The paper as SVG, one unit a dot: every sign stands where the printer would put it, whatever fonts there are."""

import base64
import io
import unicodedata
from html import escape

import segno
from PIL import Image

from shangquan.pos.paper.reading import Block, read
from shangquan.pos.paper.writing import DOTS, width_of

_CELL, _LINE = 12, 30  # font A: 12 dots a column, a line every 30 dots
_MARGIN = 24


def draw(content: bytes, columns: int) -> str:
    """A receipt's bytes as inline SVG."""
    dots, top, parts, words = DOTS[columns], _MARGIN, list[str](), list[str]()
    for block in read(content):
        if block.kind == "text":
            high = _LINE * block.scale
            parts.append(_text(block, dots, top + high - 8 * block.scale))
            words.append(block.text.strip())
            top += high
        elif block.kind == "qr":
            drawn, high = _code(block, dots, top)
            parts.append(drawn)
            top += high
        elif block.picture is not None:
            parts.append(_picture(block.picture, dots, top))
            top += block.picture.height + 6
    wide, high = dots + 2 * _MARGIN, top + _MARGIN
    label = escape(" ".join(word for word in words if word.strip("-")), quote=True)
    return (
        f'<svg class="paper" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img" aria-label="{label}">'
        f'<rect class="paper-ground" width="{wide}" height="{high}"/>{"".join(parts)}</svg>'
    )


def _left(align: str, wide: int, dots: int) -> int:
    return _MARGIN + {"left": 0, "center": (dots - wide) // 2, "right": dots - wide}[align]


def _text(block: Block, dots: int, base: int) -> str:
    if not block.text.strip():
        return ""
    cell = _CELL * block.scale
    at, places = _left(block.align, width_of(block.text) * cell, dots), []
    for sign in block.text:
        places.append(at)
        at += cell * (2 if unicodedata.east_asian_width(sign) in "WFA" else 1)
    kept = [(sign, place) for sign, place in zip(block.text, places, strict=True) if sign != " "]
    weight = " paper-bold" if block.bold else ""
    return (
        f'<text class="paper-text{weight}" y="{base}" font-size="{cell * 2 - 2 * block.scale}" '
        f'x="{" ".join(str(place) for _, place in kept)}">{escape("".join(sign for sign, _ in kept))}</text>'
    )


def _code(block: Block, dots: int, top: int) -> tuple[str, int]:
    code = segno.make(block.text, error="l", micro=False)
    rows = [list(row) for row in code.matrix]
    side = len(rows) * block.scale
    left = _left(block.align, side, dots)
    squares = "".join(
        f"M{left + x * block.scale} {top + 8 + y * block.scale}h{block.scale}v{block.scale}h-{block.scale}z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return f'<path class="paper-ink" d="{squares}"/>', side + 16


def _picture(picture: Image.Image, dots: int, top: int) -> str:
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    data = base64.b64encode(kept.getvalue()).decode()
    left = _left("center", picture.width, dots)
    return f'<image x="{left}" y="{top}" width="{picture.width}" height="{picture.height}" href="data:image/png;base64,{data}"/>'
