from datetime import datetime
from typing import Any

from shangquan.kernel import personal
from shangquan.messaging import rules
from shangquan.messaging.contracts import (
    AccountCard,
    AccountKind,
    Article,
    InMessageCard,
    MenuCard,
    OutMessageCard,
    PushCard,
    Reply,
    RuleCard,
)
from shangquan.messaging.kinds import KINDS
from shangquan.messaging.models import InMessage, MarketingDay, Menu, OfficialAccount, OutMessage, Push, ReplyRule

_ACTIONS = ("subscribe", "SCAN", "CLICK")


def account_card(row: OfficialAccount) -> AccountCard:
    return AccountCard(
        row.id, row.appid, row.name, AccountKind(row.kind), row.verified, row.is_main, tuple(row.switched_off)
    )


def main_account() -> AccountCard | None:
    row = OfficialAccount.rows().filter(is_main=True).first()
    return None if row is None else account_card(row)


def fan_print(openid: str) -> str:
    return personal.fingerprint("openid", openid)


def article_of(stored: dict[str, Any]) -> Article:
    return Article(
        str(stored["title"]), str(stored["description"]), str(stored["url"]), str(stored.get("picture_url", ""))
    )


def article_json(article: Article) -> dict[str, str]:
    return {
        "title": article.title, "description": article.description, "url": article.url,
        "picture_url": article.picture_url,
    }  # fmt: skip


def reply_of(stored: Any) -> Reply | None:
    if not stored:
        return None
    if stored.get("article"):
        return Reply(article=article_of(stored["article"]))
    return Reply(text=str(stored.get("text", "")))


def reply_json(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    return {"article": article_json(reply.article)} if reply.article else {"text": reply.text}


def in_card(row: InMessage) -> InMessageCard:
    reply = reply_of(row.reply)
    said = "" if reply is None else reply.text or (reply.article.title if reply.article else "")
    return InMessageCard(
        row.id, row.fan_id, row.member_id, row.kind, row.text, row.event, row.at, row.waits_for_person, said
    )


def out_card(row: OutMessage) -> OutMessageCard:
    kind = KINDS.get(row.kind)
    lines = tuple((zh, str(row.data.get(name, ""))) for name, zh, _ in kind.lines) if kind else ()
    title = kind.zh if kind else str(row.data.get("title", row.data.get("text", "")))
    return OutMessageCard(
        id=row.id, key=row.key, kind=row.kind, member_id=row.member_id, title=title, lines=lines, url=row.url,
        state=row.state, via=row.via, code=row.code, created_at=row.created_at, sent_at=row.sent_at,
        is_marketing=row.is_marketing,
    )  # fmt: skip


def push_card(row: Push) -> PushCard:
    places = MarketingDay.rows().filter(push=row)
    return PushCard(
        id=row.id, article=article_of(row.article), campaign_ref=row.campaign_ref, priority=row.priority,
        merchant_id=row.merchant_id, state=row.state, wanted=row.wanted, taken=places.count(),
        sent=places.filter(state="sent").count(), created_at=row.created_at,
    )  # fmt: skip


def rule_card(row: ReplyRule) -> RuleCard:
    return RuleCard(row.id, row.keyword, row.match, reply_of(row.reply) or Reply(), row.is_active)


def menu_card(row: Menu) -> MenuCard:
    return MenuCard(row.id, row.tag, row.body, row.published_at)


def window_open(openid: str, now: datetime) -> bool:
    """Whether a customer-service message would be taken now, by what this fan did and what was sent since."""
    mine = fan_print(openid)
    done = InMessage.rows().filter(fan_print=mine)
    wrote = done.exclude(kind="event").order_by("-at").values_list("at", flat=True).first()
    acted = done.filter(event__in=_ACTIONS).order_by("-at").values_list("at", flat=True).first()
    sent = OutMessage.rows().filter(fan_print=mine, via="custom", state="sent")
    return rules.window_open(
        wrote_at=wrote,
        since_wrote=sent.filter(sent_at__gte=wrote).count() if wrote else 0,
        acted_at=acted,
        since_acted=sent.filter(sent_at__gte=acted).count() if acted else 0,
        now=now,
    )


def service_inbox(*, open_only: bool = True, before: int | None = None, limit: int = 50) -> list[InMessageCard]:
    """What waits for a person, newest first; without `open_only` everything that fans wrote."""
    rows = InMessage.rows().exclude(kind="event")
    if open_only:
        rows = rows.filter(waits_for_person=True)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [in_card(row) for row in rows.order_by("-id")[:limit]]


def messages_of(member_id: int, *, before: int | None = None, limit: int = 50) -> list[OutMessageCard]:
    """What was written to a member, newest first, delivered or not: the inbox of the member's pages."""
    rows = OutMessage.rows().filter(member_id=member_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [out_card(row) for row in rows.order_by("-id")[:limit]]


def pushes(*, state: str = "", merchant_id: int | None = None, limit: int = 50) -> list[PushCard]:
    rows = Push.rows()
    if state:
        rows = rows.filter(state=state)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    return [push_card(row) for row in rows.order_by("-id")[:limit]]
