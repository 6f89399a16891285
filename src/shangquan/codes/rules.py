"""Pure decisions: the life of a credential, what may be done with it, and how texts from a scanner look."""

import re

from shangquan.codes.contracts import CredentialKind, CredentialState

I, A, U, C = CredentialState.ISSUED, CredentialState.ACTIVE, CredentialState.USED, CredentialState.COMPLETED  # noqa: E741
_ENDS = frozenset({CredentialState.INVALID, CredentialState.CANCELLED, CredentialState.EXPIRED})

# The life of a credential. What is not here is refused: use after cancel, activate twice, anything after an end.
TRANSITIONS: dict[CredentialState, frozenset[CredentialState]] = {
    I: frozenset({A}) | _ENDS,
    A: frozenset({U, C}) | _ENDS,
    U: frozenset(),
    C: frozenset(),
    CredentialState.INVALID: frozenset(),
    CredentialState.CANCELLED: frozenset(),
    CredentialState.EXPIRED: frozenset(),
}

# What an active credential of each kind allows.
ACTIONS: dict[CredentialKind, tuple[str, ...]] = {
    CredentialKind.PERSON: ("identify", "collect_points", "pay"),
    CredentialKind.PRODUCT: ("view", "buy"),
    CredentialKind.SHOP: ("view", "follow", "claim"),
    CredentialKind.ACTIVITY: ("view", "join", "claim"),
    CredentialKind.TICKET: ("admit", "use"),
}

_SCENE = re.compile(r"[A-Za-z0-9_@.\-]{1,64}")
_SCENE_URL = re.compile(r"https?://([^/\s?#]+)/c/([A-Za-z0-9_@.\-]{1,64})/?(?:[?#].*)?")
_CREDENTIAL = re.compile(r"V[23456789ABCDEFGHJKMNPQRSTUVWXYZ]{19}")

LONGEST_PAYLOAD = 1024


def may_become(state: CredentialState, wanted: CredentialState) -> bool:
    return wanted in TRANSITIONS[state]


def actions_of(kind: CredentialKind, state: CredentialState) -> tuple[str, ...]:
    """Nothing may be done with a dead credential; an issued one waits to be activated."""
    if state is CredentialState.ACTIVE:
        return ACTIONS[kind]
    return ("activate",) if state is CredentialState.ISSUED else ()


def is_scene(text: str) -> bool:
    """At most 64 characters that survive an address, a QR and WeChat's `scene_str`."""
    return _SCENE.fullmatch(text) is not None


def scene_in(text: str) -> str | None:
    """The scene inside an address such as https://mall.example/c/Qk7x/, else None."""
    found = _SCENE_URL.fullmatch(text)
    return found.group(2) if found else None


def is_credential(text: str) -> bool:
    return _CREDENTIAL.fullmatch(text) is not None


def pay_code(text: str) -> str | None:
    """Whose payment code it is: WeChat Pay 18 digits from 10–15, Alipay 16–24 digits from 25–30; else None."""
    if not (text.isascii() and text.isdigit()):
        return None
    head = int(text[:2])
    if len(text) == 18 and 10 <= head <= 15:
        return "wechat"
    return "alipay" if 16 <= len(text) <= 24 and 25 <= head <= 30 else None
