from dataclasses import dataclass
from datetime import datetime

from shangquan.kernel import personal
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import forbidden, transaction
from shangquan.members import door as members
from shangquan.messaging import jobs, kinds, locks, ports, queries, rules
from shangquan.messaging.contracts import (
    AccountCard,
    Capability,
    NoticeSent,
    PushSent,
    SendAnswer,
)
from shangquan.messaging.models import MarketingDay, OutMessage, Template

MOST_TRIES = 8
WINDOW_CLOSED = "window_closed"


class TryAgain(Exception):
    """The platform did not take it and it is worth another try: the job raises this to be retried."""


@dataclass(frozen=True)
class _Letter:
    """All that is needed to send, read in one short transaction."""

    row: OutMessage
    openid: str
    account: AccountCard
    on: frozenset[Capability]
    template: Template | None
    window: bool


@forbidden
def send(*, message_id: int, now: datetime) -> None:
    """Send one message and record the answer. Safe to repeat: what is sent or given up is left alone.

    A notice goes as a template message; where the account cannot, as a customer-service message while the window is
    open. Raises TryAgain for what may succeed later.
    """
    with transaction():
        letter = _read(message_id, now)
    if letter is None:
        return
    via, answer = _deliver(letter)
    with transaction():
        _record(message_id, letter.openid, via, answer, now, by_mass=Capability.MASS in letter.on)
    if answer.again:
        raise TryAgain(f"{answer.code} {answer.message}")


def _read(message_id: int, now: datetime) -> _Letter | None:
    row = locks.out_message(message_id)
    if row.state != "waiting":
        return None
    openid = personal.unseal("openid", row.sealed_openid) if row.sealed_openid is not None else None
    if openid is None and row.member_id is not None:
        openid = members.openid_of(row.member_id)
    account, why = queries.main_account(), ""
    if openid is None:
        why = "no_openid"
    elif account is None:
        why = "no_account"
    elif row.is_marketing and not _follows(openid):
        why = "not_following"
    if why or openid is None or account is None:
        finish(row, "skipped", why)
        return None
    row.tries += 1
    row.save(update_fields=["tries"])
    cards = rules.capabilities(account.kind, verified=account.verified, switched_off=account.switched_off)
    return _Letter(
        row=row,
        openid=openid,
        account=account,
        on=frozenset(card.name for card in cards if card.on),
        template=Template.rows().filter(appid=account.appid, kind=row.kind).first(),
        window=queries.window_open(openid, now),
    )


def _follows(openid: str) -> bool:
    fan = members.fan(openid)
    return fan is not None and fan.following


def _deliver(letter: _Letter) -> tuple[str, SendAnswer]:
    """The ways in their order; the first that takes it, or the last answer."""
    answer = SendAnswer(False, code="no_way", message="没有可用的发送方式")
    row = letter.row
    if row.kind in kinds.KINDS and letter.template is not None and Capability.TEMPLATE in letter.on:
        answer = _by_template(letter, letter.template)
        if answer.ok or answer.again:
            return "template", answer
    if Capability.CUSTOM not in letter.on:
        return "", answer
    if not letter.window:
        return "", answer if answer.code != "no_way" else SendAnswer(False, code=WINDOW_CLOSED, message="互动窗口已过")
    port = ports.account_port()
    if row.is_marketing:
        return "custom", port.send_news(letter.account.appid, letter.openid, queries.article_of(row.data))
    return "custom", port.send_text(letter.account.appid, letter.openid, _as_text(row))


def _by_template(letter: _Letter, template: Template) -> SendAnswer:
    row = letter.row
    data = {field: rules.fitted(field, str(row.data.get(name, ""))) for field, name in template.fields.items()}
    return ports.account_port().send_template(
        letter.account.appid, letter.openid, template.template_id, data, row.url, f"m{row.id}"
    )


def _as_text(row: OutMessage) -> str:
    if row.kind not in kinds.KINDS:
        return str(row.data["text"])
    kind = kinds.kind(row.kind)
    lines = [f"【{kind.zh}】", *(f"{zh}：{row.data.get(name, '')}" for name, zh, _ in kind.lines)]
    return "\n".join([*lines, row.url] if row.url else lines)


def _record(message_id: int, openid: str, via: str, answer: SendAnswer, now: datetime, *, by_mass: bool) -> None:
    row = locks.out_message(message_id)
    if row.state != "waiting":
        return
    row.via, row.fan_print = via, queries.fan_print(openid)
    row.outside_id = answer.outside_id[:40]
    row.code, row.message = answer.code[:40], answer.message[:200]
    if answer.again and row.tries < MOST_TRIES:
        row.save()
        return
    if row.is_marketing and row.code == WINDOW_CLOSED and by_mass:
        row.state = "gathered"
        row.save()
        jobs.send_mass.later(once=f"mass:{row.push_id}", push_id=row.push_id)
        return
    row.sent_at = now if answer.ok else None
    finish(row, "sent" if answer.ok else "failed", row.code)
    if not answer.ok:
        return
    if row.push_id is not None and row.member_id is not None:
        publish(PushSent(row.push_id, row.member_id, str(row.data.get("campaign_ref", ""))))
    else:
        publish(NoticeSent(row.id, row.kind, via))


def finish(row: OutMessage, state: str, code: str) -> None:
    """Bring a message to its end, and its place of the day with it."""
    row.state, row.code = state, code
    row.save()
    if row.push_id is not None and row.member_id is not None:
        place = MarketingDay.rows().filter(push_id=row.push_id, member_id=row.member_id, state="queued")
        place.update(state="sent" if state == "sent" else "failed")
