"""What other rooms may ask of codes."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from shangquan.codes import drawing, member_codes, queries
from shangquan.codes.actions.issue_credential import issue_credential
from shangquan.codes.actions.make_scene import make_scene
from shangquan.codes.actions.move_credential import change_credential, move_credential
from shangquan.codes.actions.record_scans import record_scans
from shangquan.codes.actions.use_member_code import verify_member_code
from shangquan.codes.contracts import (
    NO_CREDENTIAL,
    NO_SCENE,
    CodeMinute,
    CredentialCard,
    CredentialStep,
    MemberCode,
    Scan,
    SceneCard,
)
from shangquan.codes.drawing import barcode_svg, qr_png, qr_svg
from shangquan.codes.models import Credential, MemberCodeUse, SceneCode
from shangquan.codes.registry import register_destination, register_resolver, register_subject
from shangquan.codes.resolve import resolve
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required

__all__ = [
    "barcode_svg", "change_credential", "counts", "credential", "credential_steps", "export_sheet", "export_zip",
    "issue_credential", "make_scene", "member_code", "move_credential", "qr_png", "qr_svg", "record_scan", "record_scans",
    "register_destination", "register_resolver", "register_subject", "resolve", "scene", "scene_by_id", "scene_for_export", "scenes",
    "verify_member_code",
]  # fmt: skip

TURNS = 10  # codes of one minute
AHEAD = 5  # minutes that a phone without network can still show


def member_code(member_id: int, *, now: datetime) -> MemberCode:
    """The member's code of this minute and of the next five, for the ring to refresh and for a lost network.

    Nothing is written: a code exists when it is read. Each minute has ten; those used already are not given again, so
    a refresh after a use works. One query.
    """
    first = member_codes.step_of(now)
    used = set(MemberCodeUse.rows().filter(member_id=member_id, step=first).values_list("turn", flat=True))
    turn = secrets.choice([turn for turn in range(TURNS) if turn not in used] or range(TURNS))
    minutes = tuple(_minute(member_id, first + ahead, turn) for ahead in range(AHEAD + 1))
    return MemberCode(digits=minutes[0].digits, valid_until=minutes[0].valid_until, ahead=minutes[1:])


def _minute(member_id: int, step: int, turn: int) -> CodeMinute:
    digits = member_codes.write(district_id=scope.district_id(), member_id=member_id, step=step, turn=turn)
    return CodeMinute(digits, member_codes.start_of(step), member_codes.start_of(step + 1))


def scene(scene_text: str) -> SceneCard:
    """Refuses Q-4042."""
    row = SceneCode.rows().filter(scene=scene_text).first()
    if row is None:
        raise Refused(NO_SCENE)
    return queries.scene_card(row, queries.base_url())


def scene_by_id(scene_id: int) -> SceneCard:
    """Refuses Q-4042."""
    row = SceneCode.rows().filter(id=scene_id).first()
    if row is None:
        raise Refused(NO_SCENE)
    return queries.scene_card(row, queries.base_url())


def scene_for_export(scene_id: int) -> SceneCard:
    """The code if it is behind the actor's wall. Refuses Q-4042."""
    return _in_order([scene_id])[0]


def scenes(
    *,
    ids: Collection[int] | None = None,
    subject_kind: str = "",
    subject_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[SceneCard]:
    """Newest first; a merchant's staff see their own merchant's. `before` is the last id of the page above."""
    return queries.scenes(ids=ids, subject_kind=subject_kind, subject_id=subject_id, before=before, limit=limit)


@required
def record_scan(scene_id: int, openid: str = "", what: str = "scan", *, key: str = "", now: datetime) -> bool:
    """Count one scan, follow, claim or redemption of a scene code. Answers False for a key already counted."""
    return record_scans([Scan(scene_id=scene_id, what=what, at=now, openid=openid, key=key)]) == 1


def counts(scene_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """{scene id: {"scan": n, "follow": n, …}}, exact and current (E3, E4). One query."""
    return queries.counts(scene_ids)


def credential(payload: str) -> CredentialCard:
    """Refuses Q-4043."""
    row = Credential.rows().filter(payload=payload).first()
    if row is None:
        raise Refused(NO_CREDENTIAL)
    return queries.credential_card(row)


def credential_steps(credential_id: int) -> list[CredentialStep]:
    """Every try to change it, granted or refused, oldest first."""
    return queries.steps(credential_id)


def export_sheet(scene_ids: Sequence[int]) -> list[str]:
    """Printable A4 pages (SVG) of these codes in this order, each with its source and place (F5). Refuses Q-4042."""
    return drawing.sheet_svg(_in_order(scene_ids))


def export_zip(scene_ids: Sequence[int]) -> bytes:
    """The same codes as PNG files in a zip. Refuses Q-4042."""
    return drawing.pictures_zip(_in_order(scene_ids))


def _in_order(scene_ids: Sequence[int]) -> list[SceneCard]:
    found = {card.id: card for card in queries.scenes(ids=scene_ids, limit=len(scene_ids))}
    if len(found) < len(set(scene_ids)):
        raise Refused(NO_SCENE)
    return [found[scene_id] for scene_id in scene_ids]
