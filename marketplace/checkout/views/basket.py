"""The basket."""

from marketplace.campaigns import queries as campaigns
from marketplace.checkout import service
from marketplace.checkout.schemas import AddInput, ChangeInput
from marketplace.checkout.views import visit
from marketplace.checkout.views.routes import Page, blueprint
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import DomainError
from marketplace.core.ids import new_token
from marketplace.core.web import access, load_form, redirect_to, render, tokenless
from marketplace.core.web.forms import Form


@blueprint.get("/basket")
@access("public")
def basket() -> Page:
    """Show what is in the basket, by company, with what each gives."""
    return show()


def show(status: int = 200, problem: object = "") -> tuple[str, int]:
    """Render the basket; `problem` says why the shopper is back here."""
    found = visit.find_visit()
    return render(
        "checkout/basket.html",
        status,
        priced=found.priced if found else None,
        promises=visit.promises(found.priced) if found else {},
        pools=campaigns.list_running(found.priced.currency, clock.now())
        if found and found.priced.may_be_matched
        else [],
        problem=str(problem),
    )


@blueprint.post("/basket")
@tokenless
@access("public")
def add_to_basket() -> Page:
    """Put pieces of a variant into the basket; the cookie is made here and nowhere else."""
    form = load_form(AddInput())
    if not form.ok:
        return show(422, _first(form))
    known, now = visit.find_basket(), clock.now()
    token = new_token()
    try:
        with atomic():
            basket_id = (
                known.id
                if known is not None
                else service.open_basket(token=token, user_id=visit.user_id(), now=now)
            )
            service.put(
                basket_id=basket_id,
                variant_id=form.data["variant_id"],
                quantity=form.data["quantity"],
                now=now,
            )
    except DomainError as fact:
        return show(fact.status, fact.message)
    response = redirect_to("checkout.basket")
    return response if known else visit.keep_cookie(response, token, form.data["quantity"])


@blueprint.post("/basket/change")
@access("public")
def change_basket() -> Page:
    """Set how many pieces are wanted, or take a line away."""
    form = load_form(ChangeInput())
    if not form.ok:
        return show(422, _first(form))
    found = visit.find_basket()
    if found is not None:
        step = {"more": 1, "fewer": -1}.get(form.data["do"], 0)
        quantity = 0 if form.data["do"] == "remove" else form.data["quantity"] + step
        with atomic():
            service.change_quantity(
                basket_id=found.id,
                variant_id=form.data["variant_id"],
                quantity=quantity,
                now=clock.now(),
            )
    return redirect_to("checkout.basket")


def _first(form: Form) -> str:
    return next(iter(form.errors.values()))
