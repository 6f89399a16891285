"""What the account may do, in one step with the refusal that says why not."""

from collections.abc import Sequence

from shangquan.kernel.errors import Refused
from shangquan.messaging.contracts import CAPABILITY_OFF, Capability, CapabilityCard


def require_capability(cards: Sequence[CapabilityCard], wanted: Capability) -> None:
    """Refuses G-4031 with the reason why the interface is off."""
    card = next(card for card in cards if card.name is wanted)
    if not card.on:
        raise Refused(
            CAPABILITY_OFF, zh=card.zh, en=card.en, reason_zh=card.reason_zh, reason_en=card.reason_en, name=card.name
        )
