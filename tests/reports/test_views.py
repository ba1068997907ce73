"""A report from its draft to the public: every form says the same, every figure opens."""

import csv
import io
import itertools
import json
import re
from datetime import timedelta

import pypdf
import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.companies.models import Company, CompanyState
from marketplace.core import clock
from marketplace.core.paging import encode_cursor
from marketplace.projects.models import Project
from marketplace.reports import queries
from marketplace.reports.models import ReportFile, Version
from marketplace.reports.rules import COUNTS, Figure, Figures, Part
from tests import factories
from tests.journeys.purchase import pay, place
from tests.reports.making import make_published, restate
from tests.statements import statements

PAGING = queries.list_entries.__kwdefaults__


def cents(text: str) -> int:
    whole, part = text.split(".")
    return int(whole + part)


def amounts_on(page: str) -> list[str]:
    rows = page.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return re.findall(r'<td class="num"><data class="money" value="([\d.-]+)"', rows)


def pdf_text(data: bytes) -> str:
    text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(data)).pages)
    return " ".join(text.split())


def attached_to(data: bytes) -> object:
    (name,) = (files := pypdf.PdfReader(io.BytesIO(data)).attachments)
    assert name.endswith(".json")
    return json.loads(files[name][0])


def kinds_in(node, found) -> None:
    """Gather the structure of a tagged document: which kinds of elements, with what words."""
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            kinds_in(one, found)
    elif hasattr(node, "get") and "/S" in node:
        found.append((str(node["/S"]), str(node.get("/Alt", ""))))
        if "/K" in node:
            kinds_in(node["/K"], found)


def form_of(title, revision=0, **said):
    """Return a form in which every part is shown."""
    shown = {f"shown_{part}": "1" for part in Part}
    return {"title": title, "revision": str(revision)} | shown | said


def figures_of(answer):
    return {
        (one["query"], one["by"], one["of"]): one["amount"] for one in answer.get_json()["figures"]
    }


def total(answer, figure):
    return figures_of(answer)[figure, "all", ""]


@pytest.fixture
def report(client, db, sign_in, shop, provider):
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
    words = form_of("What we gave", text_opening="#panic(1) *Thank* you", what="publish")
    assert client.post(desk, data=words).status_code == 422
    words = words | {"revision": "1", "text_badly": "Two parcels were late."}
    answer = client.post(desk, data=words)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


class TestReport:
    def test_says_the_same_in_every_form(self, client, report):
        page = client.get(report).text
        told = figures_of(client.get(f"{report}.json"))
        assert told["sales", "all", ""] == 3660
        assert told["given", "all", ""] == 240
        assert told["top_up", "all", ""] == 200
        for by in ("project", "month", "goal", "country", "product"):
            assert (
                sum(v for (what, how, _), v in told.items() if (what, how) == ("given", by)) == 240
            )
        assert "€36.60" in page
        assert "€2.40" in page
        rows = list(csv.reader(io.StringIO(client.get(f"{report}.csv").text)))
        assert ["sales", "2", "all", "", "", "36.60", "EUR"] in rows
        assert ["given", "2", "all", "", "", "2.40", "EUR"] in rows
        assert ["pieces", "2", "all", "", "", "1", ""] in rows
        answer = client.get(f"{report}.pdf")
        text = pdf_text(answer.data)
        assert "€36.60" in text
        assert "€2.40" in text
        assert "#panic(1) Thank you" in text
        assert client.get(f"{report}.json").get_json() == attached_to(answer.data)
        assert client.get(f"{report}.pdf").data == answer.data

    def test_on_paper_stands_letters_that_our_fonts_do_not_have(self, client, report, db):
        db.execute(sa.update(Project).values(title="希望 مدرسة 😀"))
        db.expire_all()
        answer = client.get(f"{report}.pdf")
        assert answer.status_code == 200
        assert "€2.40" in pdf_text(answer.data)

    def test_on_paper_is_tagged_for_those_who_do_not_see_it(self, client, report):
        document = pypdf.PdfReader(io.BytesIO(client.get(f"/fr{report}.pdf").data))
        root = document.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"] == True  # noqa: E712
        assert str(root["/Lang"]).startswith("fr")
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert document.metadata.title == "What we gave"
        told = root["/Metadata"].get_data().decode()
        assert re.search(r"pdfuaid:part(>|=\")1", told)
        assert re.search(r"pdfaid:part(>|=\")3", told)
        found = []
        kinds_in(root["/StructTreeRoot"]["/K"], found)
        kinds = {kind for kind, _alt in found}
        assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/Figure"} <= kinds
        assert all(alt for kind, alt in found if kind == "/Figure")

    def test_on_paper_is_made_for_archives(self, client, report):
        """What PDF/A-3a and PDF/UA-1 ask for and a program can see without a checker."""
        document = pypdf.PdfReader(io.BytesIO(client.get(f"{report}.pdf").data))
        root = document.trailer["/Root"]
        told = root["/Metadata"].get_data().decode()
        assert re.search(r"pdfaid:conformance(>|=\")A", told)
        assert not document.is_encrypted
        assert root["/OutputIntents"][0]["/DestOutputProfile"] is not None
        (attached,) = root["/AF"]
        attached = attached.get_object()
        assert attached["/AFRelationship"] == "/Data"
        assert str(attached["/EF"]["/F"]["/Subtype"]) == "/application/json"
        found = []
        kinds_in(root["/StructTreeRoot"]["/K"], found)
        levels = [int(kind[2:]) for kind, _alt in found if re.fullmatch(r"/H[1-6]", kind)]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        for page in document.pages:
            assert page["/Tabs"] == "/S"
            for font in page["/Resources"]["/Font"].values():
                (own,) = font.get_object()["/DescendantFonts"]
                assert {"/FontFile2", "/FontFile3"} & set(own.get_object()["/FontDescriptor"])

    @pytest.mark.parametrize("figure", list(Figure))
    def test_opens_each_figure_down_to_entries_that_add_up(self, client, db, report, figure):
        asked = Figure.SALES if figure is Figure.ORDERS else figure
        told = Figures.from_json(db.query(Version).one().figures)[asked]
        page = client.get(f"{report}/entries?figure={figure}").text
        lines = list(
            csv.DictReader(io.StringIO(client.get(f"{report}/entries.csv?figure={figure}").text))
        )
        if asked in COUNTS:
            assert sum(int(line["amount"]) for line in lines) == told == 1
            assert {line["currency"] for line in lines} == {""}
            return
        rows = amounts_on(page)
        assert sum(cents(one) for one in rows) == told
        assert sum(cents(line["amount"]) for line in lines) == told
        assert len(lines) == len(rows)
        assert {line["currency"] for line in lines} <= {"EUR"}
        foot = re.search(r'<tfoot>.*?value="([\d.-]+)"', page).group(1)
        assert cents(foot) == told

    def test_opens_each_group_of_each_figure(self, client, report):
        figures = client.get(f"{report}.json").get_json()["figures"]
        for one in figures:
            if one["query"] == "orders":
                continue
            address = (
                one["entries"].replace("http://localhost", "").replace("/entries", "/entries.csv")
            )
            lines = csv.DictReader(io.StringIO(client.get(address).text))
            read = int if one["unit"] == "pieces" else cents
            assert sum(read(line["amount"]) for line in lines) == one["amount"], one
        springs = next(one for one in figures if one["by"] == "project")
        page = client.get(springs["entries"].replace("http://localhost", "")).text
        assert springs["label"] in page

    @pytest.mark.parametrize(
        "query",
        [
            "figure=x&month=y&after=z",
            f"after={encode_cursor([10**40, 1])}",
            f"after={encode_cursor(['a', None])}",
            f"after={encode_cursor([-5, 1])}",
        ],
    )
    def test_takes_what_is_no_figure_or_place_for_the_first(self, client, report, query):
        first = client.get(f"{report}/entries?figure=given").text
        assert cents(re.search(r'<tfoot>.*?value="([\d.-]+)"', first).group(1)) == 240
        answer = client.get(f"{report}/entries?{query}")
        assert answer.status_code == 200
        assert "First page" not in answer.text

    def test_pages_through_its_entries_by_key(self, client, report, engine, monkeypatch):
        monkeypatch.setattr(queries.list_entries, "__kwdefaults__", {**PAGING, "limit": 2})
        address, seen = f"{report}/entries?figure=given", []
        while address:
            with statements(engine) as asked:
                page = client.get(address).text
            assert len(asked) <= 8
            seen += amounts_on(page)
            onwards = re.search(r'href="([^"]+)" rel="next"', page)
            address = onwards and onwards.group(1).replace("&amp;", "&")
        assert len(seen) == 3
        assert sum(cents(one) for one in seen) == 240

    def test_says_net_sales_beside_gross(self, client, report):
        answer = client.get(f"{report}.json")
        assert (total(answer, "sales"), total(answer, "net_sales")) == (3660, 3000)
        assert total(answer, "vat") == 660
        assert "€30.00" in client.get(report).text

    def test_says_up_to_which_entry_of_the_ledger_it_goes(self, client, db, report):
        last = db.query(Version).one().last_transaction_id
        assert last == db.scalar(sa.text("select max(id) from ledger_transaction"))
        assert f"up to entry {last} of the ledger" in client.get(report).text
        assert client.get(f"{report}.json").get_json()["last_transaction"] == last
        assert f"up to entry {last}" in pdf_text(client.get(f"{report}.pdf").data)

    def test_of_a_suspended_company_stays_readable_and_says_so(self, client, db, report):
        slug = report.split("/")[2]
        company = db.query(Company).filter_by(slug=slug).one()
        company.state = CompanyState.SUSPENDED
        db.commit()
        page = client.get(report).text
        assert "This company is suspended" in page
        assert f'href="/companies/{slug}"' in page
        assert client.get(f"/companies/{slug}").status_code == 200
        assert client.get(f"{report}/entries").status_code == 200
        assert "This company is suspended" in pdf_text(client.get(f"{report}.pdf").data)
        assert client.get(f"{report}.json").get_json()["is_company_suspended"] is True
        assert client.get(f"/api/v1{report}").json["is_company_suspended"] is True
        assert len(client.get(f"/api/v1/companies/{slug}/reports").json["items"]) == 1

    def test_is_not_begun_or_published_by_a_suspended_company(self, client, db, report):
        slug = report.split("/")[2]
        desk = f"/company/{slug}/reports"
        day = (clock.now() - timedelta(days=2)).date().isoformat()
        draft = {"title": "Mine", "starts_on": day, "ends_on": day}
        begun = client.post(desk, data=draft).headers["Location"]
        db.query(Company).filter_by(slug=slug).one().state = CompanyState.SUSPENDED
        db.commit()
        assert "Only a verified company" in client.get(desk).text
        assert client.post(desk, data=draft | {"title": "Another"}).status_code == 409
        assert "Only a verified company" in client.get(begun).text
        words = form_of("Mine", text_badly="x", what="publish")
        assert client.post(begun, data=words).status_code == 409
        assert client.get(f"/companies/{slug}/reports/mine").status_code == 404

    def test_is_saved_as_a_draft_that_only_its_company_sees(self, client, sign_in, shop):
        weaver, roaster = shop["companies"]
        member = factories.make_user()
        factories.make_member(weaver, member)
        factories.make_member(roaster, member)
        sign_in(client, member)
        day = (clock.now() - timedelta(days=2)).date().isoformat()
        desk = f"/company/{weaver.slug}/reports"
        draft = {"title": "Mine", "starts_on": day, "ends_on": day}
        where = client.post(desk, data=draft).headers["Location"]
        assert client.post(desk, data=draft).status_code == 422
        saved = client.post(where, data=form_of("Ours", text_opening="So *far*"))
        assert saved.headers["Location"] == where
        assert "So *far*" in client.get(where).text
        assert "So <em>far</em>" in client.get(f"{where}/preview").text
        lost = client.post(where, data=form_of("Ours", text_opening="Other"))
        assert lost.status_code == 422
        assert "Somebody else changed this draft" in lost.text
        assert "Other" in lost.text
        assert client.post(where, data=form_of("", revision=1)).status_code == 422
        for form in ("", ".json", ".csv", ".pdf", "/entries", "/entries.csv"):
            address = f"/companies/{weaver.slug}/reports/mine{form}"
            assert client.get(address).status_code == 404
        assert client.get(f"/company/{roaster.slug}/reports/mine").status_code == 404

    def test_tells_nothing_of_days_to_come(self, client, sign_in, shop):
        weaver = shop["companies"][0]
        member = factories.make_user()
        factories.make_member(weaver, member)
        sign_in(client, member)
        day = (clock.now() + timedelta(days=2)).date().isoformat()
        answer = client.post(
            f"/company/{weaver.slug}/reports",
            data={"title": "Mine", "starts_on": day, "ends_on": day},
        )
        assert answer.status_code == 422
        assert "has not come yet" in answer.text

    @pytest.mark.parametrize("day", ["0001-12-06", "0026-06-01", "1999-12-31"])
    def test_asks_whether_the_year_is_right(self, client, sign_in, shop, day):
        weaver = shop["companies"][0]
        member = factories.make_user()
        factories.make_member(weaver, member)
        sign_in(client, member)
        answer = client.post(
            f"/company/{weaver.slug}/reports",
            data={"title": "Mine", "starts_on": day, "ends_on": "2026-01-31"},
        )
        assert answer.status_code == 422
        assert "Is the year right?" in answer.text
        assert f'value="{day}"' in answer.text

    def test_stays_as_it_was_published(self, client, db, report):
        slug, name = re.search(r"/companies/([^/]+)/reports/([^/?]+)", report).groups()
        assert "The book says the same" in client.get(f"/company/{slug}/reports/{name}").text
        answer = client.post(
            f"/company/{slug}/reports/{name}",
            data=form_of("Other", revision=2, text_badly="x", what="publish"),
        )
        assert answer.status_code == 409
        assert db.query(Version).one().title == "What we gave"

    def test_is_not_for_others_to_draft(self, client, sign_in, shop):
        sign_in(client, factories.make_user())
        slug = shop["companies"][0].slug
        assert client.get(f"/company/{slug}/reports").status_code == 404

    def test_is_signed_by_an_owner(self, client, sign_in, shop):
        weaver = shop["companies"][0]
        editor = factories.make_user()
        factories.make_member(weaver, editor, role="editor")
        sign_in(client, editor)
        day = (clock.now() - timedelta(days=2)).date().isoformat()
        where = client.post(
            f"/company/{weaver.slug}/reports",
            data={"title": "Mine", "starts_on": day, "ends_on": day},
        ).headers["Location"]
        answer = client.post(where, data=form_of("Mine", text_badly="x", what="publish"))
        assert answer.status_code == 403

    def test_refuses_a_period_that_is_none(self, client, sign_in, shop):
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


class TestIndex:
    def test_says_where_standards_find_their_points_and_what_is_not_reported(self, client, report):
        page = client.get(report).text
        index = page.split('id="standards"')[1].split('id="questions"')[0]
        told = re.search(r"<tr><th scope=\"row\">201-1</th>.*?</tr>", index).group()
        assert 'href="#selling"' in told
        assert 'href="#giving"' in told
        for anchor in set(re.findall(r'href="#([\w-]+)"', index)):
            assert f'id="{anchor}"' in page
        missing = re.search(r"<tr><th scope=\"row\">B3</th>.*?</tr>", index).group()
        assert "not reported" in missing
        kept = {one["id"]: one for one in client.get(f"{report}.json").get_json()["standards"]}
        assert set(kept) == {"vsme", "esrs-s3", "gri", "b4si"}
        points = {one["code"]: one for one in kept["b4si"]["points"]}
        assert points["Inputs: cash"]["places"] == ["giving"]
        assert points["Inputs: time"] == {
            "code": "Inputs: time",
            "label": "Hours of our people",
            "is_reported": False,
            "places": [],
        }
        assert "not reported" in pdf_text(client.get(f"{report}.pdf").data)

    def test_follows_what_the_company_tells(self, client, db):
        company = factories.make_company(slug="arbosca")
        make_published(company, **{Part.TIME: "Thirty hours.", Part.OPENING: "Thank you."})
        db.commit()
        address = "/companies/arbosca/reports/what-we-gave"
        page = client.get(address).text
        assert "Thirty hours." in page
        assert "the ledger does not know it" in page
        assert "What running it cost us" not in page.split('id="standards"')[0]
        told = client.get(f"{address}.json").get_json()
        points = {one["code"]: one for one in told["standards"][3]["points"]}
        assert points["Inputs: time"]["places"] == ["time"]
        assert not points["Inputs: management"]["is_reported"]
        vsme = {one["code"]: one["places"] for one in told["standards"][0]["points"]}
        assert vsme["C1"] == ["opening", "selling"]
        gri = {one["code"]: one["places"] for one in told["standards"][2]["points"]}
        assert gri["2-4"] == []


def upload(client, data, name="copy.pdf"):
    return client.post("/verify/report", data={"file": (io.BytesIO(data), name)}, token=False)


class TestVerify:
    def test_knows_each_pdf_that_was_handed_out(self, client, db, report):
        for language, written in (("", "English"), ("/fr", "français")):
            data = client.get(f"{language}{report}.pdf").data
            told = upload(client, data).text
            assert "Everything holds" in told
            assert "Byte for byte" in told
            assert written in told
            assert "It is the newest version" in told
        client.get(f"{report}.pdf")
        assert db.query(ReportFile).count() == 2

    def test_refuses_one_that_was_changed(self, client, report):
        data = client.get(f"{report}.pdf").data
        told = upload(client, data[:-30] + b"x" + data[-29:])
        assert told.status_code == 200
        assert "We have not made this file" in told.text
        assert "Everything holds" not in told.text

    def test_says_that_a_copy_was_restated(self, client, db, report):
        data = client.get(f"{report}.pdf").data
        version = db.query(Version).one()
        restate(version, db.get(User, version.published_by_id))
        assert "version 2 is the newest" in upload(client, data).text

    def test_checks_the_signature_of_the_json(self, client, report):
        data = client.get(f"{report}.json").data
        assert "Word for word what we published" in upload(client, data, "a.json").text
        attached = json.dumps(attached_to(client.get(f"{report}.pdf").data)).encode()
        assert "Word for word what we published" in upload(client, attached, "a.json").text
        changed = json.loads(data) | {"title": "Other"}
        told = upload(client, json.dumps(changed).encode()).text
        assert "not what we signed" in told
        for line in ("", "x", "— a YQ==", "— localhost " + "QUJD" * 17):
            changed = json.loads(data)
            changed["signature"]["signed"] = line
            assert "not what we signed" in upload(client, json.dumps(changed).encode()).text

    @pytest.mark.parametrize(
        "data", [b"", b"{}", b"[]", b"x", b'{"signature": 1, "url": 2}', b"[" * 90_000, b"\xff{"]
    )
    def test_refuses_what_is_no_report(self, client, data):
        assert upload(client, data).status_code == 422

    def test_stands_without_anything(self, client):
        assert client.get("/verify/report").status_code == 200
        assert client.post("/verify/report", data={"file": "x"}, token=False).status_code == 422
