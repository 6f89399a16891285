"""Codes drawn on the server: dark on white in every theme, with their quiet zones, without styles or scripts."""

import io
import zipfile
from collections.abc import Sequence
from html import escape

import barcode
import segno

from shangquan.codes.contracts import SceneCard

_QUIET = 4  # ISO/IEC 18004 asks for four modules around a QR
_BAR_QUIET = 10  # ISO/IEC 15417 asks for ten modules on both sides of a Code 128
_COLUMNS, _ROWS = 3, 4  # on an A4 page
_CELL_W, _CELL_H, _QR = 60, 66, 48  # mm


def qr_svg(text: str, *, label: str = "") -> str:
    """Inline SVG of a QR with 15 % error correction; `label` is what a screen reader says."""
    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        border=_QUIET, dark="#000", light="#fff", omitsize=True
    )
    named = f'<svg role="img" aria-label="{escape(label or text, quote=True)}"'
    return drawn.replace("<svg", named, 1)


def qr_png(text: str, *, scale: int = 12) -> bytes:
    """A picture for a printer; at 12 points a module a poster of 10 cm is sharp."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="png", border=_QUIET, scale=scale)
    return buffer.getvalue()


def barcode_svg(digits: str, *, height: int = 40) -> str:
    """Inline SVG of a Code 128 (ISO/IEC 15417); an even number of digits uses the dense set C."""
    [modules] = barcode.get("code128", digits).build()
    width = len(modules) + 2 * _BAR_QUIET
    path = "".join(f"M{start + _BAR_QUIET} 0h{length}v{height}h-{length}z" for start, length in _bars(modules))
    return (
        f'<svg role="img" aria-label="{escape(digits, quote=True)}" viewBox="0 0 {width} {height}"'
        f' preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{height}h-{width}z"/><path fill="#000" d="{path}"/></svg>'
    )


def _bars(modules: str) -> list[tuple[int, int]]:
    """(start, length) of each run of dark modules."""
    runs, start = [], None
    for place, module in enumerate(modules + "0"):
        if module == "1" and start is None:
            start = place
        elif module == "0" and start is not None:
            runs.append((start, place - start))
            start = None
    return runs


def sheet_svg(scenes: Sequence[SceneCard]) -> list[str]:
    """A4 pages of 12 codes, each with its title, source and place: to be printed and cut."""
    per_page = _COLUMNS * _ROWS
    return [_page(scenes[first : first + per_page]) for first in range(0, len(scenes), per_page)]


def _page(scenes: Sequence[SceneCard]) -> str:
    cells = "".join(
        _cell(scene, x=15 + place % _COLUMNS * _CELL_W, y=12 + place // _COLUMNS * _CELL_H)
        for place, scene in enumerate(scenes)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">'
        f'<path fill="#fff" d="M0 0h210v297h-210z"/>{cells}</svg>'
    )


def _cell(scene: SceneCard, *, x: int, y: int) -> str:
    qr = segno.make(scene.url, error="m", micro=False)
    modules = qr.symbol_size(border=_QUIET)[0]
    drawn = qr.svg_inline(border=_QUIET, dark="#000", light="#fff", omitsize=True)
    inner = drawn[drawn.index(">") + 1 : drawn.rindex("</svg>")]
    middle = x + _CELL_W / 2
    lines = [scene.title or scene.scene, " · ".join(part for part in (scene.source, scene.place) if part)]
    texts = "".join(
        f'<text x="{middle}" y="{y + _QR + 5 + 5 * row}" font-size="{4 - row * 0.8}" text-anchor="middle"'
        f' font-family="sans-serif">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )
    return (
        f'<svg x="{middle - _QR / 2}" y="{y}" width="{_QR}" height="{_QR}" viewBox="0 0 {modules} {modules}">'
        f"{inner}</svg>{texts}"
    )


def pictures_zip(scenes: Sequence[SceneCard]) -> bytes:
    """One PNG for each code, named by source, place and scene, for whoever lays out the print."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for scene in scenes:
            name = "-".join(part for part in (scene.source, scene.place, scene.scene) if part)
            safe = "".join(letter if letter.isalnum() or letter in "-_@." else "_" for letter in name)
            archive.writestr(f"{safe}.png", qr_png(scene.url))
    return buffer.getvalue()
