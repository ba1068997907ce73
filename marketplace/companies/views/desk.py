"""A company's desk: what is to do, what money there is, and what the company promises."""

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.companies import policies, queries, service
from marketplace.companies.schemas import PromiseInput
from marketplace.companies.views.own import own_membership
from marketplace.companies.views.today import to_do
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Forbidden, Invalid
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.ledger import queries as ledger

blueprint = Blueprint("company_desk", __name__)

Page = tuple[str, int] | Response


@blueprint.get("/company")
@access("member")
def companies() -> Page:
    """List the companies that the person works for; who works for one goes straight to it."""
    memberships = queries.list_memberships(current_user.id)
    if len(memberships) == 1:
        return redirect_to("company_desk.desk", slug=memberships[0].company.slug)
    return render("companies/desk/companies.html", memberships=memberships)


@blueprint.get("/company/<slug>")
@access("member")
def desk(slug: str) -> Page:
    """Show what money there is and what is to do, the parcels oldest first."""
    company = own_membership(slug).company
    balances = {
        balance.purpose: balance.balance_minor for balance in ledger.list_balances_of([company.id])
    }
    return render(
        "companies/desk/today.html", company=company, balances=balances, todo=to_do(company)
    )


@blueprint.route("/company/<slug>/profile", methods=["GET", "POST"])
@access("member")
def profile(slug: str) -> Page:
    """Show and change the promise and the delivery; orders that were placed keep theirs."""
    membership = own_membership(slug)
    form = load_form(PromiseInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        if not policies.may_edit_company(membership):
            raise Forbidden(_l("An owner of the company changes its promise."))
        try:
            with atomic():
                service.promise(
                    company_id=membership.company_id,
                    said=form.data,
                    by=current_user,
                    now=clock.now(),
                )
        except Invalid as error:
            form.refuse(error.fields)
        else:
            flash(_("Saved. It holds for new orders."))
            return redirect_to("company_desk.profile", slug=slug)
    return render(
        "companies/desk/profile.html",
        422 if form.errors else 200,
        company=own_membership(slug).company,
        form=form,
        may_edit=policies.may_edit_company(membership),
    )
