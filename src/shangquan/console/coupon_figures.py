"""What became of a coupon: issued, claimed, redeemed in all, by channel, store and code; funnel; return (F15, F19, W6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from shangquan.codes import door as codes
from shangquan.console.coupon_form import SOURCES
from shangquan.console.frame import pick
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignCard, CampaignFigures, SliceFigures
from shangquan.design import formats, plots
from shangquan.design.contracts import Column, Kpi, Table, TableRow
from shangquan.district import door as district
from shangquan.insight import door as insight
from shangquan.kernel import scope
from shangquan.tenancy import door as tenancy


def page(card: CampaignCard, now: datetime) -> dict[str, Any]:
    if card.published_at is None:
        return {}
    found = coupons.figures(card.id, now)
    return {
        "kpis": _kpis(found),
        "tables": [(title, table) for title, table in _tables(found) if table.rows],
        **_funnel(card, now),
        **_return(card, now),
    }


def rate(redeemed_bp: int | None) -> str:
    """7100 -> 71.0%."""
    return formats.DASH if redeemed_bp is None else formats.percent1(redeemed_bp / 10_000)


def _kpis(found: CampaignFigures) -> list[Kpi]:
    total = _("不限") if found.total is None else formats.whole(found.total)
    return [
        Kpi(_("发放"), total),
        Kpi(_("已领"), formats.whole(found.claimed)),
        Kpi(_("核销"), formats.whole(found.redeemed)),
        Kpi(_("核销率"), None if found.redeemed_bp is None else rate(found.redeemed_bp)),
        Kpi(_("已优惠"), formats.fen_bare(found.amount_fen), is_money=True),
        Kpi(_("带来的消费"), formats.fen_bare(found.basket_fen), is_money=True),
    ]


def _tables(found: CampaignFigures) -> list[tuple[str, Table]]:
    ways = {key: str(label) for key, label in SOURCES}
    codes_seen = [int(one.key) for one in found.by_code if one.key]
    scenes = (
        {str(one.id): one.title or one.place or one.source for one in codes.scenes(ids=codes_seen)}
        if codes_seen
        else {}
    )
    ids = [int(one.key) for one in found.by_store]
    stores = {str(one.id): f"{pick(one.name, one.name_en)} {one.unit}" for one in district.stores(ids)} if ids else {}
    by_code = {**scenes, "": _("没有经过码")}
    return [
        (_("按渠道"), _slices(_("渠道"), found.by_source, ways)),
        (_("按码"), _slices(_("码"), found.by_code if codes_seen else (), by_code)),
        (_("按门店"), _store_slices(found.by_store, stores)),
    ]


def _slices(title: str, rows: Sequence[SliceFigures], names: dict[str, str]) -> Table:
    columns = [Column(title), Column(_("已领"), right=True), Column(_("核销"), right=True), Column(_("核销率"), right=True),
               Column(_("已优惠 ¥"), right=True, minor=True)]  # fmt: skip
    body = [
        TableRow([names.get(row.key, row.key), formats.whole(row.claimed), formats.whole(row.redeemed),
                  rate(row.redeemed_bp), formats.fen_bare(row.amount_fen)])
        for row in rows
    ]  # fmt: skip
    return Table(columns, body, caption=title)


def _store_slices(rows: Sequence[SliceFigures], names: dict[str, str]) -> Table:
    columns = [Column(_("门店")), Column(_("核销"), right=True), Column(_("已优惠 ¥"), right=True)]
    body = [
        TableRow([names.get(row.key, row.key), formats.whole(row.redeemed), formats.fen_bare(row.amount_fen)])
        for row in rows
    ]
    return Table(columns, body, caption=_("门店"))


def _funnel(card: CampaignCard, now: datetime) -> dict[str, Any]:
    found = coupons.funnel(card.id, now)
    steps = [
        plots.FunnelStep(_("已领"), found.claimed),
        plots.FunnelStep(_("到店出示"), found.shown, _("领后到店")),
        plots.FunnelStep(_("核销"), found.redeemed, _("到店后用掉")),
    ]
    if card.caps.total is not None:
        steps.insert(0, plots.FunnelStep(_("发放"), card.caps.total))
        steps[1] = plots.FunnelStep(_("已领"), found.claimed, _("被领走"))
    basket = formats.fen(found.basket_fen // found.redeemed) if found.redeemed else formats.DASH
    return {
        "funnel_plot": plots.funnel(steps, words=_("从发放到核销")),
        "funnel_basket": _("用券的单平均 %(sum)s") % {"sum": basket},
    }


def _return(card: CampaignCard, now: datetime) -> dict[str, Any]:
    """Cost against attributed sales with window and rule. A merchant sees it of its own coupons only."""
    who = scope.actor()
    if (
        not who.may("insight.read")
        or card.published_at is None
        or who.merchant_id not in (None, card.issuer_merchant_id)
    ):
        return {}
    since, until = tenancy.local(card.published_at).date(), tenancy.today(now)
    found = insight.campaign_return(card.id, since, until)
    return {
        "return_ratio": found.ratio,
        "return_cost": formats.fen(found.cost_fen),
        "return_sales": formats.fen(found.sales_fen),
        "return_bills": found.bills,
        "return_window": f"{since.isoformat()} – {until.isoformat()}",
        "return_rule": pick(found.rule_zh, found.rule_en),
    }
