"""A report from its draft to the public: every form says the same, every figure opens."""

import csv
import io
import re
from datetime import timedelta

import pypdf
import pytest

from marketplace.core import clock
from marketplace.reports.models import Report
from tests import factories
from tests.journeys.test_purchase import pay, place, shop  # noqa: F401  # a fixture


@pytest.fixture
def report(client, db, sign_in, shop, provider):  # noqa: F811
    """Return the address of a published report over one order with a refund of nothing."""
    pay(place(shop), provider)
    weaver = shop["companies"][0]
    member = factories.make_user()
    factories.make_member(weaver, member)
    sign_in(client, member)
    today = clock.now().date()
    answer = client.post(
        f"/company/{weaver.slug}/reports",
        data={
            "title": "What we gave",
            "starts_on": (today - timedelta(days=30)).isoformat(),
            "ends_on": today.isoformat(),
        },
    )
    assert answer.status_code == 303, answer.text
    desk = answer.headers["Location"]
    words = {"title": "What we gave", "message": "#panic(1) *Thank* you", "what": "publish"}
    assert client.post(desk, data=words).status_code == 422
    answer = client.post(desk, data=words | {"done_badly": "Two parcels were late."})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


class TestReport:
    def test_says_the_same_in_every_form(self, client, report):
        page = client.get(report).text
        told = client.get(f"{report}.json").get_json()
        assert told["figures"]["sales_minor"] == 3660
        assert told["figures"]["given_minor"] == 240
        assert told["figures"]["top_up_minor"] == 200
        assert sum(one["amount_minor"] for one in told["figures"]["projects"]) == 240
        assert "€36.60" in page
        assert "€2.40" in page
        rows = list(csv.reader(io.StringIO(client.get(f"{report}.csv").text)))
        assert ["sales", "", "36.60", "EUR"] in rows
        assert ["given", "", "2.40", "EUR"] in rows
        answer = client.get(f"{report}.pdf")
        text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
        assert "€36.60" in text
        assert "€2.40" in text
        assert "#panic(1)" in text
        assert client.get(f"{report}.pdf").data == answer.data

    def test_opens_each_figure_down_to_entries_that_add_up(self, client, report):
        for figure, total in (("sales", 3660), ("given", 240), ("top_up", 200), ("returned", 0)):
            page = client.get(f"{report}/entries?figure={figure}").text
            amounts = re.findall(r'<td class="num"><data class="money" value="([\d.-]+)"', page)
            assert sum(round(float(one) * 100) for one in amounts) == total, figure
        assert client.get(f"{report}/entries?figure=x&month=y&after=z").status_code == 200

    def test_stays_as_it_was_published(self, client, db, report):
        slug, name = re.search(r"/companies/([^/]+)/reports/([^/?]+)", report).groups()
        assert client.get(f"/company/{slug}/reports/{name}").status_code == 303
        answer = client.post(
            f"/company/{slug}/reports/{name}",
            data={"title": "Other", "done_badly": "x", "what": "publish"},
        )
        assert answer.status_code == 409
        assert db.query(Report).one().title == "What we gave"

    def test_is_not_for_others_to_draft(self, client, sign_in, shop):  # noqa: F811
        sign_in(client, factories.make_user())
        slug = shop["companies"][0].slug
        assert client.get(f"/company/{slug}/reports").status_code == 404

    def test_is_signed_by_an_owner(self, client, sign_in, shop):  # noqa: F811
        weaver = shop["companies"][0]
        editor = factories.make_user()
        factories.make_member(weaver, editor, role="editor")
        sign_in(client, editor)
        day = (clock.now() - timedelta(days=2)).date().isoformat()
        where = client.post(
            f"/company/{weaver.slug}/reports",
            data={"title": "Mine", "starts_on": day, "ends_on": day},
        ).headers["Location"]
        answer = client.post(where, data={"title": "Mine", "done_badly": "x", "what": "publish"})
        assert answer.status_code == 403

    def test_refuses_a_period_that_is_none(self, client, sign_in, shop):  # noqa: F811
        weaver = shop["companies"][0]
        member = factories.make_user()
        factories.make_member(weaver, member)
        sign_in(client, member)
        answer = client.post(
            f"/company/{weaver.slug}/reports",
            data={"title": "Mine", "starts_on": "2026-02-01", "ends_on": "2026-01-01"},
        )
        assert answer.status_code == 422
        assert "Mine" in answer.text
