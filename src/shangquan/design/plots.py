"""Small plots drawn by the server as SVG or HTML: no script, no style attribute, colour by class from the tokens.

Every plot carries a text alternative. Numbers go in as they are; the caller writes the tick texts' unit in the title.
Refuses (ValueError): series of different lengths, fewer than two points, nothing to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .formats import percent1

WIDTH = 776
LEFT = 44
RIGHT = 10
Number = float | int
Series = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Band:
    """The usual range of a measure, with its words, and the points outside it (index, words)."""

    low: float
    high: float
    label: str = ""
    outside: Sequence[int] = ()
    outside_label: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of horizontal bars: name, value, the value as text, one more text."""

    name: str
    value: float
    text: str
    more: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step of a funnel; `rate_words` follows the rate from the step before ("被领走")."""

    name: str
    count: int
    rate_words: str = ""


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most `most` round ticks that hold low and high: (0, 3222) -> 0, 1000, 2000, 3000, 4000."""
    if high - low <= 1e-9 * max(1.0, abs(low)):
        high = low + 1
    step = _nice_step((high - low) / max(1, most - 1))
    first, last = floor(low / step), ceil(high / step)
    while last - first + 1 > most:
        step = _nice_step(step * 1.01)
        first, last = floor(low / step), ceil(high / step)
    return [round(step * at, 10) for at in range(first, last + 1)]


def _nice_step(raw: float) -> float:
    power = 10.0 ** floor(log10(raw))
    return float(next(step for step in (1, 2, 2.5, 5, 10) if step * power >= raw * 0.999999) * power)


def sparkline(series: Sequence[Number], tone: str = "0") -> SafeString:
    """A 74 × 26 line with a dot at its end; decoration, for the change stands beside it in words."""
    if len(series) < 2:
        return mark_safe("")
    low, high = min(series), max(series)
    spread = (high - low) or 1
    points = [(70 * at / (len(series) - 1), 22 - 18 * (value - low) / spread) for at, value in enumerate(series)]
    x, y = points[-1]
    return format_html(
        '<svg class="plot" viewBox="-2 -1 76 27" aria-hidden="true"><polyline class="plot-line c{}" points="{}"/>'
        '<circle class="f{}" cx="{}" cy="{}" r="2.6"/></svg>',
        tone,
        _path(points),
        tone,
        _n(x),
        _n(y),
    )


def line_by_hour(
    labels: Sequence[str],
    series: Series,
    *,
    words: str,
    name: str = "",
    compare: Series = (),
    compare_name: str = "",
    band: Band | None = None,
    colour: int = 1,
    height: int = 190,
    from_zero: bool = True,
    write: Callable[[float], str] | None = None,
    show_labels: bool = True,
) -> SafeString:
    """A line over the hours of a day; hours to come are None and stay empty. `compare` is drawn dashed and grey.

    `words` is the text alternative. `write` writes a tick and the last value (a thousands comma if not given).
    """
    _check(labels, series, compare)
    write = write or (lambda value: f"{value:,.0f}")
    known = [value for value in (*series, *compare) if value is not None]
    if band:
        known += [band.low, band.high]
    room = 0.35 * (max(known) - min(known)) if band and band.outside else 0  # for the words under the lowest mark
    ticks = nice_ticks(0 if from_zero else min(known) - room, max(known))
    foot = 24 if show_labels else 8
    frame = _Frame(len(labels), ticks[0], ticks[-1], height, foot)
    parts = [_grid(frame, ticks, write)]
    if band:
        parts.append(_band(frame, band))
    if compare:
        parts.append(_line(frame, compare, "plot-dash c0"))
        parts.append(_end_name(frame, compare, compare_name, "", below=False))
    parts.append(_area(frame, series, colour) if from_zero and not band else mark_safe(""))
    parts.append(_line(frame, series, f"plot-line c{colour}"))
    parts.append(_last(frame, series, name, colour, write))
    if band:
        parts.append(_outside(frame, series, band, write))
    if show_labels:
        parts.append(_hours(frame, labels))
    return _svg(WIDTH, height, words, *parts)


def two_panels(
    labels: Sequence[str],
    *,
    top: Series,
    bottom: Series,
    top_words: str,
    bottom_words: str,
    top_name: str = "",
    compare: Series = (),
    compare_name: str = "",
    band: Band | None = None,
) -> SafeString:
    """Two measures of one day on one time axis, never on two y axes. The lower is a ratio and is written in percent."""
    upper = line_by_hour(
        labels,
        top,
        words=top_words,
        name=top_name,
        compare=compare,
        compare_name=compare_name,
        height=168,
        show_labels=False,
    )
    lower = line_by_hour(
        labels,
        bottom,
        words=bottom_words,
        band=band,
        colour=3,
        height=142,
        from_zero=False,
        write=lambda value: f"{value * 100:.4g}%",
    )
    return format_html("{}{}", upper, lower)


def bars(
    rows: Sequence[Bar], *, words: str, head: Sequence[str] = ("", "", ""), colour: int = 4, is_sorted: bool = True
) -> SafeString:
    """Horizontal bars, longest first, value as text. `head` names the row, the value and the further text."""
    drawn = sorted(rows, key=lambda row: -row.value) if is_sorted else list(rows)
    most = max((row.value for row in drawn), default=0) or 1
    top = format_html(
        '<li class="head" aria-hidden="true"><span>{}</span><span></span><span class="to-end">{}</span>'
        '<span class="to-end">{}</span></li>',
        *head,
    )
    body = format_html_join("", "{}", ((_bar_row(row, most, colour),) for row in drawn))
    return format_html('<ul class="hbars" aria-label="{}">{}{}</ul>', words, top if any(head) else "", body)


def _bar_row(row: Bar, most: float, colour: int) -> SafeString:
    name = format_html('<a class="link" href="{}">{}</a>', row.href, row.name) if row.href else row.name
    return format_html(
        '<li><b>{}</b><span>{}</span><span class="to-end num">{}</span><span class="to-end num muted">{}</span></li>',
        name,
        _hbar(row.value / most, f"f{colour}"),
        row.text,
        row.more,
    )


def funnel(steps: Sequence[FunnelStep], *, words: str) -> SafeString:
    """Left-aligned bars with the rate from one step to the next between them."""
    most = max((step.count for step in steps), default=0) or 1
    rows = []
    for at, step in enumerate(steps):
        if at:
            before = steps[at - 1].count
            rate = percent1(step.count / before) if before else "—"
            arrow = mark_safe('<span aria-hidden="true">↓</span>')
            rows.append(format_html('<li><span class="rate num">{} {} {}</span></li>', arrow, rate, step.rate_words))
        shade = max(3, 6 - (len(steps) - 1 - at))
        rows.append(
            format_html(
                '<li class="step"><span>{}</span><span>{}</span><b class="num">{}</b></li>',
                step.name,
                _hbar(step.count / most, f"s{min(6, shade)}"),
                f"{step.count:,}",
            )
        )
    return format_html('<ol class="funnel" aria-label="{}">{}</ol>', words, format_html_join("", "{}", zip(rows)))


def heat(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Series],
    *,
    words: str,
    legend: str = "",
    flagged: Sequence[tuple[int, int]] = (),
) -> SafeString:
    """A table of shades, one hue in six steps; None is drawn as no data. `flagged` (row, column) are ringed."""
    if len(values) != len(rows) or any(len(line) != len(columns) for line in values):
        raise ValueError("heat: every row needs one value a column")
    known = [value for line in values for value in line if value is not None]
    most = max(known, default=0) or 1
    left, cell, gap, high = 68, 34, 2, 24
    parts = []
    for at, (name, line) in enumerate(zip(rows, values, strict=True)):
        y = at * (high + 3)
        parts.append(format_html('<text x="{}" y="{}" text-anchor="end">{}</text>', left - 8, y + 16, name))
        for column, value in enumerate(line):
            parts.append(
                _heat_cell(left + column * (cell + gap), y, cell, high, value, most, f"{name} {columns[column]}")
            )
    for row, column in flagged:
        x, y = left + column * (cell + gap), row * (high + 3)
        parts.append(
            format_html(
                '<rect class="plot-ring" x="{}" y="{}" width="{}" height="{}" rx="3"/>',
                x - 1,
                y - 1,
                cell + 2,
                high + 2,
            )
        )
    foot = len(rows) * (high + 3) + 14
    for at, column_name in enumerate(columns):
        middle = _n(left + at * (cell + gap) + cell / 2)
        parts.append(format_html('<text x="{}" y="{}" text-anchor="middle">{}</text>', middle, foot, column_name))
    width = left + len(columns) * (cell + gap)
    plot = _svg(width, foot + 6, words, *parts)
    return format_html("{}{}", plot, _heat_legend(legend) if legend else "")


def _heat_cell(
    x: float, y: float, width: float, height: float, value: float | None, most: float, name: str
) -> SafeString:
    shade = 0 if value is None else min(6, 1 + int(6 * value / most * 0.9999))
    said = f"{name} {_('没有数据') if value is None else f'{value:g}'}"
    return format_html(
        '<rect class="s{}" x="{}" y="{}" width="{}" height="{}" rx="3"><title>{}</title></rect>',
        shade,
        _n(x),
        _n(y),
        width,
        height,
        said,
    )


def _heat_legend(text: str) -> SafeString:
    steps = format_html_join(
        "", '<rect class="s{}" x="{}" width="25" height="10"/>', ((at, 25 * (at - 1)) for at in range(1, 7))
    )
    return format_html(
        '<p class="plot-legend"><svg class="plot" viewBox="0 0 150 10" aria-hidden="true">{}</svg>{}</p>', steps, text
    )


def data_table(head: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> SafeString:
    """The numbers behind a plot, folded away behind 看数据."""
    ths = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in head))
    trs = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", '<td class="num">{}</td>', ((v,) for v in row)),) for row in rows)
    )
    return format_html(
        '<details class="plot-data"><summary>{}</summary><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></details>",
        title or _("看数据"),
        ths,
        trs,
    )


# -- drawing ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Frame:
    count: int
    low: float
    high: float
    height: int
    foot: int

    def x(self, at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT - 6) * at / max(1, self.count - 1)

    def y(self, value: float) -> float:
        return self.height - self.foot - (self.height - self.foot - 18) * (value - self.low) / (self.high - self.low)


def _check(labels: Sequence[str], series: Series, compare: Series) -> None:
    if len(labels) < 2 or len(series) != len(labels) or (compare and len(compare) != len(labels)):
        raise ValueError("a line needs two or more points, and one value a label")
    if all(value is None for value in series):
        raise ValueError("a line needs at least one known value")


def _svg(width: float, height: float, words: str, *parts: SafeString) -> SafeString:
    """A wide plot's text grows on a phone (plots.css), where the whole drawing shrinks."""
    return format_html(
        '<svg class="plot{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        " plot-wide" if width >= WIDTH else "",
        _n(width),
        _n(height),
        words,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _grid(frame: _Frame, ticks: Sequence[float], write: Callable[[float], str]) -> SafeString:
    rows = ((LEFT, _n(frame.y(tick)), WIDTH - RIGHT, LEFT - 6, _n(frame.y(tick) + 4), write(tick)) for tick in ticks)
    return format_html_join(
        "", '<path class="grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>', rows
    )


def _hours(frame: _Frame, labels: Sequence[str]) -> SafeString:
    """Every label while they fit, else every second or third; on a phone half of these (class alt goes)."""
    stride = max(1, ceil(len(labels) * 46 / (WIDTH - LEFT)))
    shown = range(0, len(labels), stride)
    rows = (
        (
            "alt" if at // stride % 2 else "",
            _n(frame.x(at)),
            frame.height - 6,
            "middle" if at else "start",
            labels[at],
        )
        for at in shown
    )
    return format_html_join("", '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>', rows)


def _known(frame: _Frame, series: Series) -> list[tuple[float, float]]:
    return [(frame.x(at), frame.y(value)) for at, value in enumerate(series) if value is not None]


def _line(frame: _Frame, series: Series, css: str) -> SafeString:
    return format_html('<polyline class="{}" points="{}"/>', css, _path(_known(frame, series)))


def _area(frame: _Frame, series: Series, colour: int) -> SafeString:
    points = _known(frame, series)
    ground = frame.y(frame.low)
    closed = [(points[0][0], ground), *points, (points[-1][0], ground)]
    return format_html('<polygon class="plot-area f{}" points="{}"/>', colour, _path(closed))


def _last(frame: _Frame, series: Series, name: str, colour: int, write: Callable[[float], str]) -> SafeString:
    at, value = next((at, value) for at, value in reversed(list(enumerate(series))) if value is not None)
    x, y = frame.x(at), frame.y(value)
    mark = format_html('<circle class="mark f{}" cx="{}" cy="{}" r="4.5"/>', colour, _n(x), _n(y))
    if not name:
        return mark
    anchor = "end" if at > frame.count / 2 else "start"
    return format_html(
        '{}<text class="f{}" x="{}" y="{}" text-anchor="{}">{} {}</text>',
        mark,
        colour,
        _n(x - 8 if anchor == "end" else x + 8),
        _n(max(11, y - 6)),
        anchor,
        name,
        write(value),
    )


def _end_name(frame: _Frame, series: Series, name: str, css: str, *, below: bool) -> SafeString:
    """The comparison's name beside its line, three quarters along, where today's line has usually ended."""
    points = _known(frame, series)
    if not name or not points:
        return mark_safe("")
    x, y = points[min(len(points) - 1, round(len(points) * 0.8))]
    return format_html('<text class="{}" x="{}" y="{}">{}</text>', css, _n(x + 8), _n(y + (14 if below else -6)), name)


def _band(frame: _Frame, band: Band) -> SafeString:
    top, bottom = frame.y(band.high), frame.y(band.low)
    return format_html(
        '<rect class="plot-band f3" x="{}" y="{}" width="{}" height="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        LEFT,
        _n(top),
        WIDTH - LEFT - RIGHT,
        _n(bottom - top),
        WIDTH - RIGHT - 4,
        _n(top + 13),
        band.label,
    )


def _outside(frame: _Frame, series: Series, band: Band, write: Callable[[float], str]) -> SafeString:
    marks = [(frame.x(at), frame.y(value), value) for at in band.outside if (value := series[at]) is not None]
    if not marks:
        return mark_safe("")
    half = (frame.x(1) - frame.x(0)) / 2
    first, last = marks[0][0] - half, marks[-1][0] + half
    flag = format_html(
        '<rect class="plot-flag" x="{}" y="{}" width="{}" height="{}"/>',
        _n(first),
        _n(frame.y(frame.high) - 6),
        _n(last - first),
        _n(frame.y(frame.low) - frame.y(frame.high) + 6),
    )
    dots = format_html_join(
        "", '<circle class="mark fbad" cx="{}" cy="{}" r="4.5"/>', ((_n(x), _n(y)) for x, y, _value in marks)
    )
    x, y, value = min(marks, key=lambda mark: mark[2])
    said = f"{write(value)} · {band.outside_label}" if band.outside_label else write(value)
    return format_html('{}{}<text class="fbad" x="{}" y="{}">{}</text>', flag, dots, _n(x + 12), _n(y + 15), said)


def _hbar(share: float, css: str) -> SafeString:
    width = max(0.0, min(1.0, share)) * 100
    return format_html(
        '<svg class="hbar" aria-hidden="true"><rect class="{}" width="{}%" height="100%"/></svg>', css, f"{width:.1f}"
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
