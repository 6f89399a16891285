"""A coupon in words: its state, its facts, its past, and the buttons that fit its state and the person."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shangquan.console.coupon_form import KINDS, SOURCES
from shangquan.console.frame import pick
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignCard, CampaignState
from shangquan.design import formats
from shangquan.design.contracts import Action, TimelineStep, Tone
from shangquan.district import door as district
from shangquan.identity import door as identity
from shangquan.kernel import ids, scope
from shangquan.tenancy import door as tenancy

Words = str | Promise
STATES: dict[str, tuple[Words, Tone]] = {
    "published": (gettext_lazy("发布中"), "ok"),
    "submitted": (gettext_lazy("待审核"), "info"),
    "draft": (gettext_lazy("草稿"), "plain"),
    "paused": (gettext_lazy("已暂停"), "warn"),
    "ended": (gettext_lazy("已结束"), "plain"),
}
DEEDS: dict[str, Words] = {
    "coupons.draft": gettext_lazy("建了草稿"),
    "coupons.edit": gettext_lazy("改了内容"),
    "coupons.submit": gettext_lazy("提交审核"),
    "coupons.publish": gettext_lazy("发布"),
    "coupons.send_back": gettext_lazy("退回"),
    "coupons.pause": gettext_lazy("停发"),
    "coupons.resume": gettext_lazy("恢复领取"),
    "coupons.end": gettext_lazy("结束"),
    "coupons.stock": gettext_lazy("改了发放总量"),
}


def state_of(card: CampaignCard) -> tuple[str, Tone]:
    words, tone = STATES[card.state]
    return str(words), tone


def actions(card: CampaignCard) -> list[Action]:
    """At most one filled button. What the person may not do is absent; what the rule forbids is the owner's to do."""
    who = scope.actor()
    if who.merchant_id is not None and who.merchant_id != card.issuer_merchant_id:
        return []
    found: list[Action] = []
    is_open = card.state in (CampaignState.DRAFT, CampaignState.SUBMITTED)
    if is_open and who.may("coupons.edit"):
        found.append(Action(_("修改"), href=reverse("console:coupon_edit", args=[card.id]), icon="edit"))
    may_publish = who.may("coupons.publish")
    alone = who.merchant_id is None or coupons.why_owner_decides(card.terms, who.merchant_id) is None
    if is_open and may_publish and alone:
        found.append(_move(card, "publish", _("发布"), "primary", "play"))
    elif card.state == CampaignState.DRAFT and who.may("coupons.edit"):
        found.append(_move(card, "submit", _("提交审核"), "primary", "send"))
    if card.state == CampaignState.PUBLISHED and may_publish:
        found.append(_move(card, "pause", _("停发"), "line", "pause"))
    if card.state == CampaignState.PAUSED and may_publish:
        found.append(_move(card, "resume", _("恢复领取"), "primary", "play"))
    if card.state in (CampaignState.PUBLISHED, CampaignState.PAUSED) and may_publish:
        words = {"title": pick(card.terms.title_zh, card.terms.title_en), "n": formats.whole(card.claimed)}
        sure = _("结束「%(title)s」？不能恢复。已领的 %(n)s 张仍可用。") % words
        found.append(_move(card, "end", _("结束"), "danger", "x-circle", sure))
    return found


def facts(card: CampaignCard) -> list[tuple[str, str]]:
    terms, caps = card.terms, card.caps
    shops = {one.id: pick(one.name, one.name_en) for one in district.merchants(sorted(terms.scope.merchants_in))}
    issuer = _("商圈") if card.issuer_merchant_id is None else shops.get(card.issuer_merchant_id, "")
    if card.issuer_merchant_id is not None and not issuer:
        shop = district.merchant(card.issuer_merchant_id)
        issuer = pick(shop.name, shop.name_en)
    sources = [str(label) for key, label in SOURCES if key in card.sources]
    rows = [
        (_("券种"), str(dict(KINDS)[card.kind.value])),
        (_("谁发的"), issuer),
        (_("适用"), "、".join(shops.values()) or _("全场通用")),
        (_("发放总量"), _("不限") if caps.total is None else formats.whole(caps.total)),
        (_("每人限领"), _("不限") if caps.per_member is None else formats.whole(caps.per_member)),
        (_("每天最多"), _("不限") if caps.per_day is None else formats.whole(caps.per_day)),
        (_("费用"), _shares(card)),
        (_("在哪里能领"), "、".join(sources) or _("处处可领")),
        (_("转赠"), _("可以") if card.is_giftable else _("不可以")),
    ]
    if card.claim_to is not None:
        rows.append((_("领取截止"), f"{tenancy.local(card.claim_to):%Y-%m-%d %H:%M}"))
    if card.budget_fen is not None:
        rows.append((_("预算"), formats.fen(card.budget_fen)))
    if card.note:
        rows.append((_("退回的原因"), card.note))
    return rows


def history(card: CampaignCard) -> list[TimelineStep]:
    """From the audit: who did what when, newest first."""
    lines = identity.audit_page(subject="campaign", subject_id=str(card.id), limit=20).lines
    return [
        TimelineStep(
            str(DEEDS.get(line.action, line.action)), line.at, line.actor_name, by_system=line.actor_kind != "staff"
        )
        for line in lines
    ]


def _shares(card: CampaignCard) -> str:
    names = {"owner": _("商圈"), "redeemer": _("核销的商户")}
    parts = []
    for share in card.terms.payers:
        name = names.get(share.payer) or pick(*_named(share.payer))
        parts.append(f"{name} {share.bp / 100:g}%")
    return " · ".join(parts)


def _named(payer: str) -> tuple[str, str]:
    shop = district.merchant(int(payer.removeprefix("merchant:")))
    return shop.name, shop.name_en


def _move(card: CampaignCard, step: str, label: str, kind: str, icon: str, sure: str = "") -> Action:
    return Action(
        label, post=reverse("console:coupon_move", args=[card.id, step]), kind=kind, icon=icon, confirm=sure,  # type: ignore[arg-type]
        fields={"idempotency_key": ids.token()},
    )  # fmt: skip
