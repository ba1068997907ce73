"""The desk of those who spend: receipts, corrections, what still waits for its receipt."""

import uuid
from datetime import date
from io import BytesIO

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.days import read_day
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _
from marketplace.core.money import NotAnAmount, parse_minor, to_decimal_text
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.media import service as media
from marketplace.media.models import Document, Photo
from marketplace.projects import queries as projects
from marketplace.projects import service as projects_service
from marketplace.projects.models import Project, Spending
from marketplace.projects.service import Foreign, Spent
from marketplace.projects.views.desk import own
from marketplace.spending import queries, service
from marketplace.spending.rules import is_currency, parse_rate
from marketplace.spending.schemas import SpendingInput

blueprint = Blueprint("spending_desk", __name__)

Page = tuple[str, int] | Response
Receipt = Photo | Document


@blueprint.get("/project-desk/<slug>/spending")
@access("member")
def spendings(slug: str) -> Page:
    """List receipts, and what waits for one."""
    return list_page(own(slug), Form(), 200)


def list_page(project: Project, form: Form, status: int) -> tuple[str, int]:
    """Render the list; the form is the one of a receipt that comes later."""
    page = queries.list_spendings(project.id)
    return render(
        "spending/desk/spendings.html",
        status,
        project=project,
        page=page,
        corrections=queries.list_corrections([row.id for row in page.rows]),
        drafts=queries.list_drafts(project.id),
        form=form,
    )


@blueprint.route("/project-desk/<slug>/spending/new", methods=["GET", "POST"])
@access("member")
def new(slug: str) -> Page:
    """Show what was spent, with its receipt."""
    project = own(slug)
    if request.method == "GET":
        return _form_page(project, None, Form(), 200)
    return _record(project, None)


@blueprint.route("/project-desk/<slug>/spending/<uuid:spending_id>", methods=["GET", "POST"])
@access("member")
def correct(slug: str, spending_id: uuid.UUID) -> Page:
    """Say what is true instead of what was recorded; both stay visible."""
    project = own(slug)
    known = queries.get_spending(project.id, spending_id)
    if request.method == "GET":
        return _form_page(project, known, Form(), 200)
    return _record(project, known)


def _form_page(
    project: Project, known: Spending | None, form: Form, status: int
) -> tuple[str, int]:
    currency = (known.local_currency if known else None) or project.currency
    minor = 0
    if known is not None:
        minor = known.amount_minor if known.local_minor is None else known.local_minor
    return render(
        "spending/desk/spending.html",
        status,
        project=project,
        spending=known,
        amount=to_decimal_text(minor, currency) if known else "",
        currency=currency,
        budget=projects.list_budget(project.id),
        today=clock.now().date(),
        form=form,
    )


def _record(project: Project, known: Spending | None) -> Page:
    form = load_form(SpendingInput())
    if form.ok:
        try:
            with atomic():
                project = own(project.slug)
                corrected = queries.get_spending(project.id, known.id) if known else None
                projects_service.spend(
                    project=project,
                    by=current_user,
                    spent=_spent(project, corrected, form),
                    update_id=corrected.update_id if corrected else None,
                    corrects=corrected,
                    now=clock.now(),
                )
        except Invalid as error:
            form.refuse(error.fields or {"receipt": error.message})
        except Conflict as error:
            form.refuse({"amount": error.message})
        else:
            flash(_("Recorded. Everybody sees it now."))
            return redirect_to("spending_desk.spendings", slug=project.slug)
    return _form_page(own(project.slug), known, form, 422)


def _spent(project: Project, corrected: Spending | None, form: Form) -> Spent:
    """Read the form of a receipt.

    :raises Invalid: what is wrong, field by field.
    """
    said = form.data
    wrong: dict[str, object] = {}
    currency = said["currency"].upper() or project.currency
    if not is_currency(currency):
        raise Invalid(fields={"currency": _("There is no such currency.")})
    amount = _amount(said["amount"], currency)
    if amount is None or (amount == 0 and corrected is None):
        wrong["amount"] = _("Write an amount like 686.00.")
    rate = parse_rate(said["rate"]) if currency != project.currency else None
    rate_on = read_day(said["rate_on"]) if said["rate_on"] else said["spent_on"]
    if currency != project.currency and rate is None:
        wrong["rate"] = _("Another currency needs a rate, like 150.00.")
    if rate is not None and not said["rate_source"]:
        wrong["rate_source"] = _("Say where the rate is from.")
    if rate_on is None:
        wrong["rate_on"] = _("Write the day like 2026-03-12.")
    if corrected is not None and not said["note"]:
        wrong["note"] = _("Say why it is corrected.")
    line = _line(said["budget_line"])
    if wrong or amount is None or rate_on is None:
        raise Invalid(fields=wrong)
    foreign = Foreign(amount, currency, rate, rate_on, said["rate_source"]) if rate else None
    return Spent(
        *(amount, said["spent_on"], said["payee"], said["purpose"]),
        receipt=_receipt(corrected, said["spent_on"]),
        budget_line_id=line,
        foreign=foreign,
        note=said["note"],
    )


def _amount(text: str, currency: str) -> int | None:
    try:
        amount = parse_minor(text, currency)
    except NotAnAmount:
        return None
    return amount if amount >= 0 else None


def _line(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise Invalid(fields={"budget_line": _("Choose a line of the budget.")}) from None


def _receipt(corrected: Spending | None, day: date) -> Receipt:
    """Return the receipt that came along, or for a correction the one that was there.

    :raises Invalid: there is none, or it is neither picture nor PDF.
    """
    file = request.files.get("receipt")
    if file is not None and file.filename:
        return store_receipt(file.read(), day)
    kept = (corrected.receipt or corrected.document) if corrected is not None else None
    if kept is None:
        raise Invalid(
            fields={"receipt": _("Add the receipt: without one it is not counted as spent.")}
        )
    return kept


def store_receipt(data: bytes, day: date) -> Receipt:
    """Check a receipt and keep it."""
    return media.store_evidence(
        upload=BytesIO(data),
        alt=_("Receipt of %(day)s", day=day.isoformat()),
        user_id=current_user.id,
        now=clock.now(),
    )


@blueprint.post("/project-desk/<slug>/spending/waiting/<uuid:draft_id>")
@access("member")
def show_receipt(slug: str, draft_id: uuid.UUID) -> Page:
    """Add the receipt to a row of a table, or wait for it no more."""
    form = Form()
    try:
        with atomic():
            project = own(slug)
            draft = queries.lock_draft(project.id, draft_id)
            if request.form.get("how") == "dismiss":
                service.dismiss(draft=draft, now=clock.now())
            else:
                receipt = _receipt(None, draft.spent_on)
                service.show_receipt(
                    project=project, by=current_user, draft=draft, receipt=receipt, now=clock.now()
                )
    except Invalid as error:
        form.refuse(error.fields or {"receipt": error.message})
        return list_page(own(slug), form, 422)
    return redirect_to("spending_desk.spendings", slug=slug)
