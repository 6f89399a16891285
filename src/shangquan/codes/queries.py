"""Reads: each a constant number of queries."""

from collections.abc import Collection

from django.conf import settings
from django.db.models import Count

from shangquan.codes.contracts import CredentialCard, CredentialKind, CredentialState, CredentialStep, SceneCard
from shangquan.codes.models import Credential, CredentialLog, ScanEvent, SceneCode
from shangquan.kernel import scope
from shangquan.tenancy import door as tenancy


def base_url() -> str:
    """The district's own host when it has one, so that a printed code finds its district again."""
    host = tenancy.district().host
    scheme = settings.BASE_URL.split("://", 1)[0]
    return f"{scheme}://{host}" if host else settings.BASE_URL.rstrip("/")


def scene_card(row: SceneCode, base: str) -> SceneCard:
    return SceneCard(
        id=row.id,
        scene=row.scene,
        url=f"{base}/c/{row.scene}/",
        source=row.source,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        place=row.place,
        title=row.title,
    )


def scenes(
    *,
    ids: Collection[int] | None = None,
    subject_kind: str = "",
    subject_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[SceneCard]:
    """Scene codes behind the actor's wall, newest first."""
    rows = SceneCode.rows()
    wall = scope.actor().merchant_id
    if wall is not None:
        rows = rows.filter(merchant_id=wall)
    if ids is not None:
        rows = rows.filter(id__in=ids)
    if subject_kind:
        rows = rows.filter(subject_kind=subject_kind)
    if subject_id is not None:
        rows = rows.filter(subject_id=subject_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    base = base_url()
    return [scene_card(row, base) for row in rows.order_by("-id")[:limit]]


def counts(scene_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """What happened through each code, exact at this moment: counted over the rows themselves, in one query."""
    found: dict[int, dict[str, int]] = {scene_id: {} for scene_id in scene_ids}
    rows = ScanEvent.rows().filter(scene_id__in=scene_ids).values_list("scene_id", "what").annotate(n=Count("id"))
    for scene_id, what, n in rows:
        found[scene_id][what] = n
    return found


def credential_card(row: Credential) -> CredentialCard:
    return CredentialCard(
        id=row.id,
        kind=CredentialKind(row.kind),
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        state=CredentialState(row.state),
        payload=row.payload,
        holder_member_id=row.holder_member_id,
        valid_until=row.valid_until,
    )


def steps(credential_id: int) -> list[CredentialStep]:
    rows = CredentialLog.rows().filter(credential_id=credential_id).order_by("id")
    return [
        CredentialStep(CredentialState(row.before), CredentialState(row.wanted), row.refused, row.actor, row.at)
        for row in rows
    ]
