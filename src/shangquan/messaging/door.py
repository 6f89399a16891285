"""What other rooms may say and ask."""

from collections.abc import Sequence

from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import forbidden
from shangquan.messaging import kinds, ports, queries, rules
from shangquan.messaging.access import require_capability as _require
from shangquan.messaging.actions.answer import answer
from shangquan.messaging.actions.bind_account import bind_account, switch_capability
from shangquan.messaging.actions.menu import publish_menu, save_menu
from shangquan.messaging.actions.notify import notify
from shangquan.messaging.actions.push import decide_push, push, request_push
from shangquan.messaging.actions.receive import receive
from shangquan.messaging.actions.receive import welcome as _welcome
from shangquan.messaging.actions.reply_rules import delete_reply_rule, save_reply_rule
from shangquan.messaging.actions.templates import save_template, set_up_templates
from shangquan.messaging.contracts import (
    NO_ACCOUNT,
    NO_PUSH,
    AccountCard,
    Capability,
    CapabilityCard,
    MenuCard,
    OutMessageCard,
    PushCard,
    Reply,
    RuleCard,
    ScenarioCard,
)
from shangquan.messaging.kinds import NoticeKind
from shangquan.messaging.models import Menu, OfficialAccount, OutMessage, Push, ReplyRule
from shangquan.messaging.queries import messages_of, pushes, service_inbox

__all__ = [
    "Capability", "NoticeKind", "account", "accounts", "add_kind", "answer", "bind_account", "capabilities", "capability",
    "create_qr", "decide_push", "delete_reply_rule", "main_account", "menus", "messages_of", "notify", "out_message",
    "publish_menu", "push", "push_by_id", "pushes", "receive", "reply_rules", "request_push", "require_capability",
    "save_menu", "save_reply_rule", "save_template", "scenario", "scenarios", "service_inbox", "set_up_templates",
    "switch_capability", "tag_fans", "welcome",
]  # fmt: skip

add_kind = kinds.add


def account() -> AccountCard:
    """The district's main account. Refuses G-4041."""
    found = queries.main_account()
    if found is None:
        raise Refused(NO_ACCOUNT)
    return found


def main_account() -> AccountCard | None:
    return queries.main_account()


def accounts() -> list[AccountCard]:
    return [queries.account_card(row) for row in OfficialAccount.rows().order_by("-is_main", "id")]


def capabilities() -> tuple[CapabilityCard, ...]:
    """Of the main account, each with the reason where it is off (C1, Y5)."""
    found = queries.main_account()
    if found is None:
        return rules.capabilities(None, verified=False)
    return rules.capabilities(found.kind, verified=found.verified, switched_off=found.switched_off)


def capability(name: Capability | str) -> bool:
    return next(card for card in capabilities() if card.name == name).on


def require_capability(name: Capability | str) -> None:
    """Refuses G-4031 with the reason."""
    _require(capabilities(), Capability(name))


def scenarios() -> list[ScenarioCard]:
    """What the district does with its account, what each needs, and what is missing (Y5)."""
    cards = capabilities()
    return [rules.scenario(name, cards) for name in rules.SCENARIOS]


def scenario(name: str) -> ScenarioCard:
    return rules.scenario(name, capabilities())


def welcome(openid: str, scene: str) -> Reply:
    """The greeting that somebody who follows through a scene gets."""
    return _welcome(ports.read_scene(scene) if scene else None)


def out_message(message_id: int) -> OutMessageCard:
    return queries.out_card(OutMessage.rows().get(id=message_id))


def push_by_id(push_id: int) -> PushCard:
    """Refuses G-4044."""
    row = Push.rows().filter(id=push_id).first()
    if row is None:
        raise Refused(NO_PUSH)
    return queries.push_card(row)


def reply_rules() -> list[RuleCard]:
    return [queries.rule_card(row) for row in ReplyRule.rows().order_by("-priority", "id")]


def menus() -> list[MenuCard]:
    """Of the main account, that of everybody first."""
    return [queries.menu_card(row) for row in Menu.rows().filter(appid=account().appid).order_by("tag")]


@forbidden
def create_qr(scene: str, *, seconds: int | None = None) -> dict[str, str]:
    """A parametric code of the main account: {"ticket", "url", "picture"}. Refuses G-4031. Not inside a transaction."""
    require_capability(Capability.QRCODE)
    return ports.account_port().create_qr(account().appid, scene, seconds=seconds)


@forbidden
def tag_fans(tag: str, openids: Sequence[str]) -> None:
    """Put fans under a tag of the platform, for personalised menus. Refuses G-4031. Not inside a transaction."""
    require_capability(Capability.USERS)
    ports.account_port().tag_fans(account().appid, tag, openids)
