"""Members taken out in open formats: the data is the owner's (A8), and each member's own (PIPL, article 45)."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.members import queries
from shangquan.members.contracts import NO_MEMBER, MemberCard
from shangquan.members.models import Consent, Dealing, Fan, FollowEvent, MemberKey

Format = Literal["csv", "jsonl"]
COLUMNS = ("id", "card_no", "name", "phone", "openid", "plate", "tier", "channel", "source_code_id", "joined_at")


@required
def export_members(form: Format) -> Iterator[str]:
    """The members as lines of CSV (UTF-8 with a mark, as spreadsheets want) or JSON, oldest first.

    Needs `members.export`; leaves an audit line. The owner gets all of the district; a merchant's staff those who dealt
    with their merchant. Whole phones, plates and openids are in it for who holds `members.read_phone`, else masked
    phones only. The text is produced as it is read, 500 members at a time.
    """
    who = scope.require("members.export")
    whole = who.may("members.read_phone") and who.merchant_id is None
    audit.record(action="members.export", subject="members", subject_id="", after={"format": form, "whole": whole})
    return _csv(whole) if form == "csv" else _jsonl(whole)


def _records(whole: bool) -> Iterator[dict[str, Any]]:
    for chunk in queries.in_chunks():
        keys = queries.key_values([card.id for card in chunk]) if whole else {}
        for card in chunk:
            yield _record(card, keys.get(card.id, []))


def _record(card: MemberCard, keys: list[tuple[str, str, datetime]]) -> dict[str, Any]:
    by_kind = {kind: value for kind, value, _ in keys}
    return {
        "id": card.id,
        "card_no": card.card_no,
        "name": card.name,
        "phone": by_kind.get("phone", card.phone_masked),
        "openid": by_kind.get("openid", ""),
        "plate": by_kind.get("plate", ""),
        "tier": card.tier,
        "channel": card.channel,
        "source_code_id": card.source_code_id,
        "joined_at": card.joined_at.isoformat(),
    }


def _csv(whole: bool) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)
    for record in _records(whole):
        yield _line(_harmless(record[column]) for column in COLUMNS)


def _harmless(value: Any) -> Any:
    """A name that begins like a formula must stay a text in a spreadsheet (OWASP: CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def _line(values: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()


def _jsonl(whole: bool) -> Iterator[str]:
    for record in _records(whole):
        yield json.dumps(record, ensure_ascii=False) + "\n"


def export_member(member_id: int) -> dict[str, Any]:
    """All that this room holds of one member, readable by them and by machines. Refuses M-4041."""
    card = queries.one(id=member_id)
    if card is None:
        raise Refused(NO_MEMBER)
    keys = queries.key_values([member_id]).get(member_id, [])
    prints = MemberKey.rows().filter(member_id=member_id, key__kind="openid").values("key__fingerprint")
    fans = Fan.rows().filter(fingerprint__in=prints)
    return {
        **_record(card, keys),
        "identities": [{"kind": kind, "value": value, "given_at": at.isoformat()} for kind, value, at in keys],
        "consents": [
            {**row, "given_at": row["given_at"].isoformat(), "withdrawn_at": _iso(row["withdrawn_at"])}
            for row in Consent.rows()
            .filter(member_id=member_id)
            .order_by("id")
            .values("purpose", "wording", "given_at", "withdrawn_at")
        ],
        "follows": [
            {"followed": row.followed, "source": row.source, "at": row.at.isoformat()}
            for row in FollowEvent.rows().filter(fan__in=fans).order_by("id")
        ],
        "dealings": [
            {
                "merchant_id": row.merchant_id,
                "bought": row.bought,
                "claimed": row.claimed,
                "subscribed": row.subscribed,
                "first_at": row.first_at.isoformat(),
                "last_at": row.last_at.isoformat(),
            }
            for row in Dealing.rows().filter(member_id=member_id).order_by("id")
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
