from datetime import datetime

from shangquan.codes import queries, rules
from shangquan.codes.contracts import SCENE_TAKEN, SceneCard
from shangquan.codes.models import SceneCode
from shangquan.kernel import ids, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required


@required
def make_scene(
    source: str,
    subject_kind: str,
    subject_id: int,
    place: str = "",
    *,
    title: str = "",
    scene: str = "",
    merchant_id: int | None = None,
    now: datetime,
) -> SceneCard:
    """The code of a subject put up as `source` at `place`; the same parameters answer the same code.

    A poster and a table card of one shelf are two codes, counted apart (the constraint `scene_parameters_once`).
    `scene` may be chosen: at most 64 characters of letters, digits and `_@.-`, unique on the installation (Q-4093);
    else it is a random one. Refuses empty or overlong parameters (K-4001).
    """
    if not source or len(source) > 40 or not subject_kind or len(place) > 60 or len(title) > 60:
        raise Refused(BAD_INPUT, why="场景码要有来源和对象，点位和标题最多 60 个字")
    if scene and not rules.is_scene(scene):
        raise Refused(BAD_INPUT, why="场景值最多 64 个字符，只能用字母、数字和 _@.-")
    SceneCode.objects.bulk_create(
        [
            SceneCode(
                scene=scene or ids.code(10), source=source, subject_kind=subject_kind, subject_id=subject_id,
                place=place, title=title, merchant_id=merchant_id or scope.actor().merchant_id, made_at=now,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    row = SceneCode.rows().filter(
        subject_kind=subject_kind, subject_id=subject_id, source=source, place=place
    ).first()  # fmt: skip
    if row is None or (scene and row.scene != scene):
        raise Refused(SCENE_TAKEN, scene=scene)
    return queries.scene_card(row, queries.base_url())
