"""A test client that behaves as a browser without JavaScript does."""

from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from marketplace.core import db
from marketplace.core.web.tokens import covered

SENDS = {"POST", "PUT", "PATCH", "DELETE"}
NOT_A_FORM = {"json", "content_type", "input_stream"}


class Browser(FlaskClient):
    """Sends the form token as our pages do, unless `token=False`.

    Each request runs in a context of its own, as on a server: without the app context that the
    test itself may stand in, whose `g` would remember who was signed in. What the test did is
    committed first (with the `db` fixture: in its savepoint), so that a request that fails undoes
    only its own work. The test's rows are let go: read anew what may have changed.
    """

    def open(
        self, *args: Any, token: bool = True, **kwargs: Any
    ) -> TestResponse:  # Any: Werkzeug's
        data = kwargs.get("data")
        is_form = not NOT_A_FORM & kwargs.keys() and (data is None or isinstance(data, dict))
        if token and is_form and kwargs.get("method") in SENDS:
            kwargs["data"] = {"csrf_token": self.form_token(), **(data or {})}
        if db.session.is_active:
            db.session.commit()
            db.session.expunge_all()
        return Context().run(super().open, *args, **kwargs)

    def form_token(self) -> str:
        """Return what a page of this browser would have in its forms."""
        with self.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", "0" * 40)
        key = str(self.application.secret_key)
        return covered(str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw)))
