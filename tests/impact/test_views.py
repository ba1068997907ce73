"""Pages of impact: of everything, of a cause, a goal, a place."""

from decimal import Decimal

import pytest

from marketplace.impact import views
from marketplace.outcomes import service as outcomes
from marketplace.outcomes.rules import IndicatorKind
from marketplace.outcomes.service import IndicatorWish, Proof, Value
from marketplace.projects import service as projects
from marketplace.reconciliation.queries import Hold
from tests import factories
from tests.factories import NOW
from tests.statements import statements


@pytest.fixture
def told(db, world):
    """Let a project tell and measure something; return the addresses of the pages."""
    author = factories.make_user(name="Achieng")
    projects.post_update(project=world["wells"], author=author, title="Runs", body="x", now=NOW)
    projects.post_update(project=world["books"], author=author, title="Read", body="x", now=NOW)
    wish = IndicatorWish("Homes", "households", IndicatorKind.ADDS, "", target=Decimal(9))
    indicator = outcomes.set_indicator(project=world["wells"], indicator=None, wish=wish, now=NOW)
    made = outcomes.draft(
        indicator=indicator,
        author=author,
        value=Value(Decimal(1234), NOW.date(), "Counted", ""),
        proofs=[Proof("A list", url="https://example.org/list")],
        corrects=None,
        now=NOW,
    )
    outcomes.publish(outcome=made, now=NOW)
    db.commit()
    return world


def addresses(world):
    return (
        "/impact",
        f"/impact/causes/{world['water'].slug}",
        "/impact/goals/6",
        "/impact/places/KE",
    )


class TestPages:
    def test_show_sums_projects_updates_and_a_chart(self, client, told):
        for address, given in zip(
            addresses(told), ("€10.00", "€8.00", "€8.00", "€7.00"), strict=True
        ):
            page = client.get(address)
            assert page.status_code == 200
            assert given in page.text
            assert told["wells"].title in page.text
            assert "Runs" in page.text
            assert "<svg" in page.text
            assert told["hidden"].title not in page.text.replace(told["wells"].title, "")

    def test_cost_few_statements(self, client, told, engine):
        for address in addresses(told):
            with statements(engine) as seen:
                client.get(address)
            assert len(seen) <= 8, (address, len(seen))

    def test_narrow_what_they_show(self, client, told):
        page = client.get(f"/impact/causes/{told['school'].slug}").text
        assert "Read" in page
        assert "Runs" not in page

    def test_tell_what_was_measured(self, client, told):
        assert "<b>1,234 households</b>" in client.get("/impact/goals/3").text
        assert "households" not in client.get("/impact/goals/4").text

    def test_say_so_where_nothing_was_given(self, client, told):
        assert "Nothing was given here yet." in client.get("/impact/goals/17").text

    @pytest.mark.parametrize(
        "address",
        ["/impact/causes/none", "/impact/goals/0", "/impact/goals/18", "/impact/places/FR"],
    )
    def test_are_not_there_for_what_is_not(self, client, told, address):
        assert client.get(address).status_code == 404

    def test_publish_no_sums_while_a_difference_is_looked_into(self, client, told, monkeypatch):
        monkeypatch.setattr(views.published, "hold", lambda: Hold(since=NOW))
        page = client.get("/impact/goals/6").text
        assert "no sums over several projects" in page
        assert "€8.00" not in page
        assert 'class="chart"' not in page

    @pytest.mark.parametrize(("language", "word"), [("fr", "Eau"), ("it", "Acqua")])
    def test_speak_the_languages(self, client, told, language, word):
        page = client.get(f"/{language}/impact/goals/6").text
        assert "Clean water" not in page
        assert word.lower() in page.lower()

    def test_are_linked_from_the_foot_and_from_projects(self, client, told):
        assert 'href="/impact"' in client.get("/").text
        assert 'href="/impact/goals/6"' in client.get(f"/projects/{told['wells'].slug}").text
