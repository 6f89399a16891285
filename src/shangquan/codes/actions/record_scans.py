from collections.abc import Sequence

from django.db import connection

from shangquan.codes.contracts import Scan
from shangquan.kernel import personal, scope
from shangquan.kernel.transactions import required


@required
def record_scans(batch: Sequence[Scan]) -> int:
    """Write what happened through scene codes, in one statement; answers how many were new.

    A scan with a `key` that is stored already is the same scan again and is left out (the constraint `scan_event_once`).
    So is one of a scene that is not this district's. Openids are kept as keyed hashes only.
    """
    if not batch:
        return 0
    known: dict[str, str] = {"": ""}
    for scan in batch:
        if scan.openid not in known:
            known[scan.openid] = personal.fingerprint("openid", scan.openid)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into codes_scan_event (district_id, scene_id, what, visitor, key, at)
            select s.district_id, s.id, b.what, b.visitor, nullif(b.key, ''), b.at
              from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
                   b(scene_id, what, visitor, key, at)
              join codes_scene s on s.id = b.scene_id and s.district_id = %s
            on conflict (district_id, key) do nothing
            """,
            [
                [scan.scene_id for scan in batch],
                [scan.what for scan in batch],
                [known[scan.openid] for scan in batch],
                [scan.key for scan in batch],
                [scan.at for scan in batch],
                scope.district_id(),
            ],
        )
        return int(cursor.rowcount)
