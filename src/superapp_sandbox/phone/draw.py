"""Codes as SVG: the QR and the bar code that the phone's screens show. Dark on white, with a quiet zone."""

import io

import segno
from barcode.codex import Code128

LONGEST = 2000
BAR_HEIGHT = 40
QUIET = 10  # modules left and right of a bar code


class NotDrawable(ValueError):
    """The text is empty, too long, or cannot be written in this kind of code."""


def qr_svg(text: str) -> bytes:
    """A QR code with error correction M and four modules of quiet zone. Refuses empty and over-long text."""
    if not 0 < len(text) <= LONGEST:
        raise NotDrawable(text[:40])
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError as too_long:
        raise NotDrawable(text[:40]) from too_long
    out = io.BytesIO()
    code.save(out, kind="svg", scale=4, border=4, dark="#1c1c1f", light="#ffffff", xmldecl=False)
    return out.getvalue()


def code128_svg(text: str) -> bytes:
    """A Code 128 bar code (ISO/IEC 15417). Refuses text that is empty, over 48 characters or not printable ASCII."""
    if not 0 < len(text) <= 48 or not text.isascii() or not text.isprintable():
        raise NotDrawable(text[:40])
    modules = str(Code128(text).build()[0])
    width = len(modules) + 2 * QUIET
    path = "".join(f"M{QUIET + at} 0h1v{BAR_HEIGHT}h-1z" for at, module in enumerate(modules) if module == "1")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {BAR_HEIGHT}" width="{4 * width}" '
        f'height="{4 * BAR_HEIGHT}" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{BAR_HEIGHT}H0z"/><path fill="#1c1c1f" d="{path}"/></svg>'
    ).encode()
