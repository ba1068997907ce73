"""What somebody's purchases gave: for themselves, and by a link for whom they tell."""

from flask import flash, request
from flask_login import current_user

from marketplace.community import queries, service
from marketplace.community.models import ImpactShare
from marketplace.community.schemas import ShareInput
from marketplace.community.views import telling
from marketplace.community.views.routes import Page, blueprint, currency, secret
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.orders import queries as orders


@blueprint.get("/account/impact")
@access("signed_in")
def own_impact() -> Page:
    """Show what a person's purchases gave, project by project and month by month."""
    rows = orders.list_given_through(current_user.id)
    standing = queries.standing_of_person(current_user.id, currency())
    return render(
        "community/own_impact.html",
        by_companies=[row for row in rows if row.source == "pledge"],
        by_themselves=[row for row in rows if row.source == "top_up"],
        by_sponsors=[row for row in rows if row.source == "match"],
        chart=telling.month_chart(standing.months, currency()),
        measured=telling.measured(standing),
        years=sorted({month.began_on.year for month in standing.months}, reverse=True),
        share=queries.find_share(current_user.id),
        teams=queries.list_memberships(current_user.id),
    )


@blueprint.get("/account/impact/share")
@access("signed_in")
def sharing() -> Page:
    """Show the link, and what it shows."""
    return _form(Form())


def _form(form: Form) -> tuple[str, int]:
    share = queries.find_share(current_user.id)
    return render("community/sharing.html", 422 if form.errors else 200, form=form, share=share)


@blueprint.post("/account/impact/share")
@access("signed_in")
def share() -> Page:
    """Make the link, or change what it shows."""
    form = load_form(ShareInput())
    if not form.ok:
        return _form(form)
    with atomic():
        service.share_impact(user_id=current_user.id, now=clock.now(), **form.data)
    flash(_("Saved. Whoever has the link sees what you chose."))
    return redirect_to("community.sharing")


@blueprint.post("/account/impact/share/renew")
@access("signed_in")
def renew_share() -> Page:
    """Let the old link lead nowhere, and make another."""
    with atomic():
        service.renew_share(user_id=current_user.id, now=clock.now())
    flash(_("There is a new link. The old one leads nowhere."))
    return redirect_to("community.sharing")


@blueprint.post("/account/impact/share/revoke")
@access("signed_in")
def revoke_share() -> Page:
    """Let the link lead nowhere."""
    with atomic():
        service.revoke_share(user_id=current_user.id)
    flash(_("The link leads nowhere any more."))
    return redirect_to("community.sharing")


@blueprint.get("/impact/shared/<token>")
@access("public")
def shared_impact(token: str) -> Page:
    """Show what somebody's purchases gave, as far as they chose to show it."""
    found = queries.get_shared(token)
    standing = queries.standing_of_person(found.user_id, currency())
    page = render(
        "community/shared_impact.html",
        share=found,
        name=name_of(found),
        standing=standing,
        shares=telling.shares(standing) if found.shows_amounts else {},
        chart=telling.month_chart(standing.months, currency(), shows_amounts=found.shows_amounts),
        measured=telling.measured(standing),
        years=sorted({month.began_on.year for month in standing.months}, reverse=True),
        currency=currency(),
        address=request.path,
    )
    return secret(page, is_indexed=found.is_indexed)


def name_of(found: ImpactShare) -> str:
    """Return the name that stands on shared pages; empty where none shall stand."""
    return found.user.name if found.shows_name else ""
