"""What waits for a person's decision, each with whom it concerns and one button. Only what the person may decide."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from shangquan.console import menu
from shangquan.console.frame import pick
from shangquan.coupons import door as coupons
from shangquan.coupons.contracts import CampaignCard
from shangquan.design import formats
from shangquan.design.contracts import Action, Todo, Tone
from shangquan.district import door as district
from shangquan.district.contracts import MerchantStatus
from shangquan.kernel import scope
from shangquan.messaging import door as messaging
from shangquan.payments import door as payments
from shangquan.settlement import door as settlement

MOST = 8
FEW_LEFT = 10  # percent of the stock


def todos(now: datetime) -> list[Todo]:
    """The gravest first, a few of each kind."""
    found: list[Todo] = []
    for find in _KINDS:
        found += islice(find(now), 3)
    return found[:MOST]


def _disputes(now: datetime) -> Iterator[Todo]:
    if not scope.actor().may("settlement.correct"):
        return
    open_ones = settlement.open_disputes()
    if open_ones:
        names = {
            card.id: pick(card.name, card.name_en) for card in district.merchants({d.merchant_id for d in open_ones})
        }
        shops = "、".join(sorted({names.get(one.merchant_id, "—") for one in open_ones})[:3])
        title = _("%(n)s 行对账有异议") % {"n": len(open_ones)}
        yield _todo(title, shops, "bad", "scale", _("去核对"), menu.address("console:periods"))


def _differences(now: datetime) -> Iterator[Todo]:
    if not scope.actor().may("payments.reconcile"):
        return
    found = payments.differences(open_only=True)
    if found:
        title = _("%(n)s 笔收款对不上") % {"n": len(found)}
        note = _("最早 %(day)s") % {"day": min(one.day for one in found).isoformat()}
        yield _todo(title, note, "bad", "alert", _("去处理"), menu.address("console:differences"))


def _submitted(now: datetime) -> Iterator[Todo]:
    who = scope.actor()
    if who.merchant_id is not None or not who.may("coupons.publish"):
        return
    for card in coupons.campaign_lists.campaigns(states=["submitted"], limit=3):
        title = _("「%(title)s」等你发布") % {"title": _title(card)}
        yield _todo(title, card.number, "info", "ticket", _("看看"), menu.address("console:coupon", card.id))


def _enrolments(now: datetime) -> Iterator[Todo]:
    if not scope.actor().may("shelf.manage"):
        return
    for card in coupons.shelves.shelves(limit=20):
        if card.pending and card.state != "closed":
            title = _("%(n)s 张券报名「%(shelf)s」") % {"n": card.pending, "shelf": pick(card.title, card.title_en)}
            yield _todo(title, _("等你审核"), "info", "grid", _("审核"), menu.address("console:shelf", card.id))


def _applications(now: datetime) -> Iterator[Todo]:
    who = scope.actor()
    if not who.may("merchants.review"):
        return
    waiting = [card for card in district.merchants() if card.status is MerchantStatus.APPLIED]
    if waiting:
        title = _("%(n)s 家商户申请入驻") % {"n": len(waiting)}
        note = "、".join(pick(card.name, card.name_en) for card in waiting[:3])
        yield _todo(title, note, "info", "store", _("审核"), menu.address("console:merchants"))


def _messages(now: datetime) -> Iterator[Todo]:
    who = scope.actor()
    if who.merchant_id is not None or not who.may("messages.reply"):
        return
    waiting = messaging.service_inbox(limit=100)
    if waiting:
        title = _("%(n)s 条顾客消息没回") % {"n": len(waiting)}
        yield _todo(title, _("公众号"), "warn", "message", _("去回复"), menu.address("console:inbox"))


def _pushes(now: datetime) -> Iterator[Todo]:
    who = scope.actor()
    if who.merchant_id is not None or not who.may("push.send"):
        return
    waiting = messaging.pushes(state="requested", limit=20)
    if waiting:
        title = _("%(n)s 个推送申请等你批准") % {"n": len(waiting)}
        yield _todo(title, waiting[0].article.title, "info", "megaphone", _("审核"), menu.address("console:pushes"))


def _low_stock(now: datetime) -> Iterator[Todo]:
    who = scope.actor()
    if not who.may("coupons.publish"):
        return
    for card in coupons.campaign_lists.campaigns(states=["published"], limit=200):
        own = who.merchant_id is None or card.issuer_merchant_id == who.merchant_id
        if own and card.caps.total and card.left is not None and card.left * 100 < card.caps.total * FEW_LEFT:
            title = _("「%(title)s」剩 %(n)s 张") % {"title": _title(card), "n": formats.whole(card.left)}
            note = _("共 %(n)s 张") % {"n": formats.whole(card.caps.total)}
            yield _todo(title, note, "warn", "ticket", _("加量"), menu.address("console:coupon", card.id))


def _sent_back(now: datetime) -> Iterator[Todo]:
    who = scope.actor()
    if who.merchant_id is None or not who.may("coupons.edit"):
        return
    for card in coupons.campaign_lists.campaigns(states=["draft"], limit=50):
        if card.note and card.issuer_merchant_id == who.merchant_id:
            title = _("「%(title)s」被退回") % {"title": _title(card)}
            yield _todo(title, card.note, "warn", "ticket", _("去改"), menu.address("console:coupon_edit", card.id))


def _title(card: CampaignCard) -> str:
    return pick(card.terms.title_zh, card.terms.title_en)


def _todo(title: str, note: str, tone: Tone, icon: str, label: str, href: str) -> Todo:
    return Todo(title, note, tone, icon, Action(label, href=href) if href else None)


_KINDS: tuple[Callable[[datetime], Iterator[Todo]], ...] = (
    _disputes, _differences, _messages, _sent_back, _submitted, _enrolments, _applications, _pushes, _low_stock,
)  # fmt: skip
