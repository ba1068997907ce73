"""A company's own invoices: what they say of it, and those of an order."""

import uuid

from flask import Response, flash
from flask_login import current_user

from marketplace.companies.policies import may_edit_company
from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Forbidden, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.orders import queries as orders
from marketplace.orders.models import CompanyOrder, OrderState
from marketplace.papers import queries, service
from marketplace.papers.schemas import SellerInput
from marketplace.papers.views.order import invoice_file
from marketplace.papers.views.routes import Page, blueprint, private


@blueprint.get("/company/<slug>/invoicing")
@access("member")
def invoicing(slug: str) -> Page:
    """Show what the company's invoices say of it."""
    return _page(slug, Form())


@blueprint.post("/company/<slug>/invoicing")
@access("member")
def say_seller(slug: str) -> Page:
    """Change it for the next invoices."""
    membership = own_membership(slug)
    if not may_edit_company(membership):
        raise Forbidden(_l("An owner of the company changes what its invoices say."))
    form = load_form(SellerInput())
    if form.ok:
        with attempt(form):
            service.say_seller(
                company_id=membership.company_id,
                said=form.data,
                by=current_user,
                now=clock.now(),
            )
            flash(_("Saved. It stands on the next invoices."))
            return redirect_to("papers.invoicing", slug=slug)
    return _page(slug, form, 422)


def _page(slug: str, form: Form, status: int = 200) -> Page:
    membership = own_membership(slug)
    return render(
        "papers/invoicing.html",
        status,
        company=membership.company,
        seller=queries.find_seller(membership.company_id),
        form=form,
        may_edit=may_edit_company(membership),
    )


@blueprint.get("/company/<slug>/orders/<number>/papers")
@access("member")
def company_papers(slug: str, number: str) -> Response:
    """Show the invoice and credit notes of an order; what is missing is written now."""
    part = _own(own_membership(slug).company_id, number)
    with atomic():
        service.write_papers(company_order_id=part.id, now=clock.now())
    company = own_membership(slug).company
    part = _own(company.id, number)
    invoices = queries.list_invoices([part.id])
    return private(
        render("papers/company_order.html", company=company, part=part, invoices=invoices)
    )


@blueprint.get("/company/<slug>/orders/<number>/papers/<uuid:invoice_id>.pdf")
@access("member")
def company_invoice(slug: str, number: str, invoice_id: uuid.UUID) -> Response:
    """Serve one of them."""
    part = _own(own_membership(slug).company_id, number)
    return invoice_file(queries.get_invoice(invoice_id, [part.id]))


def _own(company_id: uuid.UUID, number: str) -> CompanyOrder:
    """Return one of the company's own orders that was paid.

    :raises NotFound: there is none; another company's is none either.
    """
    found = orders.find_company_order(company_id, number)
    if found is None or found.order.state is not OrderState.PAID:
        raise NotFound
    return found
