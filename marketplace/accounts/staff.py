"""The operator's desk for people: find one, block, free from a lost second factor."""

import uuid

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries, service
from marketplace.accounts.policies import may_block
from marketplace.accounts.schemas import ReasonInput
from marketplace.core import clock, jobs
from marketplace.core.db import atomic
from marketplace.core.errors import Forbidden
from marketplace.core.i18n import _
from marketplace.core.web import access, load_form, redirect_to, render
from marketplace.core.web.forms import Form

blueprint = Blueprint("accounts_staff", __name__)

Page = Response | tuple[str, int]


@blueprint.get("/staff/people")
@access("staff")
def find_person() -> Page:
    """Ask for an address, and go to who has it."""
    email = request.args.get("email", "").strip()
    found = queries.find_user(email) if email else None
    if found is not None:
        return redirect_to("accounts_staff.person", user_id=found.id)
    return render("accounts/find_person.html", email=email)


@blueprint.get("/staff/people/<uuid:user_id>")
@access("staff")
def person(user_id: uuid.UUID) -> Page:
    """Show one person and what was done about them."""
    return _person(user_id, 200, Form())


def _person(user_id: uuid.UUID, status: int, form: Form) -> Page:
    person = queries.get_user(user_id)
    return render(
        "accounts/person.html",
        status,
        form=form,
        person=person,
        may_block=may_block(current_user, person),
        entries=queries.list_audit("user", user_id),
    )


@blueprint.post("/staff/people/<uuid:user_id>/block")
@access("staff")
def block(user_id: uuid.UUID) -> Page:
    """Close an account, with a reason."""
    form = load_form(ReasonInput())
    if not form.ok:
        return _person(user_id, 422, form)
    with atomic():
        if not may_block(current_user, queries.get_user(user_id)):
            raise Forbidden
        service.block(
            user_id=user_id, actor=current_user, reason=form.data["reason"], now=clock.now()
        )
    flash(_("The account is blocked."))
    return redirect_to("accounts_staff.person", user_id=user_id)


@blueprint.post("/staff/people/<uuid:user_id>/unblock")
@access("staff")
def unblock(user_id: uuid.UUID) -> Page:
    """Open a blocked account again, with a reason."""
    form = load_form(ReasonInput())
    if not form.ok:
        return _person(user_id, 422, form)
    with atomic():
        service.unblock(
            user_id=user_id, actor=current_user, reason=form.data["reason"], now=clock.now()
        )
    flash(_("The account is open again."))
    return redirect_to("accounts_staff.person", user_id=user_id)


@blueprint.post("/staff/people/<uuid:user_id>/forget-proofs")
@access("staff")
def forget_proofs(user_id: uuid.UUID) -> Page:
    """Make somebody's entries in the public log anonymous for good, with a reason."""
    form = load_form(ReasonInput())
    if not form.ok:
        return _person(user_id, 422, form)
    with atomic():
        person = queries.get_user(user_id)
        service.record(
            actor=current_user,
            action="proofs.forget",
            subject_kind="user",
            subject_id=person.id,
            reason=form.data["reason"],
            now=clock.now(),
        )
        jobs.enqueue("forget_proofs", user_id=str(person.id))
    flash(_("Nobody can tell any more which entries of the public log are of this person."))
    return redirect_to("accounts_staff.person", user_id=user_id)


@blueprint.post("/staff/people/<uuid:user_id>/take-away-second-factor")
@access("staff")
def take_away_second_factor(user_id: uuid.UUID) -> Page:
    """Free somebody from a second factor that was lost, with a reason: how they proved it."""
    form = load_form(ReasonInput())
    if not form.ok:
        return _person(user_id, 422, form)
    with atomic():
        if not may_block(current_user, queries.get_user(user_id)):
            raise Forbidden
        service.take_away(
            user_id=user_id, actor=current_user, reason=form.data["reason"], now=clock.now()
        )
    flash(_("The second factor is gone; the person was told."))
    return redirect_to("accounts_staff.person", user_id=user_id)
