"""Scans of scene codes, a thousand at a time, beside COPY of the same rows into a table with the same indexes."""

import os
import tempfile
from pathlib import Path as File

from bench.measure import Effort, Timed
from bench.paths.path import Job, Path
from bench.place import Place
from shangquan.codes import door as codes
from shangquan.codes.contracts import Scan
from shangquan.codes.models import ScanEvent
from shangquan.kernel.transactions import transaction

_BATCH = 1_000
_SETUP = """
create table bench.scan (id bigserial primary key, district_id bigint, scene_id bigint, what text, visitor text, key text,
                         at timestamptz);
create unique index on bench.scan (district_id, key);
create index on bench.scan (scene_id, what, at);
"""


def _prepare(place: Place, effort: Effort) -> Job:
    with transaction():
        scenes = [codes.make_scene("store", "store", place.store, f"door {i}", now=place.now).id for i in range(20)]

    def work(number: int) -> None:
        with transaction():
            codes.record_scans(_batch(place, scenes, number))

    def check(took: Timed) -> bool:
        """All are there, and the first batch sent again adds nothing."""
        with transaction():
            again = codes.record_scans(_batch(place, scenes, 0))
        folder.cleanup()
        return again == 0 and ScanEvent.rows().filter(scene_id__in=scenes).count() == took.calls * _BATCH

    folder = tempfile.TemporaryDirectory(prefix="bench-")
    rows = File(folder.name) / "scans.tsv"
    rows.write_text("".join(f"1\t{i % 20}\tscan\t{'0' * 64}\t\\N\t2026-01-01 00:00:00+00\n" for i in range(_BATCH)))
    os.chmod(folder.name, 0o755)  # noqa: S103  PostgreSQL reads it, as a user of its own where we are root
    copy = f"copy bench.scan (district_id, scene_id, what, visitor, key, at) from '{rows}';"
    return Job(work, check, limit=copy, limit_setup=_SETUP, threads=2, per_call=_BATCH)


def _batch(place: Place, scenes: list[int], number: int) -> list[Scan]:
    first = number * _BATCH
    return [
        Scan(scenes[i % len(scenes)], "scan", place.now, openid=f"oBench-{i % 400}", key=f"bench:{first + i}")
        for i in range(_BATCH)
    ]


PATH = Path(f"scan ingest, {_BATCH} at a time", _prepare)
