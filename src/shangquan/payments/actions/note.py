from datetime import datetime
from typing import Any

from shangquan.payments.contracts import ChannelAnswer
from shangquan.payments.models import Intent, IntentEvent

# What a channel's answer may hold of a person is left out of the log.
_PRIVATE = frozenset({"openid", "sub_openid", "payer", "auth_code", "sign", "paySign"})


def note(
    intent: Intent,
    what: str,
    *,
    at: datetime,
    was: str = "",
    answer: ChannelAnswer | None = None,
    message: str = "",
    refund_id: int | None = None,
    to: str = "",
) -> None:
    """Add a line to the intent's log, in the open transaction."""
    IntentEvent.objects.create(
        intent=intent,
        refund_id=refund_id,
        at=at,
        what=what,
        from_state=was,
        to_state=to or intent.state,
        code=(answer.code if answer else "")[:64],
        message=(message or (answer.message if answer else ""))[:256],
        raw=_public(answer.raw) if answer else {},
    )


def _public(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in _PRIVATE}
