"""What other rooms may ask of the people served."""

from collections.abc import Collection
from datetime import datetime

from shangquan.kernel import audit, personal
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.members import access, queries, rules
from shangquan.members.actions.change_profile import change_profile
from shangquan.members.actions.consent import give_consent, withdraw_consent
from shangquan.members.actions.link_key import link_key, unlink_key
from shangquan.members.actions.note_dealing import note_dealing
from shangquan.members.actions.open_card import open_card
from shangquan.members.actions.record_follow import record_follow
from shangquan.members.actions.set_tier import set_tier
from shangquan.members.contracts import (
    NO_FAN,
    NO_MEMBER,
    ChannelShare,
    ConsentCard,
    DealingCard,
    FanCard,
    FollowFact,
    KeyKind,
    MemberCard,
    Purpose,
    TimelineEntry,
)
from shangquan.members.export import export_member, export_members
from shangquan.members.identities import identity
from shangquan.members.models import Consent, Dealing, Fan, FollowEvent, MemberKey

__all__ = [
    "by_card",
    "by_key",
    "by_openid",
    "change_profile",
    "consenting",
    "consents",
    "dealings",
    "export_member",
    "export_members",
    "fan",
    "fan_history",
    "give_consent",
    "has_consent",
    "link_key",
    "member",
    "member_ids",
    "member_seen",
    "members",
    "note_dealing",
    "open_card",
    "openid_of",
    "openid_of_fan",
    "record_follow",
    "recruits",
    "reveal_phone",
    "search",
    "set_tier",
    "timeline",
    "unlink_key",
    "withdraw_consent",
]  # fmt: skip


def member(member_id: int) -> MemberCard:
    """Refuses M-4041."""
    found = queries.one(id=member_id)
    if found is None:
        raise Refused(NO_MEMBER)
    return found


def member_seen(member_id: int) -> MemberCard:
    """A member as the acting staff may see them: a merchant's staff only who dealt there (D13). Refuses 403, M-4041."""
    access.member_for("members.read", member_id)
    return member(member_id)


def members(ids: Collection[int]) -> list[MemberCard]:
    """Of many in one query, by id; unknown ids are left out."""
    return [queries.card(row) for row in queries.rows().filter(id__in=ids).order_by("id")]


def by_openid(openid: str) -> MemberCard | None:
    """None for a fan or a stranger."""
    return by_key(KeyKind.OPENID, openid)


def by_key(kind: KeyKind | str, value: str) -> MemberCard | None:
    """The member of this district who is known by that phone, plate, device, face token, openid or unionid.

    An unknown one answers None, never a guess: identities are compared whole, by keyed hash. A value that is not
    one of its kind is refused (M-4001).
    """
    wanted = identity(KeyKind(kind), value)
    return queries.by_fingerprint(wanted.kind, wanted.fingerprint)


def by_card(card_no: str) -> MemberCard | None:
    """By the number on the card, with or without spaces; None when it fails its check digit or is nobody's."""
    digits = card_no.replace(" ", "")
    return queries.one(card_no=digits) if rules.is_card_number(digits) else None


def openid_of(member_id: int) -> str | None:
    """The openid to write to the member with, or None for a member without one."""
    key = MemberKey.rows().filter(member_id=member_id, key__kind=KeyKind.OPENID).select_related("key").last()
    return None if key is None else personal.unseal("openid", key.key.sealed)


def openid_of_fan(fan_id: int) -> str:
    """Refuses M-4042."""
    row = Fan.rows().filter(id=fan_id).first()
    if row is None:
        raise Refused(NO_FAN)
    return personal.unseal("openid", row.sealed)


def fan(openid: str) -> FanCard | None:
    """Who follows (or followed) under this openid; None for somebody who never did."""
    wanted = identity(KeyKind.OPENID, openid)
    row = Fan.rows().filter(fingerprint=wanted.fingerprint).order_by("-id").first()
    return None if row is None else queries.fan_card(row)


def fan_history(fan_id: int) -> list[FollowFact]:
    """Every follow and unfollow, oldest first (C7)."""
    rows = FollowEvent.rows().filter(fan_id=fan_id).order_by("id")
    return [FollowFact(row.followed, row.source, row.source_code_id, row.at) for row in rows]


def search(
    text: str = "", merchant_id: int | None = None, *, tier: str = "", before: int | None = None, limit: int = 50
) -> list[MemberCard]:
    """Members newest first, by a part of the name, a card number, a whole phone or its last four digits.

    A merchant's staff find only who bought, claimed or subscribed there (D13), whatever they ask for; another
    merchant's list is refused (403). `before` is the last id of the page above. One query.
    """
    return queries.page(text=text, merchant_id=merchant_id, tier=tier, before=before, limit=limit)


def member_ids(*, tier: str = "") -> list[int]:
    """Whom a push may be meant for: the members behind the actor's wall, of one tier if it is named. One query."""
    found = access.walled(queries.rows())
    return list((found.filter(tier=tier) if tier else found).order_by("id").values_list("id", flat=True))


@required
def reveal_phone(member_id: int, *, reason: str = "") -> str | None:
    """The whole phone, for a reason that the audit line keeps. Needs `members.read_phone`; refuses M-4041."""
    row = access.member_for("members.read_phone", member_id)
    key = MemberKey.rows().filter(member=row, key__kind=KeyKind.PHONE).select_related("key").last()
    audit.record(
        action="members.read_phone", subject="member", subject_id=member_id,
        after={"kind": "phone", "reason": reason.strip()[:200]},
    )  # fmt: skip
    return None if key is None else personal.unseal("phone", key.key.sealed)


def consents(member_id: int) -> list[ConsentCard]:
    """All that were ever given, newest first."""
    rows = Consent.rows().filter(member_id=member_id).order_by("-id")
    return [ConsentCard(Purpose(row.purpose), row.wording, row.given_at, row.withdrawn_at) for row in rows]


def has_consent(member_id: int, purpose: Purpose) -> bool:
    return Consent.rows().filter(member_id=member_id, purpose=purpose, withdrawn_at__isnull=True).exists()


def consenting(member_ids: Collection[int], purpose: Purpose) -> set[int]:
    """Which of many members stand by a consent. One query."""
    rows = Consent.rows().filter(member_id__in=member_ids, purpose=purpose, withdrawn_at__isnull=True)
    return set(rows.values_list("member_id", flat=True))


def dealings(member_id: int) -> list[DealingCard]:
    """With which merchants the member had to do, latest first."""
    rows = Dealing.rows().filter(member_id=member_id).order_by("-last_at", "-id")
    return [
        DealingCard(row.merchant_id, row.bought, row.claimed, row.subscribed, row.first_at, row.last_at) for row in rows
    ]


def recruits(since: datetime, until: datetime) -> tuple[ChannelShare, ...]:
    """New members by channel with each channel's share (D14), since ≤ joined < until. One query."""
    return queries.recruits(since, until)


def timeline(member_id: int) -> list[TimelineEntry]:
    """What happened with the membership, oldest first: joined, follows, consents. Refuses M-4041. Four queries."""
    card = member(member_id)
    prints = MemberKey.rows().filter(member_id=member_id, key__kind=KeyKind.OPENID).values("key__fingerprint")
    events = FollowEvent.rows().filter(fan__fingerprint__in=prints)
    entries = [TimelineEntry(card.joined_at, "joined", card.channel)]
    entries += [TimelineEntry(row.at, "followed" if row.followed else "unfollowed", row.source) for row in events]
    for consent in consents(member_id):
        entries.append(TimelineEntry(consent.given_at, "consented", consent.purpose.value))
        if consent.withdrawn_at is not None:
            entries.append(TimelineEntry(consent.withdrawn_at, "withdrew", consent.purpose.value))
    return sorted(entries, key=lambda entry: entry.at)
