import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from shangquan.kernel import scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.members import locks, queries, rules
from shangquan.members.actions.link_key import give_to_district, stored_keys
from shangquan.members.contracts import KEY_HELD, KIND_ZH, NOTHING_GIVEN, CardOpened, KeyKind, MemberCard
from shangquan.members.identities import Identity, identity
from shangquan.members.models import Member, MemberKey, Person, PersonKey

_TRIES = 8  # a random card number collides with probability (members / 10^9) each time


@required
def open_card(
    *,
    openid: str = "",
    unionid: str = "",
    phone: str = "",
    name: str = "",
    channel: str,
    source_code_id: int | None = None,
    now: datetime,
) -> MemberCard:
    """The person's card in this district: the one they have, or a new one. One tap or fifty, there is one card.

    The caller vouches for what it passes: an openid from the platform's sign-in, a phone that was proved. A further
    identity is added to the card found by the other one. Truth: the constraints `member_once`, `member_card_no_once`
    and `person_key_once`. Refuses M-4002 without any identity, M-4001 for a badly written one, M-4091 when the
    identities belong to two different members.
    """
    given = _identities(openid=openid, unionid=unionid, phone=phone)
    if not given:
        raise Refused(NOTHING_GIVEN)
    if not channel or len(channel) > 30 or len(name) > 40:
        raise Refused(BAD_INPUT, why="渠道要 1 到 30 个字，姓名最多 40 个字")
    known = _holders(given)
    if len(known) < len(given):
        locks.identities(each.fingerprint for each in given)
        known = _holders(given)
    member_id = _only(known, given)
    if member_id is None:
        member_id = _open(given, name=name.strip(), channel=channel, source_code_id=source_code_id, now=now)
    elif len(known) < len(given):
        person_id = Member.rows().values_list("person_id", flat=True).get(id=member_id)
        give_to_district(member_id, stored_keys(given, person_id=person_id, now=now), now=now)
    return queries.card(queries.rows().get(id=member_id))


def _identities(**texts: str) -> list[Identity]:
    return [identity(KeyKind(kind), text) for kind, text in texts.items() if text]


def _holders(given: Sequence[Identity]) -> dict[str, int]:
    """Which member of this district gave each fingerprint."""
    rows = MemberKey.rows().filter(key__fingerprint__in=[each.fingerprint for each in given])
    return dict(rows.values_list("key__fingerprint", "member_id"))


def _only(known: dict[str, int], given: Sequence[Identity]) -> int | None:
    holders = set(known.values())
    if len(holders) > 1:
        kind = given[-1].kind
        raise Refused(KEY_HELD, kind=kind.value, kind_zh=KIND_ZH[kind])
    return next(iter(holders), None)


def _open(given: Sequence[Identity], *, name: str, channel: str, source_code_id: int | None, now: datetime) -> int:
    """Under the lock of the identities: a person (known from elsewhere, or new), the keys, the card."""
    person_id = _known_person(given) or Person.objects.create(known_since=now).id
    member_id, is_new = _insert(person_id, name=name, channel=channel, source_code_id=source_code_id, now=now)
    give_to_district(member_id, stored_keys(given, person_id=person_id, now=now), now=now)
    if is_new:
        publish(CardOpened(member_id=member_id, channel=channel, source_code_id=source_code_id))
    return member_id


def _known_person(given: Sequence[Identity]) -> int | None:
    """Somebody known on the platform by one of the identities; a phone says more than an openid."""
    found = dict(
        PersonKey.objects.filter(fingerprint__in=[each.fingerprint for each in given]).values_list("kind", "person_id")
    )
    for kind in (KeyKind.PHONE, KeyKind.UNIONID, KeyKind.OPENID):
        if kind in found:
            return found[kind]
    return None


def _insert(person_id: int, *, name: str, channel: str, source_code_id: int | None, now: datetime) -> tuple[int, bool]:
    for _ in range(_TRIES):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                insert into members_member
                  (district_id, person_id, card_no, name, tier, tier_since, channel, source_code_id, status, joined_at)
                values (%s, %s, %s, %s, 'basic', %s, %s, %s, 'active', %s)
                on conflict do nothing returning id
                """,
                [
                    scope.district_id(), person_id, rules.card_number(secrets.randbelow(10**9)), name, now, channel,
                    source_code_id, now,
                ],
            )  # fmt: skip
            row = cursor.fetchone()
        if row is not None:
            return int(row[0]), True
        held = Member.rows().filter(person_id=person_id).values_list("id", flat=True).first()
        if held is not None:
            return held, False
    raise RuntimeError("no free card number was found")
