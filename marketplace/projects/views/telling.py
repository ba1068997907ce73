"""Letters about projects: how to hear no more of one, without signing in."""

import uuid

from flask import Blueprint, current_app

from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.web import access, render, tokenless
from marketplace.projects import service
from marketplace.projects.rules import read_unfollow_token

blueprint = Blueprint("telling", __name__)


@blueprint.get("/unfollow/<token>")
@access("public")
def ask(token: str) -> tuple[str, int]:
    """Ask before anything changes: links in letters are opened by machines, too."""
    _read(token)
    return render("projects/unfollow.html", token=token, done=False, robots="noindex")


@blueprint.post("/unfollow/<token>")
@access("public")
@tokenless
def stop(token: str) -> tuple[str, int]:
    """Stop the letters of a project, also for a mail program that asks by itself (RFC 8058).

    The address is signed: who has it has the letter, so neither a cookie nor a token is needed.
    """
    user_id, project_id = _read(token)
    with atomic():
        service.unfollow(project_id=project_id, user_id=user_id)
    return render("projects/unfollow.html", token=token, done=True, robots="noindex")


def _read(token: str) -> tuple[uuid.UUID, uuid.UUID]:
    meant = read_unfollow_token(current_app.config["SECRET_KEY"], token)
    if meant is None:
        raise NotFound
    return meant
