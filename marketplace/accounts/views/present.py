"""Who is there: flask-login on session rows. One statement for people, none for visitors."""

from datetime import datetime

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, current_user

from marketplace.accounts import queries, service
from marketplace.accounts.models import User
from marketplace.accounts.rules import SEEN_EVERY, SESSION_IDLE
from marketplace.core import clock, db

TOKEN_KEY = "_user_id"  # noqa: S105  # the key under which flask-login looks


def init_app(app: Flask) -> None:
    """Let `current_user` be the person whose session token the browser's cookie holds."""
    app.config["PERMANENT_SESSION_LIFETIME"] = SESSION_IDLE
    if app.config["SETTINGS"].environment == "test":
        service.make_cheap()
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    manager = LoginManager(app)
    manager.session_protection = None  # it signs people out when a phone changes networks
    manager.user_loader(load)
    app.jinja_env.globals["current_user"] = current_user  # for macros, which know no page


def load(token: str) -> User | None:
    """Return the person of a session, and note at times that the session is in use."""
    now = clock.now()
    found = queries.find_session(token, now)
    if found is None or not found.user.is_active:
        session.pop(TOKEN_KEY, None)
        return None
    g.user_session = found
    g.second_factor_at = found.second_factor_at
    inside = db.session().info.get("atomic", False)
    if not inside and now - found.seen_at > SEEN_EVERY:
        with db.atomic():
            service.note_seen(session_id=found.id, now=now)
        session.modified = True  # a cookie that is kept lives another 30 days
    return found.user


def links() -> service.Links:
    """Return what signs the links in letters."""
    return service.Links(str(current_app.secret_key))


def begin(user: User, *, stays: bool, second_factor_at: datetime | None = None) -> None:
    """Sign somebody in with this browser; whoever was signed in with it before is signed out.

    It belongs into the transaction of what lets them in.
    """
    now = clock.now()
    before = g.user_session if current_user.is_authenticated else None
    if before is not None:
        service.revoke_session(user=before.user, session_id=before.id, now=now)
    token = service.begin_session(
        user=user,
        user_agent=request.user_agent.string,
        now=now,
        second_factor_at=second_factor_at,
    )
    _remember(token, stays=stays)


def rotate(token: str) -> None:
    """Put the new token of the same session into the browser."""
    _remember(token, stays=session.permanent)


def forget() -> None:
    """Leave nothing in the browser."""
    session.clear()
    g.pop("user_session", None)


def _remember(token: str, *, stays: bool) -> None:
    """Put a session's token into the browser, and forget the form token that was there before."""
    session.pop("csrf_token", None)
    session[TOKEN_KEY] = token
    session.permanent = stays
