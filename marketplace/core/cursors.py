"""The database driver's cursor, relieved of what nobody here asks."""

from typing import Any

import psycopg

NOT_TOLD = (None, None, None, None, None)


class Cursor(psycopg.Cursor[Any]):  # Any: what a row is, the statement says
    """A cursor that names its columns and their types, and not how wide or precise they are.

    SQLAlchemy asks for this after each statement. The driver makes an object for each column then,
    which looks its type up: a twentieth of what a purchase costs the web server.
    """

    @property
    def description(self) -> list[tuple[Any, ...]] | None:  # type: ignore[override]  # PEP 249's own
        """Return a tuple of seven for each column, or None where the answer has no rows."""
        result = self.pgresult
        if result is None or not result.nfields:
            return None
        encoding = self._encoding
        return [
            ((result.fname(place) or b"").decode(encoding), result.ftype(place), *NOT_TOLD)
            for place in range(result.nfields)
        ]
