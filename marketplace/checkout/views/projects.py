"""The second step: which projects get what the companies give, and a gift of one's own or none."""

import uuid
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from marketplace.checkout import queries, service
from marketplace.checkout.schemas import AddProjectInput, ChooseInput, FindProjectInput
from marketplace.checkout.views import causes, visit
from marketplace.checkout.views.causes import Standing
from marketplace.checkout.views.choosing import Choice
from marketplace.checkout.views.routes import Page, blueprint
from marketplace.checkout.views.visit import Visit
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.money import NotAnAmount, exponent, parse_minor
from marketplace.core.web import access, load_form, load_query, redirect_to, render
from marketplace.core.web.forms import Form
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import plain_money
from marketplace.giving.rules import MOST_PROJECTS
from marketplace.reconciliation.queries import publishing as published

MOST_TOP_UP_MINOR = 1_000_000


@blueprint.get("/checkout/projects")
@access("public")
def projects() -> Page:
    """Show the choice as it stands."""
    found = visit.find_visit()
    back = visit.missing_step(found, needs_delivery=True)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    return show(found, causes.standing_of(found), Form())


def show(
    found: Visit, standing: Standing, form: Form, status: int = 200, problem: object = ""
) -> tuple[str, int]:
    """Render the step; `form` holds what was typed and what is wrong with it."""
    totals = published.project_totals(list(standing.projects)).totals
    return render(
        "checkout/projects.html",
        status,
        priced=found.priced,
        disclosures=visit.disclosures(found.priced),
        standing=standing,
        today=clock.now().date(),
        choice=standing.choice,
        rows=standing.rows,
        amounts_as_text=[
            plain_money(amount, found.priced.currency) for amount in standing.choice.amounts
        ],
        to_find={
            one.id: max(one.goal_minor - totals[one.id].given_minor, 0)
            for one in standing.projects.values()
        },
        matrix=causes.matrix_of(found.priced, standing),
        unit=10 ** exponent(found.priced.currency),
        top_up_minor=causes.top_up_of(found),
        matching=causes.matching_of(found, standing),
        show_name=bool(found.basket.draft.get("show_name")),
        most=MOST_PROJECTS,
        form=form,
        problem=str(problem),
    )


@blueprint.post("/checkout/projects")
@access("public")
def choose() -> Page:
    """Take what was typed, do what was pressed, come back or go on."""
    found = visit.find_visit()
    back = visit.missing_step(found, needs_delivery=True)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    form = load_form(ChooseInput())
    standing = _typed(found, form)
    top_up = _top_up(form, found.priced.currency)
    if form.ok and form.data["do"] == "continue":
        _check_sum(standing.choice, form, found.priced.currency)
    if not form.ok:
        return show(found, standing, form, 422)
    choice = _pressed(found, standing.choice, form.data)
    unchanged = standing.by_company is not None and choice == standing.choice
    by_companies = unchanged or form.data["do"] == "companies"
    said = {"top_up_minor": top_up, "show_name": form.data["show_name"]}
    _keep(found, choice, {"by_companies": by_companies, **said})
    return _go_on(form.data)


def _typed(found: Visit, form: Form) -> Standing:
    """Return the choice that the fields tell; what is not an amount becomes an error."""
    if not form.ok:
        return causes.standing_of(found)
    total, currency = found.priced.share_minor, found.priced.currency
    companies, wanted = _companies_standing(found), list(dict.fromkeys(form.data["project"]))
    known = companies.projects if companies is not None else {}
    if any(one not in known for one in wanted):
        known = queries.list_choosable(wanted, currency)
    amounts: dict[uuid.UUID, int] = {}
    for place, (one, text) in enumerate(
        zip(form.data["project"], form.data["amount"], strict=False)
    ):
        if one not in known or one in amounts:
            continue
        try:
            amounts[one] = parse_minor(text or "0", currency)
        except NotAnAmount:
            amounts[one] = 0
            form.errors[f"amount-{place}"] = _(
                "Write an amount such as %(example)s.", example=plain_money(150, currency)
            )
    if not amounts:
        return causes.first_standing(found.priced)
    choice = Choice(total, tuple(amounts), tuple(amounts.values()))
    if companies is not None and choice == companies.choice:
        return companies
    kept = list(amounts)[:MOST_PROJECTS]
    choice = Choice(total, tuple(kept), tuple(amounts[one] for one in kept))
    return Standing(choice, {one: known[one] for one in kept})


def _companies_standing(found: Visit) -> Standing | None:
    """Return what the companies chose if that is what was shown: unchanged, it stays theirs."""
    draft = found.basket.draft
    if draft.get("choice") and not draft.get("by_companies"):
        return None
    standing = causes.standing_of(found)
    return standing if standing.by_company is not None else None


def _top_up(form: Form, currency: str) -> int:
    """Return the shopper's own gift; nothing unless they say so."""
    if not form.ok:
        return 0
    chosen = form.data["top_up"]
    try:
        if chosen == "other":
            comma = current_language() != "en"
            amount = parse_minor(form.data["top_up_other"] or "0", currency, decimal_comma=comma)
        else:
            amount = int(chosen)
    except NotAnAmount:
        amount = -1
    if not 0 <= amount <= MOST_TOP_UP_MINOR:
        form.errors["top_up_other"] = _(
            "Write an amount between %(least)s and %(most)s, or choose “No, thank you”.",
            least=plain_money(0, currency),
            most=plain_money(MOST_TOP_UP_MINOR, currency),
        )
        return 0
    return amount


def _check_sum(choice: Choice, form: Form, currency: str) -> None:
    if choice.left_minor > 0:
        left = plain_money(choice.left_minor, currency)
        form.errors["split"] = _("Place the last %(left)s, or give it to one project.", left=left)
    elif choice.left_minor < 0:
        over = plain_money(-choice.left_minor, currency)
        form.errors["split"] = _("Take %(over)s away: that is more than is given.", over=over)


def _pressed(found: Visit, choice: Choice, data: Mapping[str, Any]) -> Choice:  # Any: the form's
    """Return the choice after the button that was pressed."""
    removed, nudge = data["remove"], data["nudge"]
    if removed is not None and len(choice.projects) > 1:
        choice = choice.only([one for one in choice.projects if one != removed])
    elif data["whole"] is not None:
        choice = choice.all_to(data["whole"])
    elif data["rest"] is not None:
        choice = choice.rest_to(data["rest"])
    elif nudge:
        choice = _nudged(choice, nudge)
    elif data["do"] == "equal":
        choice = choice.equally()
    elif data["do"] == "companies":
        choice = causes.companies_choice(found.priced).choice
    return choice


def _nudged(choice: Choice, pressed: str) -> Choice:
    one, _colon, by = pressed.partition(":")
    try:
        return choice.moved(uuid.UUID(one), int(by))
    except ValueError:
        return choice


def _keep(found: Visit, choice: Choice, said: Mapping[str, object]) -> None:
    with atomic():
        service.keep_draft(
            basket_id=found.basket.id, said={**choice.to_draft(), **said}, now=clock.now()
        )


def _go_on(data: Mapping[str, object]) -> Response:
    if data["do"] == "continue":
        return redirect_to("checkout.payment")
    if data["do"] == "add":
        return redirect_to("checkout.more_projects")
    return redirect_to("checkout.projects", _anchor="split")


@blueprint.get("/checkout/projects/more")
@access("public")
def more_projects() -> Page:
    """Show the projects that can be chosen, by words and cause."""
    found = visit.find_visit()
    back = visit.missing_step(found, needs_delivery=True)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    query = load_query(FindProjectInput())
    wanted = query.data if query.ok else {"q": "", "cause": ""}
    listed = queries.search_choosable(
        found.priced.currency, words=wanted["q"], cause=wanted["cause"]
    )
    totals = published.project_totals([one.id for one in listed]).totals
    choice = causes.standing_of(found).choice
    return render(
        "checkout/more_projects.html",
        priced=found.priced,
        listed=listed,
        today=clock.now().date(),
        to_find={one.id: max(one.goal_minor - totals[one.id].given_minor, 0) for one in listed},
        causes=queries.list_causes(),
        wanted=wanted,
        choice=choice,
        most=MOST_PROJECTS,
    )


@blueprint.post("/checkout/projects/more")
@access("public")
def add_project() -> Page:
    """Add a project to the choice."""
    found = visit.find_visit()
    back = visit.missing_step(found, needs_delivery=True)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    form = load_form(AddProjectInput())
    standing = causes.standing_of(found)
    wanted = [form.data["project"]] if form.ok else []
    more = queries.list_choosable(wanted, found.priced.currency)
    if not more:
        problem = _("This project cannot be chosen now. Please choose another one.")
        return show(found, standing, Form(), 409, problem)
    if standing.choice.is_full:
        problem = _("You have five projects already. Remove one to add another.")
        return show(found, standing, Form(), 409, problem)
    choice = standing.choice
    for one in more:
        choice = choice.with_project(one)
    with atomic():
        service.keep_draft(basket_id=found.basket.id, said=choice.to_draft(), now=clock.now())
    return redirect_to("checkout.projects", _anchor="split")
