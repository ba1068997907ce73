"""Pools of a sponsor that is no company: say who you are, open one, pay it in, watch it, end it."""

import uuid
from datetime import datetime

import structlog
from flask import current_app, flash
from flask_login import current_user
from werkzeug.utils import redirect

from marketplace.accounts.views import limits
from marketplace.campaigns import queries, service
from marketplace.campaigns.models import Pool, Sponsor
from marketplace.campaigns.policies import may_open_pools
from marketplace.campaigns.rules import PoolState
from marketplace.campaigns.schemas import DraftInput, EndInput, PayInput, SponsorInput
from marketplace.campaigns.views.forms import amount_of, terms_of
from marketplace.campaigns.views.routes import Page, blueprint
from marketplace.checkout import jobs
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Forbidden, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.ids import new_token
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import path
from marketplace.orders import queries as orders
from marketplace.payments.gateway import Unreachable
from marketplace.payments.rules import Sending
from marketplace.projects import queries as projects

log = structlog.get_logger()


@blueprint.get("/account/pools")
@access("signed_in")
def sponsor_pools() -> Page:
    """List somebody's own pools, or ask under which name they want to fund some."""
    return _list(Form())


def _list(form: Form, status: int = 200) -> Page:
    sponsor = queries.find_sponsor(current_user.id)
    return render(
        "campaigns/sponsor/pools.html",
        status,
        sponsor=sponsor,
        pools=queries.list_of_sponsor(sponsor.id) if sponsor else [],
        may_open=may_open_pools(sponsor),
        now=clock.now(),
        form=form,
    )


@blueprint.post("/account/pools/sponsor")
@access("signed_in")
def introduce() -> Page:
    """Say under which name somebody wants to fund pools."""
    form, now = load_form(SponsorInput()), clock.now()
    if form.ok:
        limits.try_as_stranger("sponsor", 10, now=now)
        try:
            with attempt(form, whole="name"):
                service.introduce(
                    name=form.data["name"].strip(),
                    kind=form.data["kind"],
                    by=current_user,
                    now=now,
                )
                flash(_("Thank you. We look at it and write to you."))
                return redirect_to("pools.sponsor_pools")
        except Conflict as fact:
            form.refuse({"name": fact.message})
    return _list(form, 422)


@blueprint.get("/account/pools/new")
@access("signed_in")
def new_sponsor_pool() -> Page:
    """Show the form of a new pool."""
    _own()
    return _new(Form())


@blueprint.post("/account/pools/new")
@access("signed_in")
def draft_sponsor_pool() -> Page:
    """Open a pool without money."""
    sponsor, form, currency = _own(), load_form(DraftInput()), _currency()
    terms = terms_of(form, currency) if form.ok else None
    if form.ok and terms is not None:
        with attempt(form, whole="title"):
            made = service.draft(
                sponsor=sponsor, currency=currency, terms=terms, by=current_user, now=clock.now()
            )
            flash(_("The pool is drafted. Nobody sees it before you have paid it in."))
            return redirect_to("pools.sponsor_pool", pool_slug=made.slug)
    return _new(form, 422)


def _new(form: Form, status: int = 200) -> Page:
    return render(
        "campaigns/sponsor/new.html",
        status,
        currency=_currency(),
        causes=[(one.slug, one.name_in(current_language())) for one in projects.list_causes()],
        today=clock.now().date(),
        form=form,
    )


def _currency() -> str:
    return str(current_app.config["SETTINGS"].currency)


def _own() -> Sponsor:
    """Return as whom somebody funds pools.

    :raises Forbidden: nobody admitted them.
    """
    sponsor = queries.find_sponsor(current_user.id)
    if sponsor is None or not may_open_pools(sponsor):
        raise Forbidden(_l("We have not admitted this sponsor yet."))
    return sponsor


@blueprint.get("/account/pools/<pool_slug>")
@access("signed_in")
def sponsor_pool(pool_slug: str) -> Page:
    """Show a pool as it is used now, what was paid in and what goes back."""
    return _page(_pool(pool_slug), Form())


def _pool(pool_slug: str) -> Pool:
    sponsor = queries.find_sponsor(current_user.id)
    if sponsor is None:
        raise NotFound
    return queries.get_of_sponsor(sponsor.id, pool_slug)


def _page(pool: Pool, form: Form, status: int = 200) -> Page:
    return render(
        "campaigns/sponsor/pool.html",
        status,
        pool=pool,
        stage=pool.stage(clock.now()),
        given=queries.by_project(pool.id),
        orders=queries.count_orders(pool.id),
        payments=queries.list_payments(pool.id),
        refunds=queries.list_refunds(pool.id),
        disputes=orders.list_disputes_of_pool(pool.id),
        is_disputed=queries.is_disputed(pool.id),
        form_key=new_token(),
        form=form,
    )


@blueprint.post("/account/pools/<pool_slug>/fund")
@access("signed_in")
def pay_in(pool_slug: str) -> Page:
    """Lead to the provider's page on which the pool is paid in."""
    pool, form, now = _pool(pool_slug), load_form(PayInput()), clock.now()
    minor = amount_of(form, "amount", pool.currency) if form.ok else 0
    if not form.ok:
        return _page(_pool(pool_slug), form, 422)
    limits.try_as_stranger("pay-in", 20, now=now)
    asked = _ask_to_pay(pool, form, minor, now)
    if asked is None:
        return _page(_pool(pool_slug), form, 422)
    row_id, sending = asked
    if sending is not None:
        jobs.send(sending)
    with atomic():
        found = queries.lock_payment(row_id)
        url = found.payment_url if found else None
    if url:
        return redirect(url, 303)
    flash(_("The payment provider does not answer now. Please try again in a few minutes."))
    return redirect_to("pools.sponsor_pool", pool_slug=pool_slug)


def _ask_to_pay(
    pool: Pool, form: Form, minor: int, now: datetime
) -> tuple[uuid.UUID, Sending | None] | None:
    """Put down that somebody wants to pay in; None where that is refused, as the form says then."""
    back = public_url(path(f"/account/pools/{pool.slug}/paid/"))
    try:
        with attempt(form, whole="amount"):
            row, sending = service.pay_in(
                pool_id=pool.id,
                amount_minor=minor,
                form_key=f"{current_user.id}:{form.data['form_key']}",
                by=current_user.id,
                email=current_user.email,
                locale=current_language(),
                return_url=f"{back}{{payment}}",
                now=now,
            )
            return row.id, sending
    except Conflict as fact:
        form.refuse({"amount": fact.message})
    return None


@blueprint.get("/account/pools/<pool_slug>/paid/<uuid:payment_id>")
@access("signed_in")
def came_from_paying(pool_slug: str, payment_id: uuid.UUID) -> Page:
    """Settle what was paid, or say that nothing was: the provider itself is asked."""
    pool = _pool(pool_slug)
    wanted = [one for one in queries.list_payments(pool.id) if one.id == payment_id]
    session_id = wanted[0].checkout_session_id if wanted else None
    session.rollback()
    status = ""
    if session_id:
        try:
            status = jobs.settle_session(session_id)
        except Unreachable as error:
            log.warning("provider_unreachable", at="pool", error=str(error))
    if status == "complete":
        flash(_("Thank you. What you paid is in the pool."))
    elif status == "open":
        flash(_("Nothing was paid. You can try again whenever you want."))
    return redirect_to("pools.sponsor_pool", pool_slug=pool_slug)


@blueprint.post("/account/pools/<pool_slug>/end")
@access("signed_in")
def end_sponsor_pool(pool_slug: str) -> Page:
    """End a pool before its time, or forget a draft."""
    pool, form, now = _pool(pool_slug), load_form(EndInput()), clock.now()
    if not form.ok:
        return _page(_pool(pool_slug), form, 422)
    try:
        with attempt(form, whole="reason"):
            if pool.state is PoolState.DRAFT:
                service.discard(pool_id=pool.id, by=current_user, now=now)
                flash(_("The draft is gone."))
                return redirect_to("pools.sponsor_pools")
            service.end(pool_id=pool.id, reason=form.data["reason"], by=current_user, now=now)
            flash(_("The pool has ended. What orders had reserved is still theirs."))
            return redirect_to("pools.sponsor_pool", pool_slug=pool_slug)
    except Conflict as fact:
        form.refuse({"reason": fact.message})
    return _page(_pool(pool_slug), form, 422)
