from datetime import datetime

from shangquan.codes.actions.record_scans import record_scans
from shangquan.codes.contracts import Scan, Scanned, SceneCard
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.members import door as members


@required
def open_scene(card: SceneCard, *, member_id: int | None, now: datetime) -> None:
    """Count that somebody opened a scene code's page, a member where they are known, and tell of it."""
    openid = (members.openid_of(member_id) or "") if member_id is not None else ""
    record_scans([Scan(scene_id=card.id, what="scan", at=now, openid=openid)])
    publish(Scanned(scene_id=card.id, member_id=member_id))
