"""A report is published, goods come back later, and the second version says what differs."""

import re
from datetime import timedelta

from marketplace.core import clock
from marketplace.reports import jobs as reports
from tests import factories
from tests.journeys.purchase import pay, place
from tests.reports.test_queries import give_all_back
from tests.reports.test_views import figures_of, form_of, pdf_text, total


class TestAReport:
    def test_is_restated_when_goods_come_back_and_its_first_version_stays(
        self,
        client,
        db,
        sign_in,
        shop,
        provider,
    ):
        order = pay(place(shop), provider)
        weaver = shop["companies"][0]
        owner = factories.make_user()
        factories.make_member(weaver, owner)
        sign_in(client, owner)

        # Published.
        today = clock.now().date()
        days = {"starts_on": f"{today - timedelta(days=30)}", "ends_on": f"{today}"}
        said = {"title": "What we gave"} | days
        desk = client.post(f"/company/{weaver.slug}/reports", data=said).headers["Location"]
        words = form_of("What we gave", text_badly="Two parcels were late.", what="publish")
        report = client.post(desk, data=words).headers["Location"]
        first = client.get(f"{report}.json")
        assert (total(first, "given"), total(first, "returned")) == (240, 0)
        assert "This version was restated" not in client.get(report).text

        # Goods come back: the report says so, and changes nothing.
        give_all_back(order)
        reports.look_at_reports()
        page = client.get(report).text
        assert "The book says otherwise by now" in page
        assert figures_of(client.get(f"{report}.json")) == figures_of(first)
        assert "The book says otherwise by now" in client.get(desk).text

        # Restated.
        assert client.post(f"{desk}/restate").status_code == 303
        assert figures_of(client.get(f"{report}.json")) == figures_of(first)
        again = {"text_badly": "Two parcels were late.", "reason": "The towels came back."}
        answer = client.post(desk, data=form_of("What we gave", what="publish", **again))
        assert answer.headers["Location"] == report

        # The newest version says what was, what is, and why.
        page = client.get(report).text
        assert "The towels came back." in page
        row = re.search(r"<tr><th scope=\"row\">Given to projects</th>.*?</tr>", page).group()
        assert re.findall(r"[+\-−]?€[\d.]+", row.replace("-€", "−€")) == [
            "€2.40",
            "€0.00",
            "−€2.40",
        ]
        second = client.get(f"{report}.json")
        assert (second.json["version"], total(second, "given")) == (2, 0)
        assert total(second, "returned") == 3660

        # The old link opens the first version as it was, marked.
        old = client.get(f"{report}/versions/1")
        assert old.status_code == 200
        assert "This version was restated" in old.text
        assert f'href="{report}"' in old.text
        kept = client.get(f"{report}/versions/1.json")
        assert figures_of(kept) == figures_of(first)
        assert "version 2 is the newest" in pdf_text(client.get(f"{report}/versions/1.pdf").data)
        told = client.get(f"{report}/versions/1/entries?figure=given").text
        assert "€2.40" in told
        assert "€0.00" in client.get(f"{report}/entries?figure=given").text
