"""Letters as they leave the house: over a real mail server, with a button that ends them."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask.testing import FlaskClient

from marketplace.core import clock, mail
from marketplace.following import jobs, queries
from marketplace.following import service as following
from marketplace.following.rules import Frequency, Kind
from marketplace.projects import service
from tests import factories


@pytest.fixture
def followed(db):
    """Return a project with a follower who reads French."""
    project = factories.make_project(title="Sources de la crête de Riwa")
    reader = factories.make_user(email="reader@example.org", name="Zoé", locale="fr")
    following.follow(kind=Kind.PROJECT, thing_id=project.id, user_id=reader.id, now=factories.NOW)
    return project


@pytest.fixture
def letter(followed, over_smtp, run_jobs):
    """Return the letter about an update, as the server got it."""
    author = factories.make_user()
    factories.make_owner(followed, author)
    service.post_update(
        project=followed,
        author=author,
        title="L’eau coule <enfin>",
        body="Il *pleut* & l’eau coule.",
        now=factories.NOW,
    )
    run_jobs()
    assert len(over_smtp.letters) == 1
    return over_smtp.letters[0]


class TestLetterOfAProject:
    def test_says_how_to_end_it_on_one_line(self, letter):
        heads = letter.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
        one = [line for line in heads if line.startswith("List-Unsubscribe: ")]
        assert len(one) == 1
        assert one[0].startswith("List-Unsubscribe: <http://localhost/fr/unfollow/")
        assert one[0].endswith(">")
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in heads
        assert "List-Id: <news.localhost>" in heads

    def test_ends_with_one_post_without_cookie_or_page(self, app, db, followed, letter):
        read = message_from_bytes(letter, policy=policy.default)
        address = str(read["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost")
        machine = FlaskClient(app, use_cookies=False)
        answer = machine.post(address, data={"List-Unsubscribe": "One-Click"})
        again = machine.post(address, data={"List-Unsubscribe": "One-Click"})
        forged = machine.post(address + "x", data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, again.status_code, forged.status_code) == (200, 200, 404)
        news = queries.list_news().rows[0]
        assert queries.list_to_tell(news.id) == []

    def test_reads_the_same_in_both_its_parts(self, letter):
        read = message_from_bytes(letter, policy=policy.default)
        text, html = (read.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert read["Subject"] == "Sources de la crête de Riwa : L’eau coule <enfin>"
        assert "Bonjour Zoé," in text
        assert "Il *pleut* & l’eau coule." in text
        assert "<em>pleut</em> &amp; l’eau coule." in html
        assert "L’eau coule &lt;enfin&gt;" in html
        assert 'lang="fr"' in html


MONDAY = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.fixture(params=[Frequency.DAILY, Frequency.WEEKLY])
def digest(request, db, over_smtp, run_jobs, monkeypatch):
    """Return the one letter of a Monday about two things, as the server got it; and of whom."""
    project = factories.make_project(title="Sources de la crête")
    company = factories.make_company()
    reader = factories.make_user(email="reader@example.org", name="Zoé", locale="fr")
    for kind, thing in ((Kind.PROJECT, project), (Kind.COMPANY, company)):
        following.follow(
            kind=kind,
            thing_id=thing.id,
            user_id=reader.id,
            frequency=request.param,
            now=MONDAY - timedelta(days=9),
        )
    author = factories.make_user()
    factories.make_owner(project, author)
    for hours, title in ((20, "L’eau coule <enfin>"), (19, "Et la pompe tient")):
        service.post_update(
            project=project,
            author=author,
            title=title,
            body="Il *pleut* & l’eau coule.",
            now=MONDAY - timedelta(hours=hours),
        )
    db.commit()
    run_jobs()
    assert over_smtp.letters == []
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    for _again in range(2):
        jobs.make_digests()
        run_jobs()
    assert len(over_smtp.letters) == 1
    return over_smtp.letters[0], reader, project, author


class TestDigest:
    def test_tells_all_of_it_in_both_its_parts(self, digest):
        read = message_from_bytes(digest[0], policy=policy.default)
        assert read["To"] == "reader@example.org"
        assert "Et la pompe tient" in str(read["Subject"])
        text, html = (read.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert text.index("Et la pompe tient") < text.index("L’eau coule <enfin>")
        assert "L’eau coule &lt;enfin&gt;" in html
        assert "<em>pleut</em> &amp; l’eau coule." in html

    def test_says_how_to_end_it_on_one_line(self, digest):
        heads = digest[0].partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
        one = [line for line in heads if line.startswith("List-Unsubscribe: ")]
        assert len(one) == 1
        assert one[0].startswith("List-Unsubscribe: <http://localhost/fr/unfollow/")
        assert one[0].endswith(">")
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in heads
        assert "List-Id: <digest.localhost>" in heads

    def test_ends_with_one_post_without_cookie_or_page(
        self, app, db, digest, over_smtp, run_jobs, monkeypatch
    ):
        letter, reader, project, author = digest
        read = message_from_bytes(letter, policy=policy.default)
        address = str(read["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost")
        machine = FlaskClient(app, use_cookies=False)
        looked = machine.get(address)
        assert looked.status_code == 200
        assert queries.gets_digests(reader.id)  # who only looks at a link stops nothing
        answer = machine.post(address, data={"List-Unsubscribe": "One-Click"})
        again = machine.post(address, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, again.status_code) == (200, 200)
        assert not queries.gets_digests(reader.id)
        later = MONDAY + timedelta(days=7)
        said = {"title": "Again", "body": "-", "now": later - timedelta(hours=9)}
        service.post_update(project=project, author=author, **said)
        db.commit()
        monkeypatch.setattr(clock, "now", lambda: later)
        jobs.make_digests()
        run_jobs()
        assert len(over_smtp.letters) == 1
        assert len(queries.list_follows(reader.id)) == 2


class TestSend:
    def test_gives_no_button_to_letters_that_nobody_can_end(self, app, db):
        app.extensions["post"].letters.clear()
        mail.send(
            to="zoe@example.org", kind="reset_password", locale="fr", name="Zoé", url="http://x"
        )
        assert app.extensions["post"].letters[0]["List-Unsubscribe"] is None
