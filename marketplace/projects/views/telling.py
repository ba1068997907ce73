"""Letters about projects: how to hear no more of one, without signing in."""

import uuid

from flask import Blueprint, current_app
from itsdangerous import BadSignature, URLSafeSerializer

from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.web import access, render
from marketplace.projects import service

blueprint = Blueprint("telling", __name__)


def signer() -> URLSafeSerializer:
    """Return what signs the link in a letter's foot; it does not expire, as the letter does not."""
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="unfollow")


@blueprint.get("/unfollow/<token>")
@access("public")
def ask(token: str) -> tuple[str, int]:
    """Ask before anything changes: links in letters are opened by machines, too."""
    _read(token)
    return render("projects/unfollow.html", token=token, done=False, robots="noindex")


@blueprint.post("/unfollow/<token>")
@access("public")
def stop(token: str) -> tuple[str, int]:
    """Stop the letters of a project."""
    user_id, project_id = _read(token)
    with atomic():
        service.unfollow(project_id=project_id, user_id=user_id)
    return render("projects/unfollow.html", token=token, done=True, robots="noindex")


def _read(token: str) -> tuple[uuid.UUID, uuid.UUID]:
    try:
        user_id, project_id = signer().loads(token)
        return uuid.UUID(user_id), uuid.UUID(project_id)
    except (BadSignature, ValueError):
        raise NotFound from None
