"""A shelf in words: its state, its enrolments with the buttons that fit, its codes with what came through each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shangquan.codes.contracts import SceneCard
from shangquan.console.frame import pick
from shangquan.console.shelf_form import DEPLOYMENTS
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignCard, EntryCard, ShelfCard
from shangquan.design.contracts import Action, Tone
from shangquan.district import door as district
from shangquan.kernel import scope
from shangquan.tenancy import door as tenancy

STATES: dict[str, tuple[str | Promise, Tone]] = {
    "open": (gettext_lazy("开放"), "ok"),
    "draft": (gettext_lazy("准备中"), "plain"),
    "closed": (gettext_lazy("已关闭"), "plain"),
}


@dataclass(frozen=True)
class EntryLine:
    id: int
    title: str
    shop: str
    note: str
    at: datetime
    campaign_url: str
    decide_url: str
    shift_url: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class CodeLine:
    place: str
    source: str
    url: str
    scans: int
    follows: int
    claims: int
    redeemed: int
    png: str
    svg: str


def state_of(card: ShelfCard) -> tuple[str, Tone]:
    word, tone = STATES[card.state]
    return str(word), tone


def facts(card: ShelfCard) -> list[tuple[str, str]]:
    rows = [
        (_("报名截止"), _moment(card.deadline)),
        (_("已上架"), str(card.accepted)),
        (_("待审核"), str(card.pending)),
    ]
    if card.shown_from or card.shown_to:
        rows.append((_("展示"), f"{_moment(card.shown_from)} – {_moment(card.shown_to)}"))
    if card.about:
        rows.append((_("说明"), card.about))
    return rows


def actions(card: ShelfCard) -> list[Action]:
    if not scope.actor().may("shelf.manage"):
        return []
    if card.state == "draft":
        post = reverse("console:shelf_move", args=[card.id, "open"])
        return [Action(_("开放货架"), post=post, kind="primary", icon="play")]
    if card.state == "open":
        sure = _("关闭「%(title)s」？会员看不到它，领过的券不变。") % {"title": pick(card.title, card.title_en)}
        post = reverse("console:shelf_move", args=[card.id, "close"])
        return [Action(_("关闭货架"), post=post, kind="danger", icon="x-circle", confirm=sure)]
    return []


def lines(entries: Sequence[EntryCard], state: str) -> list[EntryLine]:
    wanted = [one for one in entries if one.state == state]
    ids = sorted({one.merchant_id for one in wanted if one.merchant_id is not None})
    shops = {card.id: pick(card.name, card.name_en) for card in district.merchants(ids)} if ids else {}
    return [
        EntryLine(
            id=one.id, title=one.campaign_title, at=one.enrolled_at, note=one.note,
            shop=_("商圈") if one.merchant_id is None else shops.get(one.merchant_id, "—"),
            campaign_url=reverse("console:coupon", args=[one.campaign_id]),
            decide_url=reverse("console:entry_decide", args=[one.shelf_id, one.id]),
            shift_url=reverse("console:entry_shift", args=[one.shelf_id, one.id]),
            is_first=place == 0, is_last=place == len(wanted) - 1,
        )
        for place, one in enumerate(wanted)
    ]  # fmt: skip


def offers(card: ShelfCard, entries: Sequence[EntryCard], now: datetime) -> list[tuple[int, str]]:
    """Coupons that the person may still enrol: their own merchant's, or the district's."""
    who = scope.actor()
    right = "shelf.manage" if who.merchant_id is None else "shelf.enrol"
    if card.state != "open" or now >= card.deadline or not who.may(right):
        return []
    taken = {one.campaign_id for one in entries if one.state != "refused"}
    found = coupons.campaign_lists.campaigns(states=["draft", "submitted", "published"], limit=200)
    return [(one.id, _named(one)) for one in found if one.issuer_merchant_id == who.merchant_id and one.id not in taken]


def code_lines(scenes: Sequence[SceneCard], counts: Mapping[int, Mapping[str, int]], shelf_id: int) -> list[CodeLine]:
    words = {key: str(label) for key, label in DEPLOYMENTS}
    return [
        CodeLine(
            place=one.place or one.scene, source=words.get(one.source, one.source), url=one.url,
            scans=counts[one.id].get("scan", 0), follows=counts[one.id].get("follow", 0),
            claims=counts[one.id].get("claim", 0), redeemed=counts[one.id].get("redeem", 0),
            png=reverse("console:shelf_code", args=[shelf_id, one.id, "png"]),
            svg=reverse("console:shelf_code", args=[shelf_id, one.id, "svg"]),
        )
        for one in scenes
    ]  # fmt: skip


def _named(card: CampaignCard) -> str:
    return pick(card.terms.title_zh, card.terms.title_en)


def _moment(moment: datetime | None) -> str:
    return f"{tenancy.local(moment):%Y-%m-%d %H:%M}" if moment else ""
