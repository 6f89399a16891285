"""CPU time of this process and of PostgreSQL's, in microseconds."""

import os
import resource
from pathlib import Path

from bench.database import as_owner

_TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


class Meter:
    """Of both sides of a path. Where there is no /proc (not Linux) PostgreSQL's part is missing."""

    def __init__(self) -> None:
        with as_owner() as owner:
            row = owner.execute("show data_directory").fetchone()
        assert row is not None, "PostgreSQL always says where its data is"
        self._postmaster = int((Path(row[0]) / "postmaster.pid").read_text().split()[0])

    def used_us(self) -> float:
        own = resource.getrusage(resource.RUSAGE_SELF)
        return (own.ru_utime + own.ru_stime) * 1_000_000 + self._database_us()

    def _database_us(self) -> float:
        """The postmaster with the children it has buried, and its living children."""
        if not Path("/proc/self/stat").exists():
            return 0.0
        ticks = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended while we looked
                continue
            parent, used, buried = int(fields[1]), fields[11:13], fields[13:15]
            if int(entry.name) == self._postmaster:
                ticks += sum(map(int, used)) + sum(map(int, buried))
            elif parent == self._postmaster:
                ticks += sum(map(int, used))
        return ticks * _TICK_US
