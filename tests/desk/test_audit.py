"""Each thing that the operator can do leaves a line in the audit log: who, what, to what, why."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import PoolRefund
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.orders.models import Dispute, DisputeState, FailedRefund
from marketplace.payouts import service as payouts
from marketplace.payouts.models import AccountStanding, PayeeKind, PayoutAccount
from marketplace.payouts.rules import Run
from marketplace.projects import service as projects
from marketplace.projects.queries import get_update as find_update
from marketplace.questions import service as questions
from marketplace.questions.models import of_company
from marketplace.reconciliation.models import Difference
from marketplace.volunteer_translations import service as translations
from marketplace.volunteer_translations.rules import Said
from tests import factories
from tests.campaigns.pools import make_pool
from tests.community.conftest import make_team
from tests.desk.test_staff import fail
from tests.federation.rows import rows_of
from tests.journeys.purchase import pay, place
from tests.outcomes.conftest import indicator, measure, owner, project  # noqa: F401  # fixtures
from tests.papers.conftest import SAID, operator, qualify  # noqa: F401  # fixtures
from tests.verification.making import what_verification_does

REASON = "Papers read"

LEAVES_NO_LINE: dict[str, str] = {}
"""Routes that change nothing of anybody's, each with the reason why."""


def give(payee):
    """Let a project have money to be paid."""
    available = AccountKey(Purpose.PROJECT_AVAILABLE, payee.id, Source.PLEDGE)
    with atomic():
        ledger.post(
            kind=Kind.CAPTURE,
            effect_key=f"capture:{payee.slug}",
            currency="EUR",
            entries=[Entry(CLEARING, available, 500)],
            effective_at=clock.now(),
        )


def pay_account(payee, kind=PayeeKind.PROJECT):
    """Let a project or company have an account at the provider."""
    payouts.connect(
        payee_kind=kind,
        payee_id=payee.id,
        provider_account_id=f"acct_{payee.slug}",
        now=clock.now(),
    )


@pytest.fixture
def from_elsewhere(db):
    """Return the ids of what came from another server, and of a block of one."""
    return rows_of(factories.make_project(), reason=REASON)


@pytest.fixture
def desk(client, db, sign_in, request):
    """Return what does each thing: the route's rule and a function that calls it."""
    sign_in(client, factories.make_user(is_operator=True))

    def post(address, /, **form):
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
        post(f"/staff/companies/{factories.make_company().slug}/suspend")

    def suspend():
        post(f"/staff/projects/{factories.make_project().slug}/suspend")

    def payout(what):
        made = factories.make_project()
        give(made)
        with atomic():
            pay_account(made)
            row = payouts.command(
                payee_kind=PayeeKind.PROJECT,
                payee_id=made.id,
                currency="EUR",
                minimum_minor=1,
                now=clock.now(),
                run=Run(approval_from_minor=1),
            )
        post(f"/staff/payouts/{row.id}/{what}")

    def account(what):
        made = factories.make_project()
        first = factories.make_owner(made)
        now = clock.now()
        pay_account(made)
        row = PayoutAccount(
            id=new_id(),
            payee_id=made.id,
            payee_kind=PayeeKind.PROJECT,
            standing=AccountStanding.PROPOSED,
            provider_account_id=f"acct_{new_id().hex}",
            can_be_paid=True,
            changed_at=now,
            changed_by_id=first.user_id,
            created_at=now,
        )
        db.add(row)
        db.commit()
        post(f"/staff/payouts/accounts/{row.id}/{what}")

    def dispute(what):
        provider = request.getfixturevalue("provider")
        paid = pay(place(request.getfixturevalue("shop")), provider)
        row = Dispute(
            id=f"dp_{new_id().hex}",
            order_id=paid.id,
            payment_id=paid.payment_id,
            state=DisputeState.NEEDS_RESPONSE,
            reason="fraudulent",
            currency="EUR",
            amount_minor=100,
            due_at=clock.now() + timedelta(days=7),
            opened_at=clock.now(),
        )
        db.add(row)
        db.commit()
        post(f"/staff/disputes/{row.id}/{what}", body="It was sent")

    def recover():
        made = factories.make_company()
        owes = AccountKey(Purpose.COMPANY_RECEIVABLE, made.id)
        available = AccountKey(Purpose.COMPANY_AVAILABLE, made.id)
        with atomic():
            ledger.post(
                kind=Kind.CAPTURE,
                effect_key=f"capture:{made.slug}",
                currency="EUR",
                entries=[Entry(CLEARING, available, 500)],
                effective_at=clock.now(),
            )
            pay_account(made, PayeeKind.COMPANY)
            row = payouts.command(
                payee_kind=PayeeKind.COMPANY,
                payee_id=made.id,
                currency="EUR",
                minimum_minor=1,
                now=clock.now(),
            )
            payouts.confirm(payout_id=row.id, provider_id=f"tr_{made.slug}", now=clock.now())
            ledger.post(
                kind=Kind.REFUND,
                effect_key=f"refund:{made.slug}",
                currency="EUR",
                entries=[Entry(owes, CLEARING, 100)],
                effective_at=clock.now(),
            )
        post(f"/staff/companies/{made.slug}/recover")

    def route():
        post(f"/staff/projects/{factories.make_project().slug}/route", is_fund="1")

    def person(what, **about):
        return lambda: post(f"/staff/people/{factories.make_user(**about).id}/{what}")

    def failed_refund(what, **form):
        paid = pay(place(request.getfixturevalue("shop")), request.getfixturevalue("provider"))
        row = FailedRefund(
            id=new_id(),
            key=f"re_{new_id().hex}",
            order_id=paid.id,
            payment_id=paid.payment_id,
            currency="EUR",
            amount_minor=100,
            why="expired_or_canceled_card",
            failed_at=clock.now(),
        )
        due = AccountKey(Purpose.REFUND_DUE, paid.id)
        with atomic():
            db.add(row)
            ledger.post(
                kind=Kind.REFUND_FAILED,
                effect_key=f"failed:{row.key}",
                currency="EUR",
                entries=[Entry(CLEARING, due, 100)],
                effective_at=clock.now(),
            )
        post(f"/staff/refunds/{row.id}/{what}", **form)

    def review():
        request.getfixturevalue("indicator")
        post(f"/staff/outcomes/{request.getfixturevalue('measure')(12).id}", note=REASON)

    def mark():
        slug = factories.make_project().slug
        form = SAID | {"valid_from": "2026-01-01", "valid_until": "", "kind": "association"}
        said = form | {"project": slug, "document": REASON}
        assert client.post("/staff/recipients", data=said).status_code == 303

    recipient = request.getfixturevalue("qualify")(factories.make_project())

    def end_recipient():
        post(f"/staff/recipients/{recipient.id}/end", last_day=str(clock.now().date()))

    from_elsewhere = request.getfixturevalue("from_elsewhere")
    pool = make_pool(factories.make_company())

    asked = {"by": factories.make_user(), "now": clock.now()}
    about = of_company(factories.make_company())
    with atomic():
        question = questions.ask(subject=about, body="Who?", **asked)
        questions.complain(question_id=question.id, why="An insult", **asked)

    def sponsor():
        with atomic():
            made = campaigns.introduce(
                name="Riva", kind="person", by=factories.make_user(), now=clock.now()
            )
        post(f"/staff/sponsors/{made.id}/admit")

    def pool_refund(what):
        with atomic():
            row = PoolRefund(
                id=new_id(), pool_id=pool.id, payment_id="pi_x", amount_minor=100,
                state="failed", requested_at=clock.now(),
            )  # fmt: skip
            db.add(row)
            entry = Entry(CLEARING, AccountKey(Purpose.REFUND_DUE, pool.id), 100)
            ledger.post(
                kind=Kind.LATE_PAYMENT, effect_key=f"late:{row.id}", currency="EUR",
                entries=[entry], effective_at=clock.now(),
            )  # fmt: skip
        post(f"/staff/pools/refunds/{row.id}/{what}", reference="CRO 20261122")

    def settle():
        post(f"/staff/questions/{question.id}", what="keep")

    update = projects.post_update(
        project=factories.make_project(), author=asked["by"], title="Dieci", body="Dieci.",
        language="it", now=asked["now"],
    )  # fmt: skip
    db.commit()
    with atomic():
        draft = translations.keep(
            update=find_update(update.project_id, update.id), language="fr",
            said=Said("Dix", "Dix."), read_at=update.published_at, **asked,
        )  # fmt: skip
        translations.offer(draft_id=draft.id, is_own=True, **asked)

    def translation():
        post(f"/staff/translations/{draft.id}", what="take_down")

    def team():
        made = make_team(asked["by"], asked["now"])
        post(f"/staff/teams/{made.id}", what="suspend")

    return {
        "/staff/teams/<uuid:team_id>": team,
        "/staff/federation/blocks": lambda: post("/staff/federation/blocks", target="a.example"),
        "/staff/federation/blocks/<uuid:block_id>/lift": lambda: post(
            f"/staff/federation/blocks/{from_elsewhere['block']}/lift"
        ),
        "/staff/federation/comments/<uuid:comment_id>/<how>": lambda: post(
            f"/staff/federation/comments/{from_elsewhere['comment']}/refuse"
        ),
        "/staff/federation/reports/<uuid:report_id>/close": lambda: post(
            f"/staff/federation/reports/{from_elsewhere['report']}/close"
        ),
        "/staff/federation/deliveries/<uuid:delivery_id>/retry": lambda: post(
            f"/staff/federation/deliveries/{from_elsewhere['delivery']}/retry"
        ),
        "/staff/companies/<slug>/suspend": company,
        "/staff/projects/<slug>/<how>": suspend,
        **what_verification_does(client),
        "/staff/orders/<uuid:order_id>/refund": refund,
        "/staff/people/<uuid:user_id>/block": person("block"),
        "/staff/people/<uuid:user_id>/unblock": person("unblock", blocked_at=clock.now()),
        "/staff/people/<uuid:user_id>/take-away-second-factor": person(
            "take-away-second-factor", totp_secret="x", totp_confirmed_at=clock.now()
        ),
        "/staff/people/<uuid:user_id>/forget-proofs": person("forget-proofs"),
        "/staff/people/<uuid:user_id>/erase": person("erase"),
        "/staff/refunds/<uuid:failed_refund_id>/send": lambda: failed_refund("send"),
        "/staff/refunds/<uuid:failed_refund_id>/paid": lambda: failed_refund(
            "paid", reference="CRO 20261122"
        ),
        "/staff/outcomes/<uuid:outcome_id>": review,
        "/staff/recipients": mark,
        "/staff/recipients/<uuid:recipient_id>/end": end_recipient,
        "/staff/companies/<slug>/recover": recover,
        "/staff/projects/<slug>/route": route,
        "/staff/payouts/<uuid:payout_id>/approve": lambda: payout("approve"),
        "/staff/payouts/<uuid:payout_id>/refuse": lambda: payout("refuse"),
        "/staff/payouts/accounts/<uuid:account_id>/confirm": lambda: account("confirm"),
        "/staff/payouts/accounts/<uuid:account_id>/refuse": lambda: account("refuse"),
        "/staff/disputes/<dispute_id>/note": lambda: dispute("note"),
        "/staff/disputes/<dispute_id>/evidence": lambda: dispute("evidence"),
        "/staff/sponsors/<uuid:sponsor_id>/<how>": sponsor,
        "/staff/pools/refunds/<uuid:refund_id>/send": lambda: pool_refund("send"),
        "/staff/pools/refunds/<uuid:refund_id>/paid": lambda: pool_refund("paid"),
        "/staff/questions/<uuid:question_id>": settle,
        "/staff/translations/<uuid:translation_id>": translation,
        "/staff/pools/<slug>/end": lambda: post(f"/staff/pools/{pool.slug}/end"),
        "/staff/reconciliation/run": lambda: post("/staff/reconciliation/run"),
        "/staff/reconciliation/differences/<uuid:difference_id>/explain": explain,
        "/staff/jobs/<int:job_id>/retry": lambda: post(f"/staff/jobs/{fail('mail')}/retry"),
        "/staff/jobs/<int:job_id>/give-up": lambda: post(f"/staff/jobs/{fail('mail')}/give-up"),
    }


WITHOUT_REASON = {
    "/staff/concerns/<uuid:concern_id>",
    "/staff/federation/comments/<uuid:comment_id>/<how>",
    "/staff/federation/deliveries/<uuid:delivery_id>/retry",
    "/staff/reconciliation/run",
    "/staff/jobs/<int:job_id>/retry",
    "/staff/payouts/<uuid:payout_id>/approve",
    "/staff/projects/<slug>/route",
    "/staff/disputes/<dispute_id>/note",
    "/staff/disputes/<dispute_id>/evidence",
    "/staff/refunds/<uuid:failed_refund_id>/send",
    "/staff/pools/refunds/<uuid:refund_id>/send",
    "/staff/pools/refunds/<uuid:refund_id>/paid",
    "/staff/refunds/<uuid:failed_refund_id>/paid",
    "/staff/outcomes/<uuid:outcome_id>",
}
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
            mine = [one for one in entries[before:] if one.actor_id is not None]
            assert len(mine) == 1, rule
            assert rule in WITHOUT_REASON or REASON in mine[0].reason, rule
