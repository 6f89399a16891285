"""What the first page says: figures against the same weekday, the finding of the day, what waits for whom."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shangquan.console import menu, waiting
from shangquan.console.frame import pick
from shangquan.console.pages.people.members import channel_word
from shangquan.coupons import door as coupons
from shangquan.design import formats, plots
from shangquan.design.contracts import Kpi
from shangquan.district import door as district
from shangquan.insight import door as insight
from shangquan.insight.contracts import CHANNELS, Sums
from shangquan.kernel import scope
from shangquan.tenancy import door as tenancy

WEEK = timedelta(days=7)
OPEN_FROM, OPEN_TO = 9, 21  # the hours drawn at least; earlier and later ones appear when something was sold then


def page(now: datetime) -> dict[str, Any]:
    """Everything of the live region. Figures need `insight.read`; the list of things to do is for everybody."""
    found: dict[str, Any] = {"todo_items": waiting.todos(now)}
    who = scope.actor()
    if not who.may("insight.read"):
        return found
    local = tenancy.local(now)
    found |= {"kpis": _kpis(local)} | _hours(local) | _places(local.date())
    if who.merchant_id is None:
        found |= _channels(local.date())
    if who.may("coupons.read"):
        found |= _funnel(now)
    return found


def weekday_before(day: date) -> str:
    """比上周日 / vs last Sunday."""
    names = (_("上周一"), _("上周二"), _("上周三"), _("上周四"), _("上周五"), _("上周六"), _("上周日"))
    return _("比%(day)s同时段") % {"day": names[day.weekday()]}


def _kpis(local: datetime) -> list[Kpi]:
    """The whole day so far; the change compares full hours only, so that a half hour is not held against a whole one."""
    day = local.date()
    today = insight.sums(day, day)
    until, before = (insight.sums(one, one, up_to_hour=local.hour) for one in (day, day - WEEK))
    week = insight.days(day - timedelta(days=6), day)
    paid, bills = [row.paid_fen - row.refunded_fen for row in week], [row.bills for row in week]
    average = [row.paid_fen / row.bills if row.bills else 0 for row in week]
    cards = [
        _kpi(_("销售额"), formats.fen_bare(today.net_fen), until.net_fen, before.net_fen, day, paid, is_money=True),
        _kpi(_("笔数"), formats.whole(today.bills), until.bills, before.bills, day, bills),
        _kpi(_("客单价"), formats.fen_bare(today.average_bill_fen), until.average_bill_fen, before.average_bill_fen, day,
             average, is_money=True),
        _member_share(today, until, before, day),
        _kpi(_("已省"), formats.fen_bare(today.saved_fen), until.saved_fen, before.saved_fen, day, (), is_money=True,
             judge=False),
    ]  # fmt: skip
    if scope.actor().merchant_id is None:
        cards.append(Kpi(_("新会员"), formats.whole(today.new_members)))
    return cards


def _kpi(
    name: str, value: str, new: int, old: int, day: date, series: Any, *, is_money: bool = False, judge: bool = True
) -> Kpi:
    if old <= 0 or new < 0:  # nothing to compare with: a share of less than nothing says nothing
        return Kpi(name, value, series=series, is_money=is_money)
    ratio = new / old - 1
    good = (ratio >= 0) if judge else None
    return Kpi(name, value, formats.change_percent(ratio), weekday_before(day), good, ratio >= 0, series, is_money)


def _member_share(today: Sums, until: Sums, before: Sums, day: date) -> Kpi:
    share = formats.percent1(today.member_bills / today.bills) if today.bills else None
    if not (until.bills and before.bills):
        return Kpi(_("会员单占比"), share)
    change = until.member_bills / until.bills - before.member_bills / before.bills
    words = formats.change_points(change * 100, get_language() or "zh-hans")
    return Kpi(_("会员单占比"), share, words, weekday_before(day), change >= 0, change >= 0)


def _hours(local: datetime) -> dict[str, Any]:
    day = local.date()
    today = {row.hour: row for row in insight.hours(day)}
    before = {row.hour: row for row in insight.hours(day - WEEK)}
    known = {*today, *before, local.hour}  # also before the shops open, when nobody has bought yet
    hours = range(min({OPEN_FROM, *known}), max({OPEN_TO, *known}) + 1)
    series = [(today[h].paid_fen / 100 if h in today else 0) if h <= local.hour else None for h in hours]
    compare = [before[h].paid_fen / 100 if h in before else 0 for h in hours]
    finding = _finding(local, {h: row.paid_fen for h, row in today.items()}, {h: r.paid_fen for h, r in before.items()})
    labels = [_("%(hour)s 时") % {"hour": hour} for hour in hours]
    rows = [
        [label, "—" if new is None else f"{new:,.2f}", f"{old:,.2f}"]
        for label, new, old in zip(labels, series, compare, strict=True)
    ]
    return {
        "finding": finding,
        "hours_plot": plots.line_by_hour(
            labels, series, words=finding, name=_("今天"), compare=compare, compare_name=_("上周同日")
        ),
        "hours_table": plots.data_table([_("小时"), _("今天"), _("上周同日")], rows),
    }


def _finding(local: datetime, today: dict[int, int], before: dict[int, int]) -> str:
    """The sentence above the plot, from full hours."""
    new = sum(fen for hour, fen in today.items() if hour < local.hour)
    old = sum(fen for hour, fen in before.items() if hour < local.hour)
    if not today:
        return _("今天还没有成交。")
    best = max(today, key=lambda hour: today[hour])
    peak = _("%(hour)s 时最高，收了 %(sum)s。") % {"hour": best, "sum": formats.fen(today[best])}
    if old <= 0 or new < 0:  # nothing to compare with: a share of less than nothing says nothing
        return peak
    ratio = new / old - 1
    word = _("多了") if ratio >= 0 else _("少了")
    change = formats.percent1(abs(ratio))
    start = _("到 %(hour)s 时，比上周同日%(word)s %(change)s；") % {"hour": local.hour, "word": word, "change": change}
    return start + peak


def _places(day: date) -> dict[str, Any]:
    """By floor for the owner, by store for a merchant."""
    rows = insight.stores(day, day)
    cards = {card.id: card for card in district.stores([row.store_id for row in rows])} if rows else {}
    sums: dict[str, int] = defaultdict(int)
    by_floor = scope.actor().merchant_id is None
    for row in rows:
        card = cards.get(row.store_id)
        name = "—" if card is None else (card.floor or card.unit) if by_floor else pick(card.name, card.name_en)
        sums[name] += row.paid_fen - row.refunded_fen
    if not sums:
        return {}
    bars = [plots.Bar(name, fen, formats.fen_bare(fen)) for name, fen in sums.items()]
    title = _("各层销售") if by_floor else _("各店销售")
    return {"places_title": title, "places_plot": plots.bars(bars, words=title, head=("", _("销售额 ¥"), ""))}


def _channels(day: date) -> dict[str, Any]:
    rows = insight.channels(day - timedelta(days=6), day)
    if not rows:
        return {}
    bars = [
        plots.Bar(
            pick(*CHANNELS[row.channel]) if row.channel in CHANNELS else channel_word(row.channel), row.count, formats.whole(row.count),
            formats.percent1(row.share_permille / 1000),
        )
        for row in rows[:5]
    ]  # fmt: skip
    other = sum(row.count for row in rows[5:])
    if other:
        bars.append(plots.Bar(_("其他"), other, formats.whole(other)))
    title = _("新会员从哪来")
    return {"channels_plot": plots.bars(bars, words=title, head=("", _("人数"), _("占比")), colour=1)}


def _funnel(now: datetime) -> dict[str, Any]:
    """Of the published campaign that was claimed most."""
    cards = coupons.campaign_lists.campaigns(states=["published"], limit=200)
    if not cards:
        return {}
    card = max(cards, key=lambda one: one.claimed)
    found = coupons.funnel(card.id, now)
    title = pick(card.terms.title_zh, card.terms.title_en)
    steps = [
        plots.FunnelStep(_("已领"), found.claimed),
        plots.FunnelStep(_("到店出示"), found.shown, _("领后到店")),
        plots.FunnelStep(_("核销"), found.redeemed, _("到店后用掉")),
    ]
    rate = formats.percent1(found.redeemed / found.claimed) if found.claimed else formats.DASH
    day = tenancy.today(now)
    back = insight.campaign_return(card.id, tenancy.local(card.published_at or now).date(), day)
    return {
        "funnel_title": title,
        "funnel_href": menu.address("console:coupon", card.id),
        "funnel_plot": plots.funnel(steps, words=title),
        "funnel_rate": _("核销率 = 核销 ÷ 领取 = %(rate)s") % {"rate": rate},
        "funnel_return": _("费效比 %(ratio)s") % {"ratio": back.ratio},
    }
