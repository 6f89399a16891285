from datetime import datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from shangquan.kernel import personal
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.members import door as members
from shangquan.messaging import ports, rules
from shangquan.messaging.contracts import Article, FanWrote, Incoming, Reply, SceneEntered, SceneFact
from shangquan.messaging.models import InMessage, OutMessage, ReplyRule
from shangquan.messaging.queries import fan_print, reply_json, reply_of
from shangquan.tenancy import door as tenancy

WELCOME, AWAY = "@follow", "@away"  # keywords of the greeting and of the answer while nobody is there
DEFAULT_SOURCE = "official_account"


@required
def receive(message: Incoming, *, now: datetime) -> Reply | None:
    """Keep what a fan did or wrote and say what to reply at once, or None for silence.

    The constraint `in_message_once` makes a repeated delivery harmless: it is answered as before and does nothing more.
    Must be quick: the platform waits 5 s.
    """
    row, fresh = _keep(message)
    if not fresh:
        return reply_of(row.reply)
    reply = _respond(row, message, now)
    row.reply = reply_json(reply)
    row.save()
    return reply


def _keep(message: Incoming) -> tuple[InMessage, bool]:
    known_by = personal.fingerprint("in-message", message.outside_id)  # an event's id holds the openid
    row = InMessage(
        appid=message.appid, outside_id=known_by, fan_print=fan_print(message.openid),
        sealed_openid=personal.seal("openid", message.openid), kind=message.kind, event=message.event[:40],
        text=message.text[:4000], scene=message.scene[:64], at=message.sent_at,
    )  # fmt: skip
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return InMessage.rows().get(appid=message.appid, outside_id=known_by), False
    return row, True


def _respond(row: InMessage, message: Incoming, now: datetime) -> Reply | None:
    if message.event == "TEMPLATESENDJOBFINISH":
        _delivered(message)
        return None
    if message.event == "unsubscribe":
        gone = members.record_follow(openid=message.openid, appid=message.appid, followed=False, now=message.sent_at)
        row.fan_id, row.member_id = gone.id, gone.member_id
        return None
    fact = ports.read_scene(message.scene) if message.scene else None
    _know_fan(row, message, fact)
    if message.scene and row.fan_id is not None:
        followed = message.event == "subscribe"
        publish(SceneEntered(message.scene, row.fan_id, followed, row.outside_id, message.sent_at))
    for answer in ports.responders():
        said = answer(message, now)
        if said is not None:
            return said
    return _rule_or_person(row, message, fact)


def _know_fan(row: InMessage, message: Incoming, fact: SceneFact | None) -> None:
    """A fan is recorded when following; one who followed before the account was bound, when first heard of."""
    fan = None if message.event == "subscribe" else members.fan(message.openid)
    if fan is None or not fan.following:
        source = fact.source if fact else (f"scene:{message.scene}"[:60] if message.scene else DEFAULT_SOURCE)
        fan = members.record_follow(
            openid=message.openid, appid=message.appid, followed=True, source=source,
            source_code_id=fact.source_code_id if fact else None, now=message.sent_at,
        )  # fmt: skip
    row.fan_id, row.member_id = fan.id, fan.member_id


def _rule_or_person(row: InMessage, message: Incoming, fact: SceneFact | None) -> Reply | None:
    if message.event in ("subscribe", "SCAN"):
        return welcome(fact) if message.event == "subscribe" or fact else None
    if message.event == "CLICK":
        return _by_keyword(message.key, exact_only=True)
    if message.kind == "event":
        return None
    found = _by_keyword(message.text) if message.kind == "text" else None
    if found is not None:
        return found
    row.waits_for_person = True
    publish(FanWrote(row.id, row.fan_id))
    return _named(AWAY)


def welcome(fact: SceneFact | None) -> Reply:
    """The greeting: where the code leads, else the district's own words."""
    if fact is not None:
        return Reply(article=Article(title=fact.title, description=tenancy.district().name, url=fact.url))
    return _named(WELCOME) or Reply(text=f"欢迎来到{tenancy.district().name}")


def _by_keyword(said: str, *, exact_only: bool = False) -> Reply | None:
    """The first that fits: exact ones before the others, then by priority."""
    found = ReplyRule.rows().filter(is_active=True).exclude(keyword__startswith="@").order_by("-priority", "id")
    for match in ("exact",) if exact_only else ("exact", "contains"):
        for rule in found:
            if (rule.match == match or exact_only) and rules.matches(rule.keyword, match, said):
                return reply_of(rule.reply)
    return None


def _named(keyword: str) -> Reply | None:
    rule = ReplyRule.rows().filter(keyword=keyword, is_active=True).first()
    return None if rule is None else reply_of(rule.reply)


def _delivered(message: Incoming) -> None:
    """The platform tells how a template message ended; nothing is taken back from one that arrived."""
    status = message.details.get("Status", "")
    ended = OutMessage.rows().filter(outside_id=message.key, state="sent")
    if status == "success":
        ended.update(state="arrived")
    else:
        ended.update(state="failed", code="not_delivered", message=status[:200])
