"""Pools as people meet them: the public, a shopper, the company, the operator."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.campaigns.models import Pool
from marketplace.campaigns.rules import PoolState, Scope
from marketplace.core import clock
from marketplace.core.db import session
from tests import factories
from tests.campaigns.pools import earn, fund, make_pool, seen
from tests.checkout.shopper import Shopper
from tests.statements import statements


def today(days=0):
    return (clock.now() + timedelta(days=days)).date().isoformat()


@pytest.fixture
def shopper(client, here):
    """Return a shopper with a towel in the basket (36.60, of it 2.40 given) and an address."""
    shopper = Shopper(client)
    shopper.post("/basket", variant_id=str(here.towels.id), quantity=1)
    shopper.says_address()
    return shopper


@pytest.fixture
def owner(sponsor):
    """Return an owner of the sponsor."""
    user = factories.make_user()
    factories.make_member(sponsor, user)
    return user


class TestASponsor:
    def said(self, **changes):
        return {
            "title": "Doubled for water",
            "about": "We like springs.",
            "ratio": "100",
            "cap": "5",
            "guarantee": "",
            "scope": "all",
            "cause": "",
            "projects": "",
            "starts_on": today(),
            "ends_on": today(30),
        } | changes

    def test_opens_a_pool_pays_it_in_and_sees_its_use(self, client, sign_in, here, sponsor, owner):
        sign_in(client, owner)
        assert "No pool yet" in client.get("/company/rivalta/pools").text
        made = client.post("/company/rivalta/pools/new", data=self.said())
        assert made.headers["Location"].endswith("/company/rivalta/pools/doubled-for-water")
        assert client.get("/pools/doubled-for-water").status_code == 404
        earn(sponsor, 10_000)
        paid = client.post(
            "/company/rivalta/pools/doubled-for-water/fund",
            data={"amount": "60.00", "seen_budget_minor": "0"},
        )
        assert paid.status_code == 303
        here.buy()
        page = client.get("/company/rivalta/pools/doubled-for-water").text
        assert "€40.00" in page  # still available
        assert "€56.28" in page  # left
        assert "It added to 1 order so far." in page
        assert client.get("/pools/doubled-for-water").status_code == 200

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"ratio": "lots"}, "Write a percentage"),
            ({"ratio": "1001"}, "Write a percentage"),
            ({"ratio": "0"}, "Write a percentage"),
            ({"cap": "-1"}, "Write an amount such as"),
            ({"cap": "9" * 19}, "Write an amount such as"),
            ({"guarantee": "x"}, "Write an amount such as"),
            ({"guarantee": "10"}, "A guarantee names its projects"),
            ({"ends_on": today(-1)}, "still to come"),
            ({"ends_on": "0001-01-01"}, "Write the day like"),
            ({"ends_on": "9999-12-31"}, "Write the day like"),
            ({"starts_on": "soon"}, "Write the day like"),
            ({"scope": "moon"}, "Choose one of these"),
            ({"scope": "cause", "cause": "nothing"}, "Choose one of these"),
            ({"scope": "projects", "projects": "http://x/projects/none"}, "takes money now: none"),
            ({"title": ""}, "Give it a name"),
            ({"title": "   "}, "Give it a name"),
            ({"surprise": "1"}, ""),
        ],
    )
    def test_is_told_what_cannot_be_and_loses_nothing(self, client, sign_in, owner, wrong, words):
        sign_in(client, owner)
        answer = client.post("/company/rivalta/pools/new", data=self.said(**wrong))
        assert answer.status_code == 422
        assert words in answer.text
        assert "We like springs." in answer.text
        assert session.scalar(sa.select(sa.func.count()).select_from(Pool)) == 0

    def test_names_projects_by_their_addresses(self, client, sign_in, here, owner):
        sign_in(client, owner)
        names = "\n".join(f"http://localhost/projects/{one.slug}/" for one in here.projects[:2])
        client.post(
            "/company/rivalta/pools/new",
            data=self.said(scope="projects", projects=names, guarantee="20", with_gifts="1"),
        )
        pool = session.scalars(sa.select(Pool)).one()
        assert (pool.scope, pool.guarantee_minor, pool.with_gifts) == (Scope.PROJECTS, 2_000, True)
        page = client.get(f"/company/rivalta/pools/{pool.slug}").text
        assert here.projects[0].title in page
        assert here.projects[2].title not in page

    def test_is_told_why_money_cannot_be_paid_in(self, client, sign_in, sponsor, owner):
        sign_in(client, owner)
        pool = make_pool(sponsor, 0)
        address = f"/company/rivalta/pools/{pool.slug}/fund"
        for amount, seen_budget in (("1.00", 0), ("x", 0), ("0", 0), ("1.00", 7), ("1.00", "y")):
            answer = client.post(address, data={"amount": amount, "seen_budget_minor": seen_budget})
            assert answer.status_code == 422
        assert seen(pool).state is PoolState.DRAFT

    def test_forgets_a_draft_and_ends_a_pool(self, client, sign_in, sponsor, owner):
        sign_in(client, owner)
        draft, pool = make_pool(sponsor, 0), make_pool(sponsor, 500)
        gone = client.post(f"/company/rivalta/pools/{draft.slug}/end")
        assert gone.status_code == 303
        address = f"/company/rivalta/pools/{pool.slug}/end"
        assert client.post(address, data={"reason": ""}).status_code == 422
        assert client.post(address, data={"reason": "Enough"}).status_code == 303
        assert client.post(address, data={"reason": "Enough"}).status_code == 422
        assert "Enough" in client.get(f"/pools/{pool.slug}").text

    def test_has_nothing_to_do_with_the_pools_of_others(self, client, sign_in, here, sponsor):
        pool = make_pool(sponsor, 500)
        other = factories.make_user()
        factories.make_member(here.companies[0], other)
        sign_in(client, other)
        mine = f"/company/{here.companies[0].slug}/pools/{pool.slug}"
        for address in (f"/company/rivalta/pools/{pool.slug}", mine):
            assert client.get(address).status_code == 404
            assert client.post(f"{address}/end", data={"reason": "x"}).status_code == 404
            data = {"amount": "1", "seen_budget_minor": "500"}
            assert client.post(f"{address}/fund", data=data).status_code == 404

    def test_lets_editors_look_only(self, client, sign_in, sponsor):
        editor = factories.make_user()
        factories.make_member(sponsor, editor, role="editor")
        pool = make_pool(sponsor, 500)
        sign_in(client, editor)
        assert client.get(f"/company/rivalta/pools/{pool.slug}").status_code == 200
        assert client.get("/company/rivalta/pools/new").status_code == 403
        assert (
            client.post(f"/company/rivalta/pools/{pool.slug}/end", data={"reason": "x"}).status_code
            == 403
        )


class TestEverybody:
    def test_sees_pools_with_what_is_left_of_them(self, client, here, sponsor, engine):
        slug = make_pool(sponsor, 5_000, cap_minor=250, with_gifts=True).slug
        here.buy()
        with statements(engine) as asked:
            page = client.get("/pools")
        assert len(asked) <= 8, asked
        assert "€47.50" in page.text
        with statements(engine) as asked:
            page = client.get(f"/pools/{slug}")
        assert len(asked) <= 8, asked
        assert "At most €2.50 for one order." in page.text
        assert "Paid in by the sponsor" in page.text
        assert "Added to a purchase" in page.text
        for language in ("fr", "it"):
            assert client.get(f"/{language}/pools/{slug}").status_code == 200

    def test_sees_how_each_pool_stands(self, client, here, sponsor, owner):
        now = clock.now()
        soon = make_pool(sponsor, 500, starts_at=now + timedelta(days=2))
        assert "This pool begins on" in client.get(f"/pools/{soon.slug}").text
        small = make_pool(
            sponsor,
            300,
            ratio_bp=5_000,
            scope=Scope.PROJECTS,
            projects=[here.projects[0].slug],
            guarantee_minor=10,
        )
        assert "adds 50%" in client.get(f"/pools/{small.slug}").text
        assert here.projects[0].title in client.get(f"/pools/{small.slug}").text
        used = make_pool(sponsor, 10, ends_at=now + timedelta(days=1))
        here.buy()
        assert "This pool is used up." in client.get(f"/pools/{used.slug}").text

    def test_turns_pages(self, client, here, sponsor, monkeypatch):
        from marketplace.campaigns.queries import entries, pools

        monkeypatch.setattr(pools, "PER_PAGE", 1)
        monkeypatch.setattr(entries, "PER_PAGE", 2)
        one, other = (make_pool(sponsor, 900) for _ in range(2))
        other_slug = other.slug
        first = client.get("/pools").text
        assert (one.title in first) != (other.title in first)
        following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
        assert (one.title in client.get(following).text) != (one.title in first)
        session.rollback()
        slug = one.slug
        here.buy()
        bought = [client.get(f"/pools/{name}").text for name in (slug, other_slug)]
        page = next(text for text in bought if 'rel="next"' in text)
        while 'rel="next"' in page:
            following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
            page = client.get(following).text
        assert "Paid in by the sponsor" in page
        for nonsense in ("x", "WzFd", "WyJ4IiwieSJd"):
            assert client.get(f"/pools?after={nonsense}").status_code == 200
            assert client.get(f"/pools/{slug}?after={nonsense}").status_code == 200

    def test_reads_the_claim_where_it_holds_and_nowhere_else(self, client, here, sponsor):
        project, product = here.projects[0], here.towels.product_id
        slug = session.scalar(sa.text("select slug from product where id = :id"), {"id": product})
        assert "Rivalta" not in client.get(f"/projects/{project.slug}").text
        assert "Rivalta" not in client.get(f"/products/{slug}").text
        make_pool(sponsor, 5_000)
        assert "Rivalta doubles what is routed here" in client.get(f"/projects/{project.slug}").text
        page = client.get(f"/products/{slug}").text
        assert "Rivalta doubles it: +" in page
        assert "€2.40" in page
        with_half = make_pool(
            sponsor, 5_000, ratio_bp=5_000, scope=Scope.PROJECTS, projects=[project.slug]
        )
        assert (
            "Rivalta adds 50% to what you send to certain projects"
            in client.get(f"/products/{slug}").text
        )
        assert with_half.slug in client.get(f"/projects/{project.slug}").text


class TestAShopper:
    def test_is_told_what_is_added_and_gets_it(self, shopper, here, sponsor, provider, engine):
        pool = make_pool(sponsor, 5_000)
        assert "Rivalta doubles it: +" in shopper.get("/basket").text
        springs, aurora = here.projects[:2]
        shopper.chooses({springs: "1.40", aurora: "1.00"})
        with statements(engine) as asked:
            page = shopper.get("/checkout/projects").text
        assert len(asked) <= 5, asked
        assert "Rivalta doubles it: +" in page
        with statements(engine) as asked:
            assert shopper.last_page()["seen_match_minor"] == "240"
        assert len(asked) <= 3, asked
        answer = shopper.places()
        token = provider.pay(answer.headers["Location"])
        assert token
        assert seen(pool).reserved_minor == 240

    def test_reads_who_matched_on_the_receipt(self, client, here, sponsor, run_jobs, engine):
        make_pool(sponsor, 5_000, with_gifts=True)
        order = here.buy(top_up=200)
        with statements(engine) as asked:
            page = client.get(f"/receipt/{order.token}").text
        assert len(asked) <= 8, asked
        assert "matched by Rivalta" in page
        assert "Matched by sponsors" in page
        assert "€5.72 was added by sponsors" in page
        assert "Added by a sponsor" in page
        told = client.get(f"/receipt/{order.token}.json").json
        lanes = told["projects"]
        assert sum(lane["matched_by_sponsors_minor"] for lane in lanes) == 572
        assert sum(lane["given_by_companies_minor"] for lane in lanes) == 372
        paid = sum(one["amount_minor"] for one in told["entries"] if one["is_purchase"])
        assert paid == order.total_minor
        assert "order_receipt_mail" in run_jobs()

    def test_is_told_where_what_was_kept_was_let_go(self, client, here, sponsor):
        from marketplace.checkout import service as checkout
        from marketplace.core.db import atomic

        make_pool(sponsor, 400)
        order = here.place()
        with atomic():
            checkout.let_lapse(order_id=order.id)
        here.buy()
        here.pay(order)
        assert "was let go before its payment came" in client.get(f"/receipt/{order.token}").text

    def test_sees_a_change_before_paying(self, shopper, here, sponsor, provider):
        make_pool(sponsor, 372)
        shopper.chooses({here.projects[0]: "2.40"})
        fields = shopper.last_page()
        here.buy()  # somebody else was faster
        answer = shopper.post("/checkout/payment", **fields)
        assert answer.status_code == 409
        assert "What sponsors add has changed" in answer.text
        assert "doubles it" not in answer.text
        assert shopper.places().status_code == 303

    def test_is_told_where_it_is_the_last_of_it_or_the_most(self, shopper, here, sponsor):
        make_pool(sponsor, 100)
        shopper.chooses({here.projects[0]: "2.40"})
        assert "That is all that is left of it." in shopper.get("/checkout/payment").text
        make_pool(sponsor, 900, cap_minor=50, ends_at=clock.now() + timedelta(days=1))
        assert "It adds no more to one order." in shopper.get("/checkout/payment").text


class TestTheOperator:
    def test_sees_all_pools_and_ends_one(self, client, sign_in, sponsor):
        sign_in(client, factories.make_user(is_operator=True))
        assert "No pool yet" in client.get("/staff/pools").text
        pool, draft = make_pool(sponsor, 500), make_pool(sponsor, 0)
        page = client.get("/staff/pools").text
        assert pool.title in page
        assert draft.title in page
        address = f"/staff/pools/{pool.slug}/end"
        assert client.post(address, data={"reason": " "}).status_code == 422
        assert client.post(address, data={"reason": "Fraud"}).status_code == 303
        assert seen(pool).ended_early_because == "Fraud"
        assert client.post(address, data={"reason": "Fraud"}).status_code == 422
        assert (
            client.post(f"/staff/pools/{draft.slug}/end", data={"reason": "x"}).status_code == 404
        )

    def test_reads_of_pools_in_the_book(self, client, sign_in, sponsor):
        sign_in(client, factories.make_user(is_operator=True))
        pool = make_pool(sponsor, 500)
        assert pool.title in client.get(f"/staff/ledger?owner={pool.slug}").text


class TestPrograms:
    def test_are_told_what_sponsors_added(self, client, here, sponsor):
        make_pool(sponsor, 5_000)
        here.buy(top_up=200)
        told = client.get("/api/v1/impact").json
        assert (told["matched_minor"], told["by_companies_minor"]) == (372, 372)
        assert told["own_gifts_minor"] == 200
        assert told["given_minor"] == 944


def test_a_pool_is_paid_in_again_from_the_desk(client, sign_in, sponsor, owner):
    pool = make_pool(sponsor, 300)
    earn(sponsor, 100)
    fund(pool, 100, by=owner)
    sign_in(client, owner)
    assert "€4.00" in client.get(f"/company/rivalta/pools/{pool.slug}").text


class TestWithoutAnyPool:
    def test_a_checkout_asks_nothing_about_pools(self, shopper, here, engine):
        shopper.chooses({here.projects[0]: "2.40"})
        with statements(engine) as asked:
            for page in ("/basket", "/checkout/projects", "/checkout/payment"):
                assert shopper.get(page).status_code == 200
            fields = shopper.last_page()
            shopper.post("/checkout/payment", **fields)
        assert [one for one in asked if "FROM matching_pool JOIN" in one] == []
        assert [one for one in asked if "match_reservation" in one] == []
