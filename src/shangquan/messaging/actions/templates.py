from collections.abc import Mapping

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import forbidden, required, transaction
from shangquan.messaging import kinds, ports, queries, rules
from shangquan.messaging.access import require_capability
from shangquan.messaging.contracts import BAD_NOTICE, NO_ACCOUNT, Capability
from shangquan.messaging.models import Template


@required
def save_template(*, kind: str, template_id: str, fields: Mapping[str, str]) -> None:
    """Say which of the account's templates carries a kind of notice, and which value goes into which of its fields.

    Needs `messages.manage`. Refuses G-4041, G-4045, and G-4002 for a value that the kind does not have.
    """
    scope.require("messages.manage")
    account = queries.main_account()
    if account is None:
        raise Refused(NO_ACCOUNT)
    known = {name for name, _, _ in kinds.kind(kind).lines}
    for name in fields.values():
        if name not in known:
            raise Refused(BAD_NOTICE, field=name)
    Template.rows().update_or_create(
        appid=account.appid, kind=kind, defaults={"template_id": template_id, "fields": dict(fields)}
    )
    audit.record(
        action="messaging.save_template", subject="template", subject_id=kind, after={"template_id": template_id}
    )


@forbidden
def set_up_templates() -> list[str]:
    """Take the templates of all kinds that have none yet: those of the account by their title, the rest from the library.

    Answers the kinds set up. Must not run inside a transaction. Needs `messages.manage`; refuses G-4041, G-4031.
    """
    scope.require("messages.manage")
    account = queries.main_account()
    if account is None:
        raise Refused(NO_ACCOUNT)
    cards = rules.capabilities(account.kind, verified=account.verified, switched_off=account.switched_off)
    require_capability(cards, Capability.TEMPLATE)
    port, done = ports.account_port(), []
    held = port.templates(account.appid)
    there = set(Template.rows().filter(appid=account.appid).values_list("kind", flat=True))
    for kind in kinds.KINDS.values():
        if kind.name in there or not kind.library:
            continue
        template_id = held.get(kind.zh) or port.add_template(account.appid, kind.library, ())
        with transaction():
            save_template(kind=kind.name, template_id=template_id, fields=dict(kind.fields))
        done.append(kind.name)
    return done
