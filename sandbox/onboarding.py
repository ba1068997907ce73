"""The onboarding page of a connected account, reached by an account link."""

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.objects import accounts
from sandbox.pages import page, see_other
from sandbox.running import store_of
from sandbox.shapes import Json
from sandbox.store import Record, Store, Unit

pages = Blueprint("onboarding", __name__)


def _store() -> Store:
    return store_of(current_app)


def _link(unit: Unit, account_id: str, token: str) -> tuple[Record | None, Json]:
    record = unit.get(account_id, lock=request.method == "POST")
    links: Json = record.internal.get("links", {}) if record else {}
    return record, links.get(token, {})


def _show(record: Record, link: Json, name: str = "", problem: str | None = None) -> AnyResponse:
    return page(
        "onboard.html",
        status=422 if problem else 200,
        targets=(link["return_url"],),
        account=record.data,
        name=name or record.data["business_profile"]["name"] or "",
        kind=record.data["business_type"] or "company",
        problem=problem,
        back=link["return_url"],
    )


@pages.get("/onboard/<account_id>/<token>")
def show(account_id: str, token: str) -> AnyResponse:
    """The questions; an old link sends the browser to its `refresh_url`."""
    with _store().transaction() as unit:
        record, link = _link(unit, account_id, token)
        if record is None or not link:
            return page("gone.html", status=404)
        if link["expires_at"] <= unit.now:
            return see_other(link["refresh_url"])
        return _show(record, link)


@pages.post("/onboard/<account_id>/<token>")
def submit(account_id: str, token: str) -> AnyResponse:
    """The answers: the account's requirements are met and its `account.updated` goes out."""
    with _store().transaction() as unit:
        record, link = _link(unit, account_id, token)
        if record is None or not link:
            return page("gone.html", status=404)
        if link["expires_at"] <= unit.now:
            return see_other(link["refresh_url"])
        name = request.form.get("name", "").strip()[:200]
        number = "".join(request.form.get("account_number", "").split())[:40]
        kind = request.form.get("business_type", "company")
        if not name or len(number) < 8 or kind not in ("company", "individual", "non_profit"):
            return _show(
                record, link, name, "Enter a name and a bank account number of 8 signs or more."
            )
        accounts.onboard(unit, record, name, kind, number[-4:])
    return see_other(link["return_url"])
