"""What a page hands to a component: plain values, ready to be read; no Django, no queries behind an attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Tone = Literal["plain", "ok", "warn", "bad", "info", "gold", "offer", "brand"]
ButtonKind = Literal["primary", "soft", "line", "brand", "plain", "danger", "danger-fill"]


@dataclass(frozen=True, slots=True)
class Action:
    """A button: a link when `href` is given, a one-button form when `post` is.

    `fields` are hidden inputs of that form (an idempotency key, a choice). `key` is the till's key hint.
    `why_not` disables the button and says the reason beneath it. `confirm` asks before a dangerous post.
    """

    label: str
    href: str = ""
    post: str = ""
    kind: ButtonKind = "line"
    icon: str = ""
    key: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    why_not: str = ""
    confirm: str = ""
    small: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """One coupon's face, the same on the shelf, in the wallet, at the till and in the console's preview.

    `amount` is the number alone (see formats.fen_face and formats.discount); the sign ¥ stands before it when
    `is_money`, `unit` after it otherwise. `note` is the one status line, `why` the reason this coupon was chosen.
    `left` of `total` draws the stock bar. `starts_at` draws a countdown from the server's time.
    """

    amount: str
    title: str
    rule: str = ""
    is_money: bool = True
    unit: str = ""
    where: str = ""
    note: str = ""
    note_tone: Tone = "plain"
    note_icon: str = ""
    why: str = ""
    left: int | None = None
    total: int | None = None
    starts_at: datetime | None = None
    action: Action | None = None
    aside: str = ""
    href: str = ""
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class SumLine:
    """A line of a bill or statement. `fen` is written with its sign; `text` replaces it (a way of payment, a time)."""

    label: str
    fen: int | None = None
    text: str = ""
    is_off: bool = False
    is_total: bool = False
    is_diff: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    title: str
    href: str = ""
    icon: str = ""
    image: str = ""
    note: str = ""
    value: str = ""
    value_tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One number with its change in words against a named day. `series` draws the sparkline, oldest first.

    `good` tells whether the change is welcome (None: neither). `is_out` marks a value outside its usual range.
    `value` of None is written as "no data yet".
    """

    name: str
    value: str | None
    change: str = ""
    against: str = ""
    good: bool | None = None
    rising: bool = True
    series: Sequence[float] = ()
    is_money: bool = False
    is_out: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is the sort key sent as ?sort=key or ?sort=-key, empty when not sortable. `minor` hides it on a phone."""

    title: str
    key: str = ""
    right: bool = False
    minor: bool = False


@dataclass(frozen=True, slots=True)
class TableCell:
    text: str
    href: str = ""
    tag: Tone | None = None
    is_negative: bool = False
    strong: bool = False
    mono: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    cells: Sequence[TableCell | str]
    id: str = ""
    href: str = ""
    is_current: bool = False
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A list page's table. Links for sorting and paging are made from the page's own query string.

    `sort` is the present key with its sign; `before` and `after` are the paging keys, empty at an end;
    `total` is written when cheap to know, else None. `selectable` draws check boxes named `row`.
    """

    columns: Sequence[Column]
    rows: Sequence[TableRow]
    caption: str
    sort: str = ""
    before: str = ""
    after: str = ""
    total: int | None = None
    selectable: bool = False
    totals: Sequence[str] = ()
    empty_sentence: str = ""
    empty_action: Action | None = None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    text: str
    at: datetime | None = None
    who: str = ""
    note: str = ""
    href: str = ""
    state: Literal["plain", "now", "done", "failed"] = "plain"
    by_system: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    href: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class MenuItem:
    """`locked` is one sentence saying what plan would hold it; empty when the item is open."""

    label: str
    href: str
    icon: str
    count: int = 0
    hot: bool = False
    locked: str = ""


@dataclass(frozen=True, slots=True)
class MenuGroup:
    title: str
    items: Sequence[MenuItem]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a long form: state done, now, wrong or ahead."""

    label: str
    href: str = ""
    state: Literal["done", "now", "wrong", "ahead"] = "ahead"


@dataclass(frozen=True, slots=True)
class Todo:
    title: str
    note: str = ""
    tone: Tone = "info"
    icon: str = "info"
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class MemberCode:
    """The changing member code. `bars_svg` and `qr_svg` are made by the server and already safe; digits are grouped."""

    name: str
    member_number: str
    tier: str
    digits: str
    bars_svg: str
    qr_svg: str
    expires_at: datetime
    lifetime_seconds: int
    refresh_url: str
    state: Literal["live", "refreshing", "offline", "replayed"] = "live"


@dataclass(frozen=True, slots=True)
class H5Frame:
    """What surrounds every consumer page; `brand_css` is the address of a district's own colours, if it has any."""

    district_name: str
    home: str = ""
    coupons: str = ""
    code: str = ""
    stroll: str = ""
    me: str = ""
    brand_css: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleFrame:
    """What surrounds every console page: whose data it is, the menu, the search, the person."""

    whose: str
    kind: str
    menu: Sequence[MenuGroup]
    person: str
    role: str
    search: str = ""
    search_hint: str = ""
    alerts: str = ""
    alert_count: int = 0
    new: Sequence[Action] = ()
    person_links: Sequence[Action] = ()
    help: str = ""
    live_url: str = ""
    theme: Literal["auto", "light", "dark"] = "auto"


@dataclass(frozen=True, slots=True)
class TillFrame:
    """The till's top line. `notice` is the amber bar (off line, unsent tickets, shift closed); empty: all is well."""

    store: str
    till: str
    person: str
    shift: str
    link_state: str
    link_tone: Tone = "ok"
    printer_state: str = ""
    printer_tone: Tone = "plain"
    menu: Sequence[MenuItem] = ()
    notice: str = ""
    notice_tone: Literal["warn", "bad"] = "warn"
