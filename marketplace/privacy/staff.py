"""The operator forgets somebody who asked for it by letter."""

import uuid

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.accounts.policies import may_block
from marketplace.accounts.schemas import ReasonInput
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Forbidden
from marketplace.core.i18n import _
from marketplace.core.web import access, load_form, redirect_to
from marketplace.privacy import service

blueprint = Blueprint("privacy_staff", __name__)


@blueprint.post("/staff/people/<uuid:user_id>/erase")
@access("staff")
def erase(user_id: uuid.UUID) -> Response:
    """Forget a person, with the reason; nothing brings the account back."""
    form = load_form(ReasonInput())
    if not form.ok:
        flash(_("Say why first: how the person asked, and how you know that it was them."))
        return redirect_to("accounts_staff.person", user_id=user_id)
    with atomic():
        if not may_block(current_user, accounts.get_user(user_id)):
            raise Forbidden
        service.erase(
            user_id=user_id, actor=current_user, reason=form.data["reason"], now=clock.now()
        )
    flash(_("The person is forgotten."))
    return redirect_to("accounts_staff.person", user_id=user_id)
