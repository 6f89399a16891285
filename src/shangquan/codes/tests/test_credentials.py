"""One credential for five kinds, and a life with no way back."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from shangquan.codes import door, rules
from shangquan.codes.actions.expire_credentials import expire_credentials
from shangquan.codes.contracts import (
    CREDENTIAL_EXPIRED,
    ILLEGAL_CHANGE,
    CredentialCard,
    CredentialKind,
    CredentialState,
)
from shangquan.kernel.errors import Refused
from shangquan.kernel.models import OutboxEvent
from shangquan.kernel.transactions import transaction

pytestmark = pytest.mark.usefixtures("district_id")
S = CredentialState


def issue(now: datetime, kind: CredentialKind = CredentialKind.TICKET, **more: object) -> CredentialCard:
    with transaction():
        return door.issue_credential(kind, subject_kind=kind.value, subject_id=7, now=now, **more)


def change(credential_id: int, wanted: CredentialState, now: datetime) -> CredentialCard:
    return door.change_credential(credential_id, wanted, now=now)


def drive(now: datetime, state: CredentialState) -> CredentialCard:
    """A ticket brought to a state on the shortest legal way."""
    card = issue(now)
    way = {S.ISSUED: [], S.ACTIVE: [S.ACTIVE], S.USED: [S.ACTIVE, S.USED], S.COMPLETED: [S.ACTIVE, S.COMPLETED]}
    for step in way.get(state, [state]):
        card = change(card.id, step, now)
    return card


@pytest.mark.feature("E1")
@pytest.mark.parametrize("kind", list(CredentialKind))
def test_each_of_five_kinds_resolves_to_its_kind_subject_and_allowed_actions(
    now: datetime, kind: CredentialKind
) -> None:
    card = issue(now, kind)
    waiting = door.resolve(card.payload, now=now)
    assert waiting.state == "issued" and waiting.actions == ("activate",)
    change(card.id, S.ACTIVE, now)
    found = door.resolve(f" {card.payload}\n", now=now)
    assert found.kind == "credential" and found.data["credential_kind"] == kind.value
    assert (found.subject_kind, found.subject_id) == (kind.value, 7)
    assert found.actions == rules.ACTIONS[kind] and found.actions
    assert len(rules.ACTIONS) == 5


@pytest.mark.feature("E2")
@pytest.mark.parametrize("wanted", list(S))
@pytest.mark.parametrize("state", list(S))
def test_every_legal_step_is_taken_and_every_illegal_one_is_refused_and_logged(
    now: datetime, state: CredentialState, wanted: CredentialState
) -> None:
    card = drive(now, state)
    assert card.state is state
    if wanted in rules.TRANSITIONS[state]:
        assert change(card.id, wanted, now).state is wanted
        last = OutboxEvent.rows().filter(name="credential_changed").latest("id").payload
        assert (last["credential_id"], last["before"], last["after"]) == (card.id, state.value, wanted.value)
    else:
        with pytest.raises(Refused) as caught:
            change(card.id, wanted, now)
        assert caught.value.reason is ILLEGAL_CHANGE and door.credential(card.payload).state is state
    last_step = door.credential_steps(card.id)[-1]
    assert (last_step.before, last_step.wanted) == (state, wanted)
    assert last_step.refused == ("" if wanted in rules.TRANSITIONS[state] else "Q-4092")


@pytest.mark.feature("E2")
def test_use_after_cancel_and_activate_twice_are_refused(now: datetime) -> None:
    card = issue(now)
    change(card.id, S.ACTIVE, now)
    for wanted in (S.ACTIVE,):
        with pytest.raises(Refused, match="Q-4092"):
            change(card.id, wanted, now)
    change(card.id, S.CANCELLED, now)
    with pytest.raises(Refused, match="Q-4092"):
        change(card.id, S.USED, now)
    assert [step.refused for step in door.credential_steps(card.id)] == ["", "Q-4092", "", "Q-4092"]
    assert door.resolve(card.payload, now=now).actions == ()


def test_a_credential_past_its_time_may_not_be_used_and_the_timer_writes_it_down(now: datetime) -> None:
    card = issue(now, valid_until=now + timedelta(hours=1))
    lasting = issue(now)
    change(card.id, S.ACTIVE, now)
    late = now + timedelta(hours=1)
    with pytest.raises(Refused) as caught:
        change(card.id, S.USED, late)
    assert caught.value.reason is CREDENTIAL_EXPIRED
    found = door.resolve(card.payload, now=late)
    assert (found.state, found.actions) == ("expired", ())
    with transaction():
        assert expire_credentials(now=late) == 1
    with transaction():
        assert expire_credentials(now=late) == 0
    assert door.credential(card.payload).state is S.EXPIRED and door.credential(lasting.payload).state is S.ISSUED
    assert door.credential_steps(card.id)[-1].wanted is S.EXPIRED


def test_states_only_lead_forward() -> None:
    assert all(not rules.TRANSITIONS[end] for end in (S.USED, S.COMPLETED, S.INVALID, S.CANCELLED, S.EXPIRED))
    assert all(rules.may_become(a, b) for a, b in pairwise([S.ISSUED, S.ACTIVE, S.USED]))


def test_payloads_cannot_be_guessed_from_each_other(now: datetime) -> None:
    payloads = {issue(now).payload for _ in range(20)}
    assert len(payloads) == 20 and all(rules.is_credential(payload) for payload in payloads)


def test_an_end_in_the_past_is_refused(now: datetime) -> None:
    with pytest.raises(Refused, match="K-4001"):
        issue(now, valid_until=now)
