"""The first step: where the parcels go."""

from functools import lru_cache

from babel import Locale
from flask_login import current_user

from marketplace.checkout import service
from marketplace.checkout.schemas import COUNTRIES, DeliveryInput
from marketplace.checkout.views import visit
from marketplace.checkout.views.routes import Page, blueprint
from marketplace.checkout.views.visit import Visit
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.web import access, load_form, redirect_to, render
from marketplace.core.web.forms import Form
from marketplace.core.web.languages import current_language
from marketplace.orders import queries as orders

FIELDS = ("email", "name", "street", "postal_code", "city", "country", "phone")


@blueprint.get("/checkout/delivery")
@access("public")
def delivery() -> Page:
    """Ask for the address; what is known already is filled in."""
    found = visit.find_visit()
    back = visit.missing_step(found)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    return _show(found, Form(values=_known(found)))


@blueprint.post("/checkout/delivery")
@access("public")
def say_delivery() -> Page:
    """Keep the address and go on to the projects."""
    found = visit.find_visit()
    back = visit.missing_step(found)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    form = load_form(DeliveryInput())
    if not form.ok:
        return _show(found, form, 422)
    with atomic():
        service.keep_draft(basket_id=found.basket.id, said={"delivery": form.data}, now=clock.now())
    return redirect_to("checkout.projects")


def _show(found: Visit, form: Form, status: int = 200) -> tuple[str, int]:
    return render(
        "checkout/delivery.html",
        status,
        form=form,
        priced=found.priced,
        top_up_minor=0,
        countries=list_countries(),
    )


def _known(found: Visit) -> dict[str, object]:
    """Return what was said before, else what a signed-in person's last order says."""
    said = found.basket.draft.get("delivery")
    if isinstance(said, dict):
        return dict(said)
    if not current_user.is_authenticated:
        return {}
    last = orders.list_of_customer(current_user.id, limit=1)
    known = {name: getattr(last[0], name) for name in FIELDS} if last else {}
    return {**known, "email": current_user.email, "name": known.get("name") or current_user.name}


def list_countries() -> list[tuple[str, str]]:
    """Return the countries we deliver to, code and name, in the page's language."""
    return _countries_in(current_language())


@lru_cache(maxsize=8)
def _countries_in(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).territories
    return sorted(((code, names[code]) for code in COUNTRIES), key=lambda pair: pair[1])
