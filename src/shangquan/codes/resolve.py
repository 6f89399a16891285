"""Any text that a scanner reads -> what it is, whom or what it means, and what may be done with it. Consumes nothing."""

from collections.abc import Callable
from datetime import datetime

from shangquan.codes import member_codes, queries, registry, rules
from shangquan.codes.contracts import UNKNOWN, CredentialState, Resolved, SceneCard, SubjectState
from shangquan.codes.models import Credential, MemberCodeUse, SceneCode
from shangquan.district import door as district
from shangquan.district.rules import is_ean13
from shangquan.kernel import scope
from shangquan.members import door as members

MEMBER_ACTIONS = ("identify", "collect_points", "pay")
CARD_ACTIONS = ("identify", "collect_points")  # a printed number can be copied: it never pays


def resolve(payload: str, *, now: datetime, merchant_id: int | None = None) -> Resolved:
    """What a scanned text is; anything not recognised answers `unknown` with no action, whatever it contains.

    `merchant_id`: whose goods a bar code may mean; by default those of the acting merchant's staff.
    """
    text = payload.strip()
    if not text or len(text) > rules.LONGEST_PAYLOAD or not text.isprintable():
        return UNKNOWN
    shop = merchant_id if merchant_id is not None else scope.actor().merchant_id
    steps: tuple[Callable[[], Resolved | None], ...] = (
        lambda: _member_code(text, now),
        lambda: _pay_code(text),
        lambda: _card(text),
        lambda: _scene(text, now),
        lambda: _credential(text, now),
        lambda: _product(text, shop),
        *(lambda each=each: each(text, now) for each in registry.resolvers.values()),
    )
    for step in steps:
        found = step()
        if found is not None:
            return found
    return UNKNOWN


def subject_state(subject_kind: str, subject_id: int, now: datetime) -> SubjectState | None:
    """What the room above says of a subject; None when no room answers for its kind or the subject is gone."""
    ask = registry.subjects.get(subject_kind)
    return None if ask is None else ask(subject_id, now)


def _member_code(text: str, now: datetime) -> Resolved | None:
    digits = text.replace(" ", "")
    if not member_codes.looks_like_one(digits):
        return None
    read = member_codes.read(digits, district_id=scope.district_id(), now=now)
    if read is None:
        return Resolved(kind="member_code", state="unknown")
    used = MemberCodeUse.rows().filter(member_id=read.member_id, step=read.step, turn=read.turn).exists()
    state = "expired" if read.late else "used" if used else "active"
    actions = MEMBER_ACTIONS if state == "active" else ()
    return Resolved("member_code", "member", read.member_id, actions, state)


def _pay_code(text: str) -> Resolved | None:
    channel = rules.pay_code(text)
    return (channel and Resolved("pay_code", actions=("charge",), state="active", data={"channel": channel})) or None


def _card(text: str) -> Resolved | None:
    card = members.by_card(text)
    return (card and Resolved("card", "member", card.id, CARD_ACTIONS, "active", card.name_masked)) or None


def _scene(text: str, now: datetime) -> Resolved | None:
    scene = rules.scene_in(text)
    if scene is None:
        return None
    row = SceneCode.rows().filter(scene=scene).first()
    if row is None:
        return Resolved(kind="scene", state="unknown")
    return of_scene(queries.scene_card(row, queries.base_url()), now)


def of_scene(card: SceneCard, now: datetime) -> Resolved:
    """A scene code with its subject's state: an activity that ended offers its result and nothing else (E11)."""
    said = subject_state(card.subject_kind, card.subject_id, now)
    data = {"scene_id": card.id, "scene": card.scene, "source": card.source, "place": card.place}
    if card.subject_kind in registry.subjects and said is None:
        return Resolved("scene", card.subject_kind, card.subject_id, (), "gone", card.title, data)
    if said is None:
        return Resolved("scene", card.subject_kind, card.subject_id, ("view",), "open", card.title, data)
    if said.state != "open":
        seen = ("result",) if said.state == "ended" else ("view",)
        data |= {"result": said.result}
        return Resolved("scene", card.subject_kind, card.subject_id, seen, said.state, said.title, data)
    return Resolved(
        "scene", card.subject_kind, card.subject_id, said.actions or ("view",), "open", said.title or card.title, data
    )


def _credential(text: str, now: datetime) -> Resolved | None:
    if not rules.is_credential(text):
        return None
    row = Credential.rows().filter(payload=text).first()
    if row is None:
        return None
    card = queries.credential_card(row)
    state = card.state
    over = card.valid_until is not None and card.valid_until <= now
    if over and state in (CredentialState.ISSUED, CredentialState.ACTIVE):
        state = CredentialState.EXPIRED  # the timer that writes it down may be minutes behind
    data = {"credential_id": card.id, "credential_kind": card.kind.value}
    return Resolved(
        "credential", card.subject_kind, card.subject_id, rules.actions_of(card.kind, state), state.value, data=data
    )


def _product(text: str, merchant_id: int | None) -> Resolved | None:
    if not is_ean13(text):
        return None
    found = district.find_product(text, merchant_id)
    if found is None:
        return Resolved(kind="product", state="unknown", data={"barcode": text})
    data = {"barcode": text, "price_fen": found.price_fen, "merchant_id": found.merchant_id}
    return Resolved("product", "product", found.id, ("view", "sell"), "active", found.name, data)
