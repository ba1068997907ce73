"""Each thing that the operator can do leaves a line in the audit log: who, what, to what, why."""

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry
from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.reconciliation.models import Difference
from tests import factories
from tests.desk.test_staff import fail
from tests.journeys.test_purchase import pay, place, shop  # noqa: F401  # a fixture

REASON = "Papers read"

LEAVES_NO_LINE: dict[str, str] = {}
"""Routes that change nothing of anybody's, each with the reason why."""


@pytest.fixture
def desk(client, db, sign_in, request):
    """Return what does each thing: the route's rule and a function that calls it."""
    sign_in(client, factories.make_user(is_operator=True))

    def post(address, **form):
        answer = client.post(address, data={"reason": REASON} | form)
        assert answer.status_code == 303, (address, answer.status_code)

    def refund():
        provider = request.getfixturevalue("provider")
        paid = pay(place(request.getfixturevalue("shop")), provider)
        post(f"/staff/orders/{paid.id}/refund", what="all")

    def explain():
        now = clock.now()
        row = Difference(
            id=new_id(), key="other:x", currency="EUR", provider_minor=1, since=now, found_at=now
        )
        db.add(row)
        db.commit()
        post(f"/staff/reconciliation/differences/{row.id}/explain")

    def company():
        made = factories.make_company(state="draft", verified_at=None)
        post(f"/staff/companies/{made.slug}/verify")

    def project():
        made = factories.make_project(state="proposed", verified_at=None)
        post(f"/staff/projects/{made.slug}/verify")

    def person(what, **about):
        return lambda: post(f"/staff/people/{factories.make_user(**about).id}/{what}")

    return {
        "/staff/companies/<slug>/<how>": company,
        "/staff/projects/<slug>/<how>": project,
        "/staff/orders/<uuid:order_id>/refund": refund,
        "/staff/people/<uuid:user_id>/block": person("block"),
        "/staff/people/<uuid:user_id>/unblock": person("unblock", blocked_at=clock.now()),
        "/staff/people/<uuid:user_id>/take-away-second-factor": person(
            "take-away-second-factor", totp_secret="x", totp_confirmed_at=clock.now()
        ),
        "/staff/reconciliation/run": lambda: post("/staff/reconciliation/run"),
        "/staff/reconciliation/differences/<uuid:difference_id>/explain": explain,
        "/staff/jobs/<int:job_id>/retry": lambda: post(f"/staff/jobs/{fail('mail')}/retry"),
        "/staff/jobs/<int:job_id>/give-up": lambda: post(f"/staff/jobs/{fail('mail')}/give-up"),
    }


WITHOUT_REASON = {"/staff/reconciliation/run", "/staff/jobs/<int:job_id>/retry"}
"""These harm nobody, so nobody is asked why."""


class TestStaff:
    def test_leaves_a_line_for_each_thing_it_does(self, app, db, desk):
        routes = {
            rule.rule
            for rule in app.url_map.iter_rules()
            if "POST" in rule.methods
            and getattr(app.view_functions[rule.endpoint], "access", "") == "staff"
        }
        assert routes - set(desk) - set(LEAVES_NO_LINE) == set(), "try these here, too"
        for rule, does in desk.items():
            before = db.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
            does()
            entries = db.scalars(sa.select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id)).all()
            assert len(entries) == before + 1, rule
            assert entries[-1].actor_id is not None, rule
            assert entries[-1].reason == ("" if rule in WITHOUT_REASON else REASON), rule
