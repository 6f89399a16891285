import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shangquan.design import brand
from shangquan.kernel.errors import Refused

colours = st.integers(0, 0xFFFFFF).map("#{:06X}".format)


def test_contrast_is_the_formula_of_wcag() -> None:
    assert brand.contrast("#000000", "#FFFFFF") == 21
    assert brand.contrast("#7E2B63", "#FFFFFF") == brand.contrast("#FFFFFF", "#7E2B63") == pytest.approx(8.70, abs=0.01)


@given(colours)
def test_the_nearest_colour_can_be_read_and_a_good_one_stays(colour: str) -> None:
    nearest = brand.nearest_readable(colour)
    assert brand.contrast(nearest, "#FFFFFF") >= brand.LEAST
    if brand.contrast(colour, "#FFFFFF") >= brand.LEAST:
        assert nearest == colour


def test_a_pale_brand_is_refused_with_the_nearest_that_works() -> None:
    with pytest.raises(Refused) as caught:
        brand.checked("#F0A62E")
    assert caught.value.reason is brand.TOO_PALE
    assert brand.checked(caught.value.data["nearest"]) == caught.value.data["nearest"]


@pytest.mark.parametrize("text", ["", "red", "#12345", "#7E2B63;}", "#GGGGGG"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        brand.style_sheet(text)
    assert caught.value.reason is brand.NOT_A_COLOUR


@given(colours.filter(lambda colour: brand.contrast(colour, "#FFFFFF") >= brand.LEAST))
def test_a_brands_sheet_can_be_read_in_both_themes(colour: str) -> None:
    light, dark, auto = brand.style_sheet(colour).strip().splitlines()
    day, night = (dict(re.findall(r"--([a-z-]+):(#[0-9A-F]{6})", line)) for line in (light, dark))
    assert brand.contrast(day["brand"], "#FFFFFF") >= 4.5
    assert brand.contrast(day["card"], "#FFFFFF") >= 4.5
    assert brand.contrast(night["brand"], "#211A20") >= 4.5
    assert brand.contrast(night["on-brand"], night["brand"]) >= 4.5
    assert brand.contrast(night["card"], "#FFFFFF") >= 4.5
    assert brand.contrast(day["brand"], day["brand-soft"]) >= 4.0
    assert "prefers-color-scheme:dark" in auto
