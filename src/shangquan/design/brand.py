"""A district's own brand colour: whether it can be read, the nearest one that can, and its style sheet.

Contrast is WCAG 2.2, "relative luminance" and "contrast ratio". A colour is refused under 4.5 : 1 on white (faces of the
house, brand); the refusal carries the nearest colour of the same hue that passes.
"""

from __future__ import annotations

import colorsys
import re

from shangquan.kernel.errors import Reason, Refused

LEAST = 4.5
NOT_A_COLOUR = Reason(
    "Y-4001", "not_a_colour", 400, "颜色要写成 #7E2B63 这样。", "Write the colour like this: #7E2B63."
)
TOO_PALE = Reason(
    "Y-4002",
    "brand_too_pale",
    400,
    "这个颜色在白底上看不清，最接近的可用颜色是 {nearest}。",
    "This colour is hard to read on white; the nearest that works is {nearest}.",
)


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two #RRGGBB colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def nearest_readable(colour: str) -> str:
    """The colour itself if it reaches 4.5 : 1 on white, else the lightest of its hue that does."""
    hue, light, strength = colorsys.rgb_to_hls(*_parts(colour))
    while light > 0 and contrast(_hex(hue, light, strength), "#FFFFFF") < LEAST:
        light -= 0.004
    return _hex(hue, max(0.0, light), strength)


def checked(colour: str) -> str:
    """The colour as #RRGGBB. Refuses NOT_A_COLOUR and, with the nearest that works, TOO_PALE."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour.strip()):
        raise Refused(NOT_A_COLOUR)
    upper = colour.strip().upper()
    if contrast(upper, "#FFFFFF") < LEAST:
        raise Refused(TOO_PALE, nearest=nearest_readable(upper))
    return upper


def style_sheet(colour: str) -> str:
    """The sheet that replaces the brand set of tokens.css, light and dark. Refuses what `checked` refuses."""
    brand = checked(colour)
    hue, light, strength = colorsys.rgb_to_hls(*_parts(brand))
    strong, soft = _hex(hue, light * 0.78, strength), _hex(hue, 0.95, min(strength, 0.5))
    line, pale = _hex(hue, 0.8, min(strength, 0.4)), _hex(hue, 0.74, min(strength, 0.6))
    dark_soft, card = _hex(hue, 0.18, min(strength, 0.4)), _hex(hue, min(light, 0.25), strength)
    day = f"--brand:{brand};--brand-strong:{strong};--brand-soft:{soft};--brand-line:{line};--card:{brand}"
    night = f"--brand:{pale};--brand-strong:{pale};--brand-soft:{dark_soft};--on-brand:#2B0E21;--card:{card}"
    return (
        f":root{{{day}}}\n:root[data-theme=dark]{{{night}}}\n"
        f"@media (prefers-color-scheme:dark){{:root[data-theme=auto]{{{night}}}}}\n"
    )


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(hue: float, light: float, strength: float) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, light, strength))


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
