"""Pictures beside links, counters, posters for walls, and the page that offers them."""

from flask import Response, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.i18n import _
from marketplace.core.web import access, render
from marketplace.core.web.texts import long_date
from marketplace.sharing import drawing
from marketplace.sharing.views import things
from marketplace.sharing.views.routes import blueprint
from marketplace.sharing.views.things import Shown

KINDS = "any(projects,companies,products,teams)"
PAYEES = "any(projects,companies)"
AN_HOUR = 3600


@blueprint.get(f"/share/<{KINDS}:kind>/<slug>")
@access("public")
def share(kind: str, slug: str) -> tuple[str, int]:
    """Offer everything with which a thing can be shown elsewhere."""
    shown = things.OF[kind](slug)
    width, height = drawing.COUNTER_SIZE
    return render(
        "sharing/share.html",
        shown=shown,
        kind=kind,
        slug=slug,
        base=f"{public_url()}{request.script_root}",
        width=width,
        height=height,
    )


@blueprint.get(f"/share/<{KINDS}:kind>/<slug>.png")
@access("public")
def picture(kind: str, slug: str) -> BaseResponse:
    """Draw what other sites show beside a link."""
    return _file(drawing.picture(things.OF[kind](slug).told), "image/png")


@blueprint.get("/share/companies/<slug>/reports/<report_slug>.png")
@access("public")
def picture_of_report(slug: str, report_slug: str) -> BaseResponse:
    """Draw what other sites show beside a link to a report."""
    return _file(drawing.picture(things.of_report(slug, report_slug).told), "image/png")


@blueprint.get(f"/embed/<{PAYEES}:kind>/<slug>.svg")
@access("public")
def counter(kind: str, slug: str) -> BaseResponse:
    """Draw a counter that other sites show as a picture, without any script."""
    told = things.OF[kind](slug).told
    wanted = ("lang", "title", "figure", "note", "parts")
    return _file(drawing.counter({name: told[name] for name in wanted}), "image/svg+xml")


@blueprint.get(f"/share/<{PAYEES}:kind>/<slug>/poster.pdf")
@access("public")
def poster(kind: str, slug: str) -> Response:
    """Make one page for a wall, with a code that leads here."""
    shown = things.OF[kind](slug)
    now = clock.now()
    answer = Response(
        drawing.poster(shown.told | _on_paper(shown, kind), at=now), content_type="application/pdf"
    )
    answer.headers["Content-Disposition"] = f"inline; filename={slug}-poster.pdf"
    return answer


def _on_paper(shown: Shown, kind: str) -> dict[str, object]:
    address = shown.url.split("://", 1)[1]
    how = {
        "projects": _(
            "Buy from the companies on Causeway and choose this project at checkout: a part of "
            "the price goes here, and you see what becomes of it."
        ),
        "companies": _(
            "Of each purchase a part goes to a project that you choose, and you see what becomes "
            "of it."
        ),
    }
    return {
        "link": shown.url,
        "address": address,
        "summary": shown.summary,
        "how": how[kind],
        "code_alt": _("A code to scan that leads to %(address)s", address=address),
        "foot": _("Printed on %(day)s", day=long_date(clock.now().date())),
    }


def _file(data: bytes, media_type: str) -> BaseResponse:
    answer = Response(data, content_type=media_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not current_user.is_authenticated:  # owners are shown more than everybody is
        answer.headers["Cache-Control"] = f"public, max-age={AN_HOUR}"
    answer.add_etag()
    return answer.make_conditional(request)
