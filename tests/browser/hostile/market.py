"""The demo market in a transaction that is undone: everybody in it, and everything they can write.

It is read and written in this process, over a database of its own; what happens here nobody else
sees.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.demo.world import PASSWORD
from tests import factories
from tests.browser.addresses import PROJECT
from tests.browser.hostile.fields import name_of
from tests.browser.hostile.forms import Control, PageForm, Reader, changed
from tests.browser.hostile.payloads import ADDRESS, Pen

PHOTO = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGPkjIpiYGBgYm"
    "BgYGBgAAAItQDBUgtXhgAAAABJRU5ErkJggg=="
)
DESTROYS = re.compile(
    r"/(sign-out|erase|block|unblock|remove|leave|withdraw|end|discard|take-back|archive|refund"
    r"|take-down|refuse|drop|revoke|revoke-others|take-away-second-factor|forget-proofs|password|suspend"
    r"|reject|close|theme|second-factor|unfollow)$|^/sign-in"
)
"""Forms whose success would take the rest away; `steps` sends those that carry words."""
CORRECTS = re.compile(r"/spending/[\w-]+$|/correct$")
"""What is sent here becomes a row of its own; the page goes on showing what was corrected."""
MARKED_UP = re.compile(r"/company/[\w-]+/products/")
"""The description of a product is HTML, and comes back as it was cleaned."""

SOON = (clock.now() + timedelta(days=20)).date().isoformat()
SANE = {"date": SOON, "number": "1", "email": "somebody@example.org"}
GUESSES = ("12.00", "2026-11-01", "IT", ADDRESS, SOON, "EUR", PROJECT, "1")
"""What a field may want that refuses words, the likeliest first."""
NOT_IMPLEMENTED = 501  # what oEmbed wants said of formats that it does not know
LESS = 60
"""So many characters go into a field that refused more."""


class Market:
    """The people of the demo market at their browsers."""

    def __init__(self, app: Flask, db: Session) -> None:
        self.app, self.db = app, db
        self.clients: dict[str, FlaskClient] = {}
        self.broken: list[str] = []
        self.covered: set[str] = set()
        self.done: set[tuple[str, frozenset[str]]] = set()
        self.stuck: list[str] = []
        self.compared = 0
        self.lost: list[str] = []
        self.logged: list[str] = []
        self._sent: dict[str, Any] = {}  # Any: texts, or files
        self._heard: list[str] = []

    def client_of(self, email: str) -> FlaskClient:
        """Return somebody's browser; "" is a guest."""
        if email not in self.clients:
            client = self.clients[email] = self.app.test_client()
            if email:
                user = self.db.scalars(sa.select(User).where(User.email == email)).one()
                factories.sign_in(client, user)
        return self.clients[email]

    def open(self, who: str, path: str, **how: Any) -> TestResponse:  # Any: Werkzeug's
        """Ask as somebody; an accident is noted, limits of how often are forgotten before."""
        self.db.execute(sa.text("delete from rate_window"))
        path = re.sub(r"^https?://localhost(?=/|$)", "", path) or "/"
        answer = self.client_of(who).open(path, **{"method": "GET", "buffered": True, **how})
        if answer.status_code >= 500 and answer.status_code != NOT_IMPLEMENTED:
            sent = {name: str(value)[:200] for name, value in (how.get("data") or {}).items()}
            self.broken.append(f"{how.get('method', 'GET')} {path} {sent}: {answer.status_code}")
        return answer

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Undo what is done meanwhile: each try begins where the first one did."""
        self.db.commit()
        connection = self.db.get_bind()
        assert isinstance(connection, sa.Connection)
        before = connection.begin_nested()
        try:
            yield
        finally:
            self.db.rollback()
            before.rollback()
            self.db.expunge_all()

    def post(self, who: str, path: str, **how: Any) -> TestResponse:  # Any: Werkzeug's
        """Send as somebody."""
        return self.open(who, path, method="POST", **how)

    def fill_page(
        self, pen: Pen, who: str, path: str, only: str = "", **said: str
    ) -> list[TestResponse]:
        """Fill in and send each form of a page that has fields for words, each kind once.

        `only` is a pattern for the address of the one that is wanted; `said` are fields with what
        goes into them, or the button.
        """
        page = self.open(who, path)
        answers = []
        for form in Reader(page.text).forms if page.mimetype == "text/html" else []:
            action = form.action or path
            if not (re.search(only, action) if only else not DESTROYS.search(action.split("?")[0])):
                continue
            kind = (action.split("?")[0], frozenset(control.name for control in form.texts))
            if only or (form.texts and kind not in self.done):
                self.done.add(kind)
                answers.append(self.fill(pen, who, action, form, said))
                self._look_again(pen, who, path, action, form)
        return answers

    def _look_again(self, pen: Pen, who: str, path: str, action: str, form: PageForm) -> None:
        """Note what a form that was taken does not show as it was written."""
        if not self._sent:
            return
        page = self.open(who, path)
        shown = Reader(page.text).like(form) if page.mimetype == "text/html" else None
        if shown and page.status_code == 200 and not CORRECTS.search(action):
            self.compared += 1
            self.lost += [
                f"{action}: {one}"
                for one in changed(self._sent, shown, pen.wrote)
                if not (MARKED_UP.search(action) and one.startswith("description "))
            ]

    def fill(
        self, pen: Pen, who: str, action: str, form: PageForm, said: dict[str, str]
    ) -> TestResponse:
        """Send a form full of hostile words; what refuses them gets sane ones instead."""
        tries: dict[str, int] = {}
        answer, data = None, {}
        self._sent = {}
        for _ in range(len(GUESSES) + 2):
            self._heard.clear()
            data = filled(form, pen, tries)
            data |= {name: [value] * form.count(name) for name, value in said.items()}
            answer = self.post(who, action, data=data)
            if answer.status_code != 422:
                break
            page = Reader(answer.text)
            wrong = page.wrong
            if shown := page.like(form):
                self.lost += [f"{action}, refused: {one}" for one in changed(data, shown)]
            wrong |= {re.sub(r"[-_.]?\d+$", "", name) for name in wrong}
            tries |= {name: tries.get(name, 0) + 1 for name in wrong}
        assert answer is not None
        if answer.status_code < 400:
            self.covered.update(self._heard)
            self._sent = data
        else:
            self.stuck.append(f"{action}: {answer.status_code} {tries}")
        return answer

    def rule_of(self, path: str) -> str:
        """Return the route that an address belongs to, "" where there is none."""
        where = self.app.url_map.bind("localhost")
        plain = re.sub(r"^https?://[^/]+", "", path).split("?")[0].split("#")[0] or "/"
        for method in ("GET", "POST"):
            try:
                return str(where.match(plain, method=method, return_rule=True)[0].rule)
            except Exception:  # whatever the router says: it is not there
                continue
        return ""

    @contextmanager
    def listening(self, pen: Pen) -> Iterator[None]:
        """Hear which fields of which schema let a hostile text in."""
        load: Callable[..., Any] = Schema.load  # Any: marshmallow's own

        def heard(schema: Schema, data: Any, **more: Any) -> Any:  # Any: marshmallow's own
            loaded = load(schema, data, **more)
            for name in schema.fields:
                given = data.get(name) if hasattr(data, "get") else None
                texts = given if isinstance(given, list) else [given]
                if any(isinstance(one, str) and pen.wrote(one) for one in texts):
                    self._heard.append(f"{name_of(type(schema))}.{name}")
            return loaded

        Schema.load = heard  # type: ignore[method-assign]  # only while we listen
        try:
            yield
        finally:
            Schema.load = load  # type: ignore[method-assign]  # as it was

    def heard(self) -> None:
        """Count what was let in by what was sent last, other than by `fill`."""
        self.covered.update(self._heard)
        self._heard.clear()


def filled(form: PageForm, pen: Pen, tries: dict[str, int]) -> dict[str, Any]:  # Any: or a file
    """Return a form full of a pen's words; what was tried before gets something likelier."""
    data: dict[str, Any] = {}  # Any: text, or a file
    for control in form.controls:
        if control.kind == "file" and control.name in tries:
            data[control.name] = [(BytesIO(PHOTO), "photo.png")]
        if not control.name or control.kind in ("submit", "file", "image"):
            continue
        data.setdefault(control.name, []).extend(_values(control, pen, tries.get(control.name, 0)))
    saves = [one for one in form.buttons if one[1] == "save"] or form.buttons[:1]
    data |= {name: [value] for name, value in saves if name}
    return {name: values for name, values in data.items() if values}


def _values(control: Control, pen: Pen, tries: int) -> list[str]:
    """Return what goes into a field: hostile words, fewer of them, then what it may want."""
    had = control.values[0] if control.values else ""
    if control.is_text and tries < 2:
        most = min(control.most, LESS) if tries else control.most
        return [pen.write(most, "\n\n" if control.kind == "textarea" else " ")]
    if control.kind in ("radio", "checkbox"):
        return [control.attributes.get("value", "on")] if tries else control.values
    if control.kind == "password":
        return [PASSWORD]
    if control.kind == "select":
        return [had or next((one for one in control.options if one), "")]
    if control.is_text and not (had and tries == 2):
        return [GUESSES[min(tries - 2, len(GUESSES) - 1)]]
    if tries and not control.is_text and control.kind != "hidden":
        return [GUESSES[min(tries - 1, len(GUESSES) - 1)]]
    if control.kind == "email":
        return [had or SANE["email"]]
    return [had or (SANE.get(control.kind, "1") if control.is_needed else "")]
