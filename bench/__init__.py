"""`make bench`: the hot paths, each beside what the same PostgreSQL can do at best in the same run.

`database.py` makes a scratch database, `place.py` fills it through actions, `paths/` holds one file a path, `measure.py`
times it, `limit.py` asks pgbench, `report.py` prints. How to read the table: docs/bench.md.
"""
