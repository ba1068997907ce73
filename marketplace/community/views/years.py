"""A year in review: for oneself, by the link, and as one picture."""

from datetime import date, timedelta
from typing import Any

from flask import Response, request
from flask_login import current_user

from marketplace.community import queries, rules
from marketplace.community.queries import Standing
from marketplace.community.views import telling
from marketplace.community.views.impact import name_of
from marketplace.community.views.routes import Page, blueprint, currency, secret
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _, ngettext
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import plain_money
from marketplace.look.art import art_url, draw
from marketplace.sharing import drawing


@blueprint.get("/account/impact/<int:year>")
@access("signed_in")
def own_year(year: int) -> Page:
    """Show what a year's purchases gave, and what the projects told."""
    return render(
        "community/year.html",
        **_told(current_user.id, year),
        share=queries.find_share(current_user.id),
        is_own=True,
        shows_amounts=True,
        name="",
    )


@blueprint.get("/impact/shared/<token>/<int:year>")
@access("public")
def shared_year(token: str, year: int) -> Page:
    """Show the same as far as its person chose to show it."""
    found = queries.get_shared(token)
    page = render(
        "community/year.html",
        **_told(found.user_id, year),
        share=found,
        is_own=False,
        shows_amounts=found.shows_amounts,
        name=name_of(found),
    )
    return secret(page, is_indexed=found.is_indexed)


def _told(user_id: object, year: int) -> dict[str, Any]:  # Any: what the template reads
    standing = _standing(user_id, year)
    since, until = rules.bounds_of(year)
    projects = [part.id for part in standing.projects]
    return {
        "year": year,
        "standing": standing,
        "currency": currency(),
        "updates": queries.list_told(projects, since, until) if projects else [],
        "measured": telling.measured(standing, since.date(), until.date() - timedelta(days=1)),
        "before": year - 1 if rules.is_lived(year - 1, _today()) else None,
        "after": year + 1 if rules.is_lived(year + 1, _today()) else None,
        "is_over": year < _today().year,
    }


def _standing(user_id: Any, year: int) -> Standing:  # Any: of flask-login's user
    if not rules.is_lived(year, _today()):
        raise NotFound
    return queries.standing_of_person(user_id, currency(), year=year)


def _today() -> date:
    return clock.now().date()


@blueprint.get("/account/impact/<int:year>.png")
@access("signed_in")
def own_picture(year: int) -> Response:
    """Draw the year as one picture; amounts and name stand on it only where they are asked for."""
    return _picture(
        _standing(current_user.id, year),
        year,
        shows_amounts=request.args.get("amounts") == "1",
        name=current_user.name if request.args.get("name") == "1" else "",
    )


@blueprint.get("/impact/shared/<token>/<int:year>.png")
@access("public")
def shared_picture(token: str, year: int) -> Response:
    """Draw the same as far as its person chose to show it."""
    found = queries.get_shared(token)
    return _picture(
        _standing(found.user_id, year),
        year,
        shows_amounts=found.shows_amounts,
        name=name_of(found),
    )


def _picture(standing: Standing, year: int, *, shows_amounts: bool, name: str) -> Response:
    first = standing.projects[0].slug if standing.projects else "causeway"
    kind, *rest = art_url("topo", first).removeprefix("/art/").removesuffix(".svg").split("/")
    told = {
        "lang": current_language(),
        "art": draw(kind, tuple(rest)) or "",
        "is_land": True,
        "eyebrow": name or _("A year of purchases on Causeway"),
        "title": str(year),
        "summary": _names(standing),
        "figure": _figure(standing, shows_amounts=shows_amounts),
        "note": _note(standing, shows_amounts=shows_amounts),
        "parts": [],
        "place": public_url().split("://", 1)[-1],
    }
    answer = Response(drawing.picture(told), content_type="image/png")
    answer.headers["Content-Disposition"] = f"inline; filename=causeway-{year}.png"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _names(standing: Standing) -> str:
    return " · ".join(part.title for part in standing.projects[:3])


def _projects(standing: Standing) -> str:
    count = len(standing.projects)
    return ngettext("%(num)d project helped", "%(num)d projects helped", count)


def _figure(standing: Standing, *, shows_amounts: bool) -> str:
    if not standing.projects:
        return _("A quiet year")
    if shows_amounts:
        return plain_money(standing.pledge.given_minor, currency())
    return _projects(standing)


def _note(standing: Standing, *, shows_amounts: bool) -> str:
    if not standing.projects:
        return _("Nothing was bought here, and that is fine.")
    if not shows_amounts:
        return _("together with many others")
    said = _("from companies’ prices: %(projects)s", projects=_projects(standing))
    own = standing.top_up.given_minor
    if own:
        said += " · " + _("own gifts apart: %(amount)s", amount=plain_money(own, currency()))
    return said
