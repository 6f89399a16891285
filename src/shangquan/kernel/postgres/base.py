"""Django's PostgreSQL backend, which also tells the database whose rows this session may see.

Row-level security compares `district_id` with the setting `app.district_id`. The setting is sent when the open scope
differs from what this session was last told, and forgotten after a rollback, since PostgreSQL takes it back then too.
"""

from typing import Any

from django.db.backends.postgresql import base

from shangquan.kernel import scope


class DatabaseWrapper(base.DatabaseWrapper):
    _told: str | None = None

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self._told = None

    def create_cursor(self, name: str | None = None) -> Any:
        opened = scope.current_or_none()
        wanted = "" if opened is None else str(opened.district_id)
        if wanted != self._told:
            self.connection.execute("select set_config('app.district_id', %s, false)", [wanted])
            self._told = wanted
        return super().create_cursor(name)

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._told = None

    def close(self) -> None:
        self._told = None
        super().close()
