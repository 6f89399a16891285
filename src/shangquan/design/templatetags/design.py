"""Filters and tags of the design room: {% load design %}. The list with examples is docs/design.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.middleware.csrf import get_token
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shangquan.design import contracts, formats, icons, plots
from shangquan.kernel import clock

register = template.Library()


def language() -> str:
    return get_language() or "zh-hans"


def _today() -> date:
    return timezone.localtime(clock.now()).date()


# -- filters ---------------------------------------------------------------------------------------------------------


register.filter("fen", formats.fen)
register.filter("fen_bare", formats.fen_bare)
register.filter("fen_signed", formats.fen_signed)
register.filter("fen_face", formats.fen_face)
register.filter("whole", formats.whole)
register.filter("percent1", formats.percent1)
register.filter("mask_phone", formats.mask_phone)
register.filter("mask_name", formats.mask_name)
register.filter("mask_plate", formats.mask_plate)
register.filter("grouped", formats.grouped)
register.filter("rest_of", formats.rest_of)


@register.filter
def points(number: int) -> str:
    """3280 -> 3,280 积分 / 3,280 points."""
    return _("%(number)s 积分") % {"number": formats.whole(number)}


@register.filter
def fen_short(amount: int) -> str:
    return formats.fen_short(amount, language())


@register.filter
def zhe(percent_paid: int) -> str:
    return formats.zhe(percent_paid, language())


@register.filter
def when(value: datetime | None, now: datetime | None = None) -> str:
    """刚刚, 5 分钟前, 今天 18:24, then the date; in the active zone. The page may pass its own `now`."""
    if value is None:
        return formats.DASH
    local = timezone.localtime(value)
    return formats.when(local, now=timezone.localtime(now or clock.now()), language=language())


@register.filter
def day(value: date | datetime | None, style: str = "") -> str:
    """11月22日, and 11月22日 周日 with |day:"weekday"."""
    if value is None:
        return formats.DASH
    local = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return formats.day(local, today=_today(), language=language(), weekday=style == "weekday")


@register.filter
def day_to(first: date, last: date) -> str:
    """{{ first|day_to:last }} -> 11月20日–11月30日."""
    return formats.day_range(first, last, today=_today(), language=language())


@register.filter("clock")
def hour_and_minute(value: datetime) -> str:
    """18:24, in the active zone."""
    return f"{timezone.localtime(value):%H:%M}"


@register.filter
def iso(value: datetime) -> str:
    """For <time datetime> and islands; UTC."""
    return value.isoformat()


# -- small marks -----------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "", kind: str = "") -> SafeString:
    """{% icon "home" %}: decoration. With `label` it is an image with that name."""
    use = format_html('<use href="{}#{}"/>', static("design/icons.svg"), icons.require(name))
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon {}" {}>{}</svg>', kind, named, use)


@register.simple_tag
def money(amount: int | None, bare: bool = False) -> SafeString:
    """A sum with the small sign: {% money bill.due_fen %}."""
    if amount is None:
        return format_html('<span class="num">{}</span>', formats.DASH)
    sign = formats.MINUS if amount < 0 else ""
    yen = "" if bare else mark_safe('<span class="yen">¥</span>')
    return format_html('<span class="num">{}{}{}</span>', sign, yen, formats.fen_bare(abs(amount)))


@register.simple_tag
def tag(word: str, tone: str = "plain", icon_name: str = "") -> SafeString:
    """A word on a soft ground: ok done, warn needs you, bad refused, info waits for others, gold tier, plain."""
    mark = icon(icon_name) if icon_name else ""
    return format_html('<span class="tag tag-{}">{}{}</span>', tone, mark, word)


@register.simple_tag
def bar(part: float, whole_amount: float = 100, tone: str = "offer") -> SafeString:
    """A bar filled to part of whole. The number stands beside it as text, so the bar itself is decoration."""
    filled = 0.0 if whole_amount <= 0 else max(0.0, min(100.0, 100 * part / whole_amount))
    rect = format_html('<rect width="{}%" height="100%" rx="3"/>', f"{filled:.1f}")
    return format_html('<svg class="bar bar-{}" aria-hidden="true">{}</svg>', tone, rect)


@register.simple_tag
def masked(text: str, label: str = "") -> SafeString:
    """A masked name or number, read out as hidden rather than as a row of asterisks."""
    spoken = label or _("部分隐藏")
    return format_html('<span class="masked num">{}<span class="unseen">{}</span></span>', text, spoken)


@register.simple_tag
def sparkline(series: Sequence[float], tone: str = "0") -> SafeString:
    return plots.sparkline(series, tone=tone)


@register.simple_tag
def digits(text: str) -> SafeString:
    """A code that a screen reader says digit by digit."""
    return format_html('<span aria-label="{}">{}</span>', " ".join(text.replace(" ", "")), text)


# -- components, one template each -----------------------------------------------------------------------------------


def component(name: str) -> str:
    return f"design/components/{name}.html"


def _csrf(context: Context) -> str:
    if "csrf_token" in context:
        return str(context["csrf_token"])
    request = context.get("request")
    return get_token(request) if request is not None else ""


@register.inclusion_tag(component("button"))
def button(label: str, kind: str = "primary", **options: Any) -> dict[str, Any]:
    """href, icon, key, name, value, type, small, wide, busy, busy_label, why_not, form; see components/button.html."""
    return {"label": label, "kind": kind, **options}


@register.inclusion_tag(component("action"), takes_context=True)
def action(context: Context, act: contracts.Action | None, kind: str = "", css: str = "") -> dict[str, Any]:
    return {"act": act, "kind": kind or (act.kind if act else ""), "css": css, "csrf_token": _csrf(context)}


@register.inclusion_tag(component("ticket"), takes_context=True)
def ticket(context: Context, coupon: contracts.Ticket) -> dict[str, Any]:
    return {"coupon": coupon, "csrf_token": _csrf(context)}


@register.inclusion_tag(component("ticket_full"))
def ticket_full(coupon: contracts.Ticket, state: str, tone: str, qr_svg: str = "", code: str = "") -> dict[str, Any]:
    return {"coupon": coupon, "state": state, "tone": tone, "qr_svg": qr_svg, "code": code}


@register.inclusion_tag(component("sum"))
def sum_lines(lines: Iterable[contracts.SumLine]) -> dict[str, Any]:
    return {"lines": list(lines)}


@register.inclusion_tag(component("cells"))
def cells(rows: Iterable[contracts.Cell]) -> dict[str, Any]:
    return {"rows": list(rows)}


@register.inclusion_tag(component("facts"))
def facts(rows: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    """Rows of (name, value) or (name, value, link text, address)."""
    return {"rows": [(*row, "", "")[:4] for row in rows]}


@register.inclusion_tag(component("notice"), takes_context=True)
def notice(context: Context, text: str, tone: str = "info", **options: Any) -> dict[str, Any]:
    """icon, title, act, urgent; the sentence may be marked safe by its maker."""
    default = {"info": "info", "warn": "warn", "bad": "alert", "ok": "spark", "gold": "coins", "brand": "spark"}
    named = options.pop("icon", "") or default[tone]
    return {"text": text, "tone": tone, "icon_name": named, "csrf_token": _csrf(context), **options}


@register.inclusion_tag(component("kpi"))
def kpi(card: contracts.Kpi, wide: bool = False) -> dict[str, Any]:
    tone = "bad" if card.is_out else "0"
    return {"card": card, "wide": wide, "tone": tone}


@register.inclusion_tag(component("table"), takes_context=True)
def table(context: Context, rows: contracts.Table, compact: bool = False, form: str = "rows") -> dict[str, Any]:
    request = getattr(context, "request", None)
    heads = [_head(column, rows.sort) for column in rows.columns]
    pairs = [(row, list(zip(rows.columns, map(_cell, row.cells), strict=True))) for row in rows.rows]
    extra = {"before": rows.before, "after": rows.after, "shown": len(rows.rows), "total": rows.total}
    return {
        "table": rows,
        "heads": heads,
        "pairs": pairs,
        "compact": compact,
        "form": form,
        "request": request,
        "csrf_token": _csrf(context),
        **extra,
    }


def _head(column: contracts.Column, sort: str) -> tuple[contracts.Column, str, str]:
    """The column, its aria-sort and the sort key that a press asks for."""
    if not column.key or sort.lstrip("-") != column.key:
        return column, "", column.key
    return (column, "descending", column.key) if sort.startswith("-") else (column, "ascending", f"-{column.key}")


def _cell(cell: contracts.TableCell | str) -> contracts.TableCell:
    return contracts.TableCell(cell) if isinstance(cell, str) else cell


@register.inclusion_tag(component("pager"), takes_context=True)
def pager(
    context: Context, before: str = "", after: str = "", shown: int = 0, total: int | None = None
) -> dict[str, Any]:
    """The links keep the query string of the page, so a page without a request has none."""
    known = getattr(context, "request", None) is not None
    return {"before": before, "after": after, "shown": shown, "total": total, "request": known}


@register.inclusion_tag(component("field"))
def field(bound: BoundField, unit: str = "", help: str = "", tiles: bool = False) -> dict[str, Any]:
    return {"field": bound, "unit": unit, "help": help or bound.help_text, "tiles": tiles, "kind": bound.widget_type}


@register.inclusion_tag(component("form_fields"))
def form_fields(form: BaseForm) -> dict[str, Any]:
    return {"form": form}


@register.inclusion_tag(component("error_summary"))
def error_summary(form: BaseForm) -> dict[str, Any]:
    return {"form": form, "wrong": [bound for bound in form if bound.errors]}


@register.inclusion_tag(component("timeline"))
def timeline(steps: Iterable[contracts.TimelineStep], now: datetime | None = None) -> dict[str, Any]:
    return {"steps": list(steps), "now": now}


@register.inclusion_tag(component("empty_state"), takes_context=True)
def empty_state(
    context: Context, sentence: str, act: contracts.Action | None = None, art: str = "empty"
) -> dict[str, Any]:
    return {"sentence": sentence, "act": act, "art": f"design/art/{art}.svg", "csrf_token": _csrf(context)}


@register.inclusion_tag(component("skeleton"))
def skeleton(lines: int = 3, block: bool = False) -> dict[str, Any]:
    return {"lines": range(lines), "block": block}


@register.inclusion_tag(component("tabs"))
def tabs(items: Iterable[contracts.Tab], label: str = "") -> dict[str, Any]:
    return {"items": list(items), "label": label or _("视图")}


@register.inclusion_tag(component("chips"))
def chips(items: Iterable[contracts.Tab], label: str = "") -> dict[str, Any]:
    return {"items": list(items), "label": label or _("筛选")}


@register.inclusion_tag(component("segment"))
def segment(items: Iterable[contracts.Tab], label: str) -> dict[str, Any]:
    return {"items": list(items), "label": label}


@register.inclusion_tag(component("steps"))
def steps(items: Iterable[contracts.Step]) -> dict[str, Any]:
    return {"items": list(items)}


@register.inclusion_tag(component("todos"), takes_context=True)
def todos(context: Context, items: Iterable[contracts.Todo]) -> dict[str, Any]:
    return {"items": list(items), "csrf_token": _csrf(context)}


@register.inclusion_tag(component("stepper"), takes_context=True)
def stepper(context: Context, value: int, label: str, post: str, **options: Any) -> dict[str, Any]:
    """name (default quantity), least, most, fields; the server answers with the new face."""
    given = {"name": "quantity", "least": 0, "most": None, **options}
    return {
        "value": value,
        "label": label,
        "post": post,
        "less": value - 1,
        "more": value + 1,
        "csrf_token": _csrf(context),
        **given,
    }


@register.inclusion_tag(component("countdown"))
def countdown(until: datetime, now: datetime | None = None, text: str = "", ended: str = "") -> dict[str, Any]:
    here = now or clock.now()
    return {"until": until, "now": here, "rest": int((until - here).total_seconds()), "text": text, "ended": ended}


@register.inclusion_tag(component("stock"))
def stock(left: int, total: int) -> dict[str, Any]:
    return {"left": max(0, left), "total": total}


@register.inclusion_tag(component("member_code"), takes_context=True)
def member_code(
    context: Context,
    code: contracts.MemberCode,
    now: datetime | None = None,
    prepared: contracts.MemberCode | None = None,
) -> dict[str, Any]:
    """`prepared` is a signed code for the next minutes, shown when the network is gone."""
    rest = max(0, int((code.expires_at - (now or clock.now())).total_seconds()))
    share = min(1.0, rest / max(1, code.lifetime_seconds))
    shown = {"code": code, "rest": rest, "dash": f"{66 * share:.1f} 66", "csrf_token": _csrf(context)}
    return {**shown, "prepared": prepared, "now": now}


@register.inclusion_tag(component("result"))
def result(title: str, amount: int | None, lines: Iterable[contracts.SumLine], **options: Any) -> dict[str, Any]:
    """saved (a sentence), state paid | waiting | refused."""
    return {"title": title, "amount": amount, "lines": list(lines), "state": "paid", **options}


@register.inclusion_tag(component("undo"), takes_context=True)
def undo(context: Context, text: str, post: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
    """Ten seconds to take an act back, instead of a question before it."""
    return {"text": text, "post": post, "fields": fields or {}, "csrf_token": _csrf(context)}


# -- components that hold other markup -------------------------------------------------------------------------------


@register.simple_block_tag(takes_context=True)
def sheet(context: Context, content: str, id: str, title: str, foot: str = "") -> SafeString:
    """{% sheet id="rules" title="用券规则" %}…{% endsheet %}; a link to #rules opens it, Esc and back close it."""
    return _held("sheet", context, {"content": content, "id": id, "title": title, "foot": foot})


@register.simple_block_tag(takes_context=True)
def card(context: Context, content: str, title: str = "", **options: Any) -> SafeString:
    """small (beside the title), more (address), more_label, css."""
    return _held("card", context, {"content": content, "title": title, **options})


@register.simple_block_tag(takes_context=True)
def live(
    context: Context, content: str, url: str, every: int = 10, at: datetime | None = None, stream: str = ""
) -> SafeString:
    """A region that says its age: fed by `stream` (server-sent events), else asked for every `every` seconds."""
    values = {"content": content, "url": url, "every": every, "at": at or clock.now(), "stream": stream}
    return _held("live", context, values)


def _held(name: str, context: Context, values: dict[str, Any]) -> SafeString:
    loaded = context.template.engine.get_template(component(name)) if context.template else None
    if loaded is None:
        raise template.TemplateSyntaxError(f"{name} is drawn outside a template")
    return loaded.render(context.new(values))


# -- plots -----------------------------------------------------------------------------------------------------------

register.simple_tag(plots.line_by_hour, name="line_by_hour")
register.simple_tag(plots.two_panels, name="two_panels")
register.simple_tag(plots.bars, name="bars")
register.simple_tag(plots.funnel, name="funnel")
register.simple_tag(plots.heat, name="heat")
register.simple_tag(plots.data_table, name="plot_data")


@register.simple_tag
def pips(done: int, of: int) -> SafeString:
    """Pieces collected: {% pips 3 6 %}. The count stands beside it as text."""
    drawn = format_html_join("", '<i class="{}"></i>', (("on" if at < done else "",) for at in range(of)))
    return format_html('<span class="pips" aria-hidden="true">{}</span>', drawn)
