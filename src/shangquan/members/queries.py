"""Reads: each a constant number of queries, whatever the number of rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from shangquan.kernel import personal
from shangquan.members import access, rules
from shangquan.members.contracts import ChannelShare, FanCard, KeyKind, MemberCard
from shangquan.members.identities import identity
from shangquan.members.models import Fan, Member, MemberKey, PersonKey


def rows() -> QuerySet[Member, Any]:
    """Members with the masked phone that they gave to this district."""
    phone = MemberKey.rows().filter(member=OuterRef("pk"), key__kind=KeyKind.PHONE).order_by("-id")
    return Member.rows().annotate(phone_masked=Coalesce(Subquery(phone.values("key__masked")[:1]), Value("")))


def card(row: Any) -> MemberCard:
    return MemberCard(
        id=row.id,
        card_no=row.card_no,
        name=row.name,
        name_masked=rules.mask_name(row.name),
        phone_masked=row.phone_masked,
        tier=row.tier,
        joined_at=row.joined_at,
        channel=row.channel,
        source_code_id=row.source_code_id,
    )


def one(**where: Any) -> MemberCard | None:
    row = rows().filter(**where).first()
    return None if row is None else card(row)


def by_fingerprint(kind: KeyKind, fingerprint: str) -> MemberCard | None:
    return one(keys__key__kind=kind, keys__key__fingerprint=fingerprint)


def page(
    *, text: str = "", merchant_id: int | None = None, tier: str = "", before: int | None = None, limit: int = 50
) -> list[MemberCard]:
    """Members behind the actor's wall, newest first; `before` is the last id of the page above. One query."""
    found = access.walled(rows(), merchant_id)
    if tier:
        found = found.filter(tier=tier)
    if text:
        found = found.filter(_matches(text.strip()))
    if before is not None:
        found = found.filter(id__lt=before)
    return [card(row) for row in found.order_by("-id")[:limit]]


def _matches(text: str) -> Q:
    """A whole phone, a card number, the last four digits of a phone, or a part of a name."""
    digits = text.replace(" ", "")
    if rules.is_card_number(digits):
        return Q(card_no=digits)
    if rules.normal(KeyKind.PHONE, text) is not None:
        wanted = identity(KeyKind.PHONE, text).fingerprint
        return Q(Exists(MemberKey.rows().filter(member=OuterRef("pk"), key__fingerprint=wanted)))
    if len(digits) == 4 and digits.isdigit():
        tail = MemberKey.rows().filter(member=OuterRef("pk"), key__kind=KeyKind.PHONE, key__masked__endswith=digits)
        return Q(Exists(tail))
    return Q(name__icontains=text)


def fan_card(row: Fan) -> FanCard:
    holder = (
        MemberKey.rows()
        .filter(key__kind=KeyKind.OPENID, key__fingerprint=row.fingerprint)
        .values_list("member_id", flat=True)
        .first()
    )
    return FanCard(
        id=row.id,
        appid=row.appid,
        following=row.following,
        first_source=row.first_source,
        latest_source=row.latest_source,
        first_followed_at=row.first_followed_at,
        member_id=holder,
    )


def recruits(since: datetime, until: datetime) -> tuple[ChannelShare, ...]:
    """New members by channel, since ≤ joined < until. One query."""
    counted = (
        Member.rows()
        .filter(joined_at__gte=since, joined_at__lt=until)
        .values_list("channel")
        .annotate(members=Count("id"))
    )
    return rules.shares(dict(counted))


def key_values(member_ids: list[int]) -> dict[int, list[tuple[str, str, datetime]]]:
    """The identities that members gave to this district, readable: for the member's own and the owner's export."""
    found: dict[int, list[tuple[str, str, datetime]]] = {}
    keys = MemberKey.rows().filter(member_id__in=member_ids).select_related("key").order_by("id")
    for row in keys:
        key: PersonKey = row.key
        found.setdefault(row.member_id, []).append((key.kind, personal.unseal(key.kind, key.sealed), row.given_at))
    return found


def in_chunks(size: int = 500) -> Iterator[list[MemberCard]]:
    """The members behind the actor's wall, oldest first, a page at a time."""
    last = 0
    while chunk := [card(row) for row in access.walled(rows()).filter(id__gt=last).order_by("id")[:size]]:
        yield chunk
        last = chunk[-1].id
