import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shangquan.design import plots
from shangquan.design.samples import HEAT, LAST_WEEK, RATE, VISITS, hours


def roots(html: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<all>{html}</all>"))


def test_a_line_by_hour_leaves_the_rest_of_the_day_empty() -> None:
    svg = roots(
        plots.line_by_hour(hours(), VISITS, words="客流", name="今天", compare=LAST_WEEK, compare_name="上周日")
    )[0]
    dashed, today = svg.findall("polyline")
    assert (dashed.get("class"), len(str(dashed.get("points")).split())) == ("plot-dash c0", 13)
    assert (today.get("class"), len(str(today.get("points")).split())) == ("plot-line c1", 9)
    assert "今天 3,222" in [text.text for text in svg.iter("text")]
    assert svg.get("aria-label") == "客流"


def test_a_band_marks_the_points_outside_with_words() -> None:
    band = plots.Band(0.2, 0.29, "平常", (6, 7), "排队过长")
    write = "{:.1%}".format
    svg = roots(plots.line_by_hour(hours(), RATE, words="成交率", band=band, colour=3, from_zero=False, write=write))[0]
    assert len([dot for dot in svg.iter("circle") if "fbad" in str(dot.get("class"))]) == 2
    assert "16.4% · 排队过长" in [text.text for text in svg.iter("text")]


def test_bad_series_are_refused() -> None:
    for labels, series in ((["9"], [1.0]), (["9", "10"], [1.0]), (["9", "10"], [None, None])):
        with pytest.raises(ValueError, match="a line needs"):
            plots.line_by_hour(labels, series, words="x")
    with pytest.raises(ValueError, match="heat"):
        plots.heat(["a"], ["9"], [[1, 2]], words="x")


def test_bars_are_sorted_and_the_longest_fills_the_row() -> None:
    html = plots.bars([plots.Bar("1F", 50, "50"), plots.Bar("B1", 100, "100")], words="各层")
    rows = roots(html)[0].findall("li")
    assert [row.findtext("b") for row in rows] == ["B1", "1F"]
    assert [rect.get("width") for rect in roots(html)[0].iter("rect")] == ["100.0%", "50.0%"]


def test_a_funnel_tells_the_rate_between_two_steps() -> None:
    steps = [
        plots.FunnelStep("发放", 6000),
        plots.FunnelStep("领取", 4180, "被领走"),
        plots.FunnelStep("核销", 0, "用掉"),
    ]
    text = "".join(roots(plots.funnel(steps, words="漏斗"))[0].itertext())
    assert "69.7% 被领走" in text
    assert "0.0% 用掉" in text
    assert "—" in "".join(
        roots(plots.funnel([plots.FunnelStep("a", 0), plots.FunnelStep("b", 0)], words="x"))[0].itertext()
    )


def test_heat_has_six_steps_and_tells_missing_from_nought() -> None:
    svg = roots(plots.heat(["a"], ["1", "2", "3"], [[0, None, 9]], words="x"))[0]
    assert [rect.get("class") for rect in svg.iter("rect")] == ["s1", "s0", "s6"]
    full = roots(plots.heat([str(row) for row in range(6)], hours()[:9], HEAT, words="x", legend="疏 → 密"))
    assert len(list(full[0].iter("rect"))) == 54
    assert full[1].get("class") == "plot-legend"


def test_words_are_escaped() -> None:
    html = plots.bars([plots.Bar("<b>&", 1, "1")], words='"><script>')
    assert "<script>" not in html
    assert roots(html)[0].get("aria-label") == '"><script>'


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_hold_the_values_and_are_few(low: float, spread: float) -> None:
    ticks = plots.nice_ticks(low, low + spread)
    slack = max(1e-6, abs(low) * 1e-9)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + spread - slack
    assert 1 < len(ticks) <= 5


def test_ticks_are_round() -> None:
    assert plots.nice_ticks(0, 3222) == [0, 1000, 2000, 3000, 4000]
    assert plots.nice_ticks(0, 0) == [0, 0.25, 0.5, 0.75, 1.0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_a_sparkline_stays_in_its_box(series: list[float]) -> None:
    points = str(roots(plots.sparkline(series))[0].findall("polyline")[0].get("points")).split()
    assert len(points) == len(series)
    for x, y in (point.split(",") for point in points):
        assert -0.1 <= float(x) <= 70.1
        assert 3.9 <= float(y) <= 22.1


def test_one_value_is_no_line() -> None:
    assert plots.sparkline([3]) == ""
