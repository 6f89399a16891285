from collections.abc import Sequence
from datetime import datetime

from shangquan.kernel import audit
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.members import locks
from shangquan.members.contracts import KEY_HELD, KIND_ZH, NEEDS_CONSENT, NO_CONSENT, PURPOSE_ZH, KeyKind
from shangquan.members.identities import Identity, identity
from shangquan.members.models import Consent, MemberKey, PersonKey


@required
def link_key(member_id: int, *, kind: KeyKind, value: str, now: datetime) -> None:
    """Let the member be known by one more identity in this district. Repeating changes nothing.

    The caller vouches that it is theirs. A face, a device and a plate need the member's standing consent (M-4031).
    Refuses M-4041, M-4001, and M-4091 when another member of the district holds it (the constraint `member_key_once`).
    """
    row = locks.member(member_id)
    purpose = NEEDS_CONSENT.get(kind)
    if purpose and not Consent.rows().filter(member=row, purpose=purpose, withdrawn_at__isnull=True).exists():
        raise Refused(NO_CONSENT, purpose=purpose.value, purpose_zh=PURPOSE_ZH[purpose])
    wanted = identity(kind, value)
    locks.identities([wanted.fingerprint])
    give_to_district(member_id, stored_keys([wanted], person_id=row.person_id, now=now), now=now)
    audit.record(action="members.link", subject="member", subject_id=member_id, after={"kind": kind.value})


@required
def unlink_key(member_id: int, *, kind: KeyKind, value: str) -> None:
    """The member is no longer known by this identity here. Repeating changes nothing."""
    locks.member(member_id)
    wanted = identity(kind, value)
    gone, _ = MemberKey.rows().filter(member_id=member_id, key__kind=kind, key__fingerprint=wanted.fingerprint).delete()
    if gone:
        audit.record(action="members.unlink", subject="member", subject_id=member_id, after={"kind": kind.value})


def stored_keys(given: Sequence[Identity], *, person_id: int, now: datetime) -> list[PersonKey]:
    """The platform's rows of these identities, made where missing and held by this person from now on.

    Another district's member keeps its own link to the key (`MemberKey`), so nothing changes there.
    """
    PersonKey.objects.bulk_create(
        [
            PersonKey(
                person_id=person_id, kind=each.kind, fingerprint=each.fingerprint, sealed=each.sealed,
                masked=each.masked, added_at=now,
            )
            for each in given
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    rows = list(PersonKey.objects.filter(fingerprint__in=[each.fingerprint for each in given]).order_by("id"))
    PersonKey.objects.filter(id__in=[row.id for row in rows if row.person_id != person_id]).update(person_id=person_id)
    return rows


def give_to_district(member_id: int, keys: Sequence[PersonKey], *, now: datetime) -> None:
    """Refuses M-4091 when one of the keys is another member's here."""
    MemberKey.objects.bulk_create(
        [MemberKey(member_id=member_id, key=key, given_at=now) for key in keys], ignore_conflicts=True
    )
    foreign = MemberKey.rows().filter(key__in=keys).exclude(member_id=member_id).select_related("key").first()
    if foreign is not None:
        kind = KeyKind(foreign.key.kind)
        raise Refused(KEY_HELD, kind=kind.value, kind_zh=KIND_ZH[kind])
