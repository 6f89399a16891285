"""Contrast of every pair of colours that the pages put together, by the WCAG 2.2 formula, from tokens.css itself."""

import re
from pathlib import Path

import pytest

from shangquan.design.brand import contrast

CSS = (Path(__file__).parents[1] / "static" / "design" / "tokens.css").read_text()


def tokens(selector: str) -> dict[str, str]:
    found = re.search(re.escape(selector) + r"\{(.*?)\n\}", CSS, re.DOTALL)
    assert found, selector
    return dict(re.findall(r"--([a-z0-9-]+):(#[0-9A-Fa-f]{6})", found[1]))


LIGHT = tokens(":root")
DARK = LIGHT | tokens(":root[data-theme=dark]")
TEXT = [
    ("ink", "surface"), ("ink", "paper"), ("ink", "sunken"), ("ink", "raised"),
    ("ink2", "surface"), ("ink2", "paper"), ("ink2", "sunken"),
    ("ink3", "surface"), ("ink3", "paper"), ("ink3", "sunken"),
    ("brand", "surface"), ("brand", "paper"), ("brand", "brand-soft"), ("on-brand", "brand"),
    ("offer", "surface"), ("offer", "offer-soft"), ("offer-ink", "offer-soft"),
    ("gold", "surface"), ("gold", "gold-soft"), ("gold-ink", "gold-soft"), ("on-gold", "gold-fill"),
    ("ok", "surface"), ("ok", "ok-soft"), ("warn", "surface"), ("warn", "warn-soft"),
    ("bad", "surface"), ("bad", "bad-soft"), ("info", "surface"), ("info", "info-soft"),
    ("ink", "info-soft"), ("ink", "warn-soft"), ("ink", "bad-soft"), ("ink", "ok-soft"), ("ink", "gold-soft"),
    ("ink", "brand-soft"), ("ink2", "brand-soft"), ("surface", "ink"), ("surface", "bad"), ("surface", "ok"),
    ("on-card", "card"), ("on-card2", "card"), ("on-card-button", "card-button"),
    ("on-deep", "deep"), ("on-deep2", "deep"), ("on-deep3", "deep"), ("ink", "dawn"), ("ink2", "dawn"),
    ("code-ink", "code-paper"),
]  # fmt: skip
EDGES = [("ctl", "surface"), ("ctl", "paper"), ("brand", "surface"), ("bad", "surface"), ("deep-mark", "deep")]
SERIES = [(f"c{at}", "surface") for at in range(7)]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_reaches_4_5(theme: dict[str, str], front: str, back: str) -> None:
    assert contrast(theme[front], theme[back]) >= 4.5, f"{front} on {back}"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), EDGES + SERIES)
def test_edges_and_series_reach_3(theme: dict[str, str], front: str, back: str) -> None:
    assert contrast(theme[front], theme[back]) >= 3, f"{front} on {back}"


def test_both_dark_sets_are_one() -> None:
    auto = re.search(r":root\[data-theme=auto\]\{(.*?)\n\}\}", CSS, re.DOTALL)
    dark = re.search(r":root\[data-theme=dark\]\{(.*?)\n\}", CSS, re.DOTALL)
    assert auto and dark
    assert auto[1].strip() == dark[1].strip()


def test_every_colour_of_the_light_set_has_a_dark_one() -> None:
    assert set(tokens(":root")) == set(tokens(":root[data-theme=dark]"))


def test_every_token_that_a_style_names_exists() -> None:
    known = set(re.findall(r"--([a-z0-9-]+):", CSS))
    for sheet in (Path(__file__).parents[1] / "static" / "design").glob("*.css"):
        used = set(re.findall(r"var\(--([a-z0-9-]+)", sheet.read_text()))
        own = set(re.findall(r"--([a-z0-9-]+):", sheet.read_text()))
        assert {name for name in used if not name.startswith("b-")} <= known | own, sheet.name
