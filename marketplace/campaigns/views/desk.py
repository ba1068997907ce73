"""A company's own pools: open one, pay it in, watch it, end it early."""

from flask import flash
from flask_login import current_user

from marketplace.campaigns import queries, service
from marketplace.campaigns.models import Pool
from marketplace.campaigns.policies import may_fund_pools
from marketplace.campaigns.rules import PoolState
from marketplace.campaigns.schemas import DraftInput, EndInput, FundInput
from marketplace.campaigns.views.forms import amount_of, terms_of
from marketplace.campaigns.views.routes import Page, blueprint
from marketplace.companies.models import CompanyMember
from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Forbidden
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.core.web.languages import current_language
from marketplace.ledger import queries as ledger
from marketplace.ledger.rules import AccountKey, Purpose
from marketplace.projects import queries as projects


@blueprint.get("/company/<slug>/pools")
@access("member")
def own_pools(slug: str) -> Page:
    """List the company's pools."""
    membership = own_membership(slug)
    return render(
        "campaigns/desk/pools.html",
        company=membership.company,
        pools=queries.list_of_company(membership.company_id),
        may_fund=may_fund_pools(membership),
        now=clock.now(),
    )


@blueprint.get("/company/<slug>/pools/new")
@access("member")
def new_pool(slug: str) -> Page:
    """Show the form of a new pool."""
    return _form(_owner(slug), Form())


@blueprint.post("/company/<slug>/pools/new")
@access("member")
def draft_pool(slug: str) -> Page:
    """Open a pool without money."""
    membership = _owner(slug)
    form = load_form(DraftInput())
    terms = terms_of(form, membership.company.currency) if form.ok else None
    if form.ok and terms is not None:
        with attempt(form, whole="title"):
            made = service.draft(
                company=membership.company, terms=terms, by=current_user, now=clock.now()
            )
            flash(_("The pool is drafted. Nobody sees it before you have paid it in."))
            return redirect_to("pools.own_pool", slug=slug, pool_slug=made.slug)
    return _form(_owner(slug), form, 422)


def _form(membership: CompanyMember, form: Form, status: int = 200) -> Page:
    return render(
        "campaigns/desk/new.html",
        status,
        company=membership.company,
        causes=[(one.slug, one.name_in(current_language())) for one in projects.list_causes()],
        today=clock.now().date(),
        form=form,
    )


def _owner(slug: str) -> CompanyMember:
    """Return the membership of an owner of a verified company.

    :raises Forbidden: others do not deal with pools.
    """
    membership = own_membership(slug)
    if not may_fund_pools(membership):
        raise Forbidden(_l("An owner of a verified company opens, funds and ends its pools."))
    return membership


@blueprint.get("/company/<slug>/pools/<pool_slug>")
@access("member")
def own_pool(slug: str, pool_slug: str) -> Page:
    """Show a pool as it is used now."""
    membership = own_membership(slug)
    return _page(membership, queries.get_of_company(membership.company_id, pool_slug), Form())


def _page(membership: CompanyMember, pool: Pool, form: Form, status: int = 200) -> Page:
    available = AccountKey(Purpose.COMPANY_AVAILABLE, membership.company_id)
    return render(
        "campaigns/desk/pool.html",
        status,
        company=membership.company,
        pool=pool,
        stage=pool.stage(clock.now()),
        available_minor=ledger.find_balance(available, pool.currency),
        given=queries.by_project(pool.id),
        orders=queries.count_orders(pool.id),
        may_fund=may_fund_pools(membership),
        form=form,
    )


@blueprint.post("/company/<slug>/pools/<pool_slug>/fund")
@access("member")
def fund_pool(slug: str, pool_slug: str) -> Page:
    """Pay money into a pool out of what is available to the company."""
    membership = _owner(slug)
    pool = queries.get_of_company(membership.company_id, pool_slug)
    form = load_form(FundInput())
    minor = amount_of(form, "amount", pool.currency) if form.ok else 0
    if form.ok:
        try:
            with attempt(form, whole="amount"):
                service.fund(
                    pool_id=pool.id,
                    amount_minor=minor,
                    seen_budget_minor=form.data["seen_budget_minor"],
                    by=current_user,
                    now=clock.now(),
                )
                flash(_("Paid in."))
                return redirect_to("pools.own_pool", slug=slug, pool_slug=pool_slug)
        except Conflict as fact:
            form.refuse({"amount": fact.message})
    return _again(slug, pool_slug, form)


@blueprint.post("/company/<slug>/pools/<pool_slug>/end")
@access("member")
def end_pool(slug: str, pool_slug: str) -> Page:
    """End a pool before its time, or forget a draft."""
    membership = _owner(slug)
    pool = queries.get_of_company(membership.company_id, pool_slug)
    form = load_form(EndInput())
    if form.ok and pool.state is PoolState.DRAFT:
        with atomic():
            service.discard(pool_id=pool.id, by=current_user, now=clock.now())
        flash(_("The draft is gone."))
        return redirect_to("pools.own_pools", slug=slug)
    if form.ok:
        try:
            with attempt(form, whole="reason"):
                service.end(
                    pool_id=pool.id,
                    reason=form.data["reason"],
                    by=current_user,
                    now=clock.now(),
                )
                flash(_("The pool has ended. What orders had reserved is still theirs."))
                return redirect_to("pools.own_pool", slug=slug, pool_slug=pool_slug)
        except Conflict as fact:
            form.refuse({"reason": fact.message})
    return _again(slug, pool_slug, form)


def _again(slug: str, pool_slug: str, form: Form) -> Page:
    membership = own_membership(slug)
    pool = queries.get_of_company(membership.company_id, pool_slug)
    return _page(membership, pool, form, 422)
