import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "var" / "bench"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="seconds instead of a minute; figures are coarse")
    arguments.add_argument("--only", default="", help="paths whose name contains this")
    asked = arguments.parse_args()
    if "DATABASE_URL" in os.environ:
        sys.exit("the bench makes a database of its own: unset DATABASE_URL")
    os.environ["SHANGQUAN_PGDATA"] = str(HOME / "pg")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shangquan.config.settings")
    import django

    django.setup()
    from bench import database, report, run
    from bench.measure import FULL, QUICK

    with database.scratch(ROOT):
        rows = run.everything(QUICK if asked.quick else FULL, only=asked.only, say=report.progress)
    report.table(rows)
    report.save(rows, HOME / "latest.json")
    return 0 if all(row.correct for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
