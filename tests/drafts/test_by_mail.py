"""Letters that come in: the owner's become drafts, everything else becomes nothing."""

import re
import time
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.drafts import commands, queries, service
from marketplace.drafts.jobs import forget_received_letters, writing_address
from marketplace.drafts.models import LetterState, ReceivedLetter, UpdateDraft, WritingAddress
from marketplace.drafts.rules.letters import NotReadable, read_head, read_letter
from marketplace.projects import queries as projects
from marketplace.projects.jobs import remind_quiet_projects
from marketplace.projects.models import ProjectOwner
from marketplace.projects.rules import REMIND_AFTER
from tests import factories
from tests.drafts.conftest import PDF, picture


@pytest.fixture
def address(project, owner, domain):
    """Return the owner's address for the project."""
    return writing_address(project_id=project.id, user_id=owner.id)


def letter(address, sender="Elena Riva <elena@example.org>", **said):
    """Return a letter of somebody's mail program, with a photo for each colour."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address
    message["Subject"] = said.get("subject", "La pompe marche à Riwa")
    message["Message-ID"] = said.get("key", make_msgid(domain="example.org"))
    message.set_content(said.get("text", "It *rains*.\n\n-- \nElena\n"))
    for place, colour in enumerate(said.get("photos", ())):
        message.add_attachment(
            picture(colour).read(), maintype="image", subtype="png", filename=f"{place}.png"
        )
    for name, data, kind in said.get("files", ()):
        main, sub = kind.split("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    for name, value in said.get("headers", {}).items():
        message[name] = value
    return message.as_bytes()


@pytest.fixture
def send(app, address, run_jobs):
    """Return a function that hands a letter in, as a mail server does, and does what follows."""

    def take(raw=None, to=None, **said):
        answer = commands.take(app, raw or letter(address, **said), [to or address])
        run_jobs()
        return answer[:3]

    return take


@pytest.fixture
def drafts(project):
    """Return a function that returns the drafts."""
    project_id = project.id
    return lambda: [queries.find_draft(one.id) for one in queries.list_drafts(project_id)]


class TestLetter:
    def test_becomes_a_draft_that_one_link_publishes(
        self, send, drafts, client, project, owner, letters
    ):
        assert send(
            photos=["#557755", "#000000"], files=[("Plan.pdf", PDF, "application/pdf")]
        ) == ("250")
        (draft,) = drafts()
        assert (draft.title, draft.body) == ("La pompe marche à Riwa", "It *rains*.")
        assert draft.is_by_mail
        assert len(draft.photos) == 2
        assert [one.title for one in draft.papers] == ["Plan"]
        assert projects.list_updates(project.id).rows == []

        (told,) = letters(owner.email)
        text = told.get_body(("plain",)).get_content()
        assert "2 photos came with it" in text
        path = re.search(r"/en(/publish/\S+)", text)[1]
        page = client.get(path).text  # nobody has signed in
        assert "<em>rains</em>" in page
        assert client.post(path, data={}).status_code == 422  # photos without words
        ids = [str(photo.id) for photo in draft.photos]
        said = {"kept": ids, "kept_alts": ["A pump", "Night"]}
        assert client.post(path, data=said).status_code == 303
        (update,) = projects.list_updates(project.id).rows
        assert [photo.alt for photo in update.photos] == ["A pump", "Night"]
        assert update.author_id == owner.id
        assert client.get(path).status_code == 404
        assert client.post(path, data=said).status_code == 404

    def test_is_read_once(self, send, drafts):
        assert [send(key="<one@example.org>") for _time in range(3)] == ["250"] * 3
        assert len(drafts()) == 1

    def test_of_somebody_else_is_dropped_without_an_answer(self, send, drafts, app, letters):
        for sender in (
            "Eve <eve@example.org>",
            "elena@example.org, eve@example.org",
            '"elena@example.org" <eve@example.org>',
            "",
        ):
            assert send(sender=sender) == "550"
        assert drafts() == []
        assert app.extensions["post"].letters == []

    def test_to_no_address_of_ours_is_refused(self, send, drafts, domain, address, app):
        other = "b" if address[10] == "a" else "a"
        forged = f"{address[:10]}{other}{address[11:]}"
        for to in (forged, f"hello@{domain}", address.replace(domain, "example.com"), "nonsense"):
            assert send(to=to) == "550"
        app.config["MAIL_DOMAIN"] = ""
        assert send() == "550"
        assert drafts() == []

    @pytest.mark.parametrize(
        "headers",
        [
            {"Auto-Submitted": "auto-replied"},
            {"Precedence": "bulk"},
            {"List-Id": "<everybody.example.org>"},
            {"Return-Path": "<>"},
        ],
    )
    def test_of_a_program_is_dropped(self, send, drafts, app, letters, headers):
        assert send(headers=headers) == "550"
        assert drafts() == []
        assert app.extensions["post"].letters == []

    def test_that_answers_ours_gets_its_title_from_its_words(self, send, drafts):
        send(
            subject="Re: What is new at Springs?",
            text="The pump runs! It took long.\n\nOn 3 March Causeway wrote:\n> What is new?\n",
        )
        (draft,) = drafts()
        assert (draft.title, draft.body) == ("The pump runs!", "The pump runs! It took long.")

    def test_without_words_is_answered_with_the_reason(self, send, drafts, owner, letters):
        assert send(text="-- \nElena") == "250"
        assert drafts() == []
        (told,) = letters(owner.email)
        assert "no words of yours" in told.get_body(("plain",)).get_content()

    def test_to_an_old_address_is_answered_with_the_reason(
        self, send, drafts, owner, project, letters, address, db
    ):
        with atomic():
            service.renew_address(project_id=project.id, user_id=owner.id, now=clock.now())
        assert send() == "250"
        assert drafts() == []
        (told,) = letters(owner.email)
        assert "not in use any more" in told.get_body(("plain",)).get_content()

    def test_of_who_left_the_project_is_none(self, send, drafts, owner, letters, db):
        db.execute(sa.delete(ProjectOwner).where(ProjectOwner.user_id == owner.id))
        db.commit()
        send()
        assert drafts() == []
        assert "do not answer for" in letters(owner.email)[0].get_body(("plain",)).get_content()

    def test_leaves_out_what_is_no_picture_and_says_so(self, send, drafts, owner, letters):
        send(
            files=[
                ("all.zip", b"PK\x03\x04" + b"\0" * 1000, "application/zip"),
                ("bad.png", b"not a picture", "image/png"),
            ],
            photos=["#557755"] * 7,
        )
        (draft,) = drafts()
        assert len(draft.photos) == 6
        text = letters(owner.email)[0].get_body(("plain",)).get_content()
        assert "all.zip" in text
        assert "bad.png" in text

    def test_has_a_bound_a_day(self, send):
        answers = [send() for _time in range(service.letters.LETTERS_A_DAY + 1)]
        assert answers[-2:] == ["250", "452"]

    def test_is_not_kept_once_it_was_read(self, send, db):
        send()
        kept = db.scalars(sa.select(ReceivedLetter)).one()
        assert (kept.raw, kept.state) == (None, LetterState.DRAFTED)
        db.execute(sa.update(ReceivedLetter).values(received_at=factories.NOW))
        db.commit()
        forget_received_letters()
        assert db.scalars(sa.select(ReceivedLetter)).all() == []


def nested(depth):
    """Return a letter in a letter in a letter."""
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(depth)
    )
    return parts + b"Content-Type: text/plain\r\n\r\nIt rains."


HOSTILE = {
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000,
    "parts without types": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nx\r\n" * 10_000,
    "deep": nested(99),
    "deeper": nested(5_000),
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\nIt rains.",
    "codec that is none": b"Content-Type: text/plain; charset=zlib\r\n\r\nIt rains.",
    "codec that is slow": b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-b" * 100_000,
    "wrong charset": b"Content-Type: text/plain; charset=utf-16\r\n\r\nIt rains",
    "wrong base64": b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n=?!",
    "odd encoding": b"Content-Type: text/plain\r\nContent-Transfer-Encoding: \xff\r\n\r\nIt rains",
    "bytes in headers": b"Subject: \xff\xfe\x00\r\nContent-Type: \xff/\xfe; =\r\n\r\nIt rains",
    "odd words in the subject": b"Subject: =?utf-99?b?###?= =?utf-8?q?=ZZ?=\r\n\r\nIt rains",
    "long subject": b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\r\n\r\nIt rains",
    "long type": b"Content-Type: text/plain" + b'; a="' * 20_000 + b"\r\n\r\nIt rains",
    "quotes": b"Content-Type: text/plain\r\n\r\n" + b"> " * 100_000 + b"\nOn " * 20_000,
    "tags": b"Content-Type: text/html\r\n\r\n" + b"<div><blockquote>" * 50_000,
    "nothing": b"",
    "only nul": b"\x00" * 1_000,
    "line without end": b"x" * 2_000_000,
    "uuencoded": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\n#####\nend",
    "letter in a letter": b"Content-Type: message/rfc822\r\n\r\nContent-Type: text/plain\r\n\r\nx",
    "partial": b"Content-Type: message/external-body; access-type=x\r\n\r\nIt rains",
}


class TestHostileLetter:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_is_read_or_refused_soon(self, name):
        begun = time.monotonic()
        read_head(HOSTILE[name])
        try:
            read = read_letter(HOSTILE[name])
        except NotReadable:
            read = None
        if read is not None:
            assert "\x00" not in read.text + read.title
            assert len(read.title) <= 200
        assert time.monotonic() - begun < 30

    def test_that_is_too_large_is_refused(self):
        with pytest.raises(NotReadable):
            read_letter(b"x" * (26 * 1024 * 1024))

    @pytest.mark.parametrize("name", ["bytes in headers", "wrong charset", "deep", "nothing"])
    def test_of_the_owner_breaks_nothing(self, send, address, name):
        raw = b"From: elena@example.org\r\nMessage-ID: <%s>\r\n" % name.encode() + HOSTILE[name]
        assert send(raw) == "250"


class TestPage:
    def test_names_ones_own_address_and_makes_another(
        self, client, sign_in, owner, address, project, db
    ):
        sign_in(client, owner)
        path = f"/project-desk/{project.slug}/by-mail"
        assert address in client.get(path).text
        assert client.post(path).status_code == 303
        page = client.get(path).text
        assert address not in page
        assert "@in.example.org" in page
        assert db.scalar(sa.select(sa.func.count()).select_from(WritingAddress)) == 2

    def test_offers_none_where_no_letters_come_in(self, client, sign_in, owner, project):
        sign_in(client, owner)
        page = client.get(f"/project-desk/{project.slug}/by-mail").text
        assert "takes no letters in" in page

    def test_of_a_forged_link_is_none(self, client, project):
        assert client.get("/publish/nonsense").status_code == 404


class TestReminder:
    def test_can_be_answered(self, project, owner, address, run_jobs, letters, db, send, drafts):
        project.verified_at = project.created_at = clock.now() - REMIND_AFTER * 2
        db.commit()
        remind_quiet_projects()
        run_jobs()
        (told,) = letters(owner.email)
        assert told["Reply-To"] == address
        assert "answer this letter" in told.get_body(("plain",)).get_content()
        assert send(to=told["Reply-To"], subject=f"Re: {told['Subject']}") == "250"
        assert len(drafts()) == 1

    def test_names_no_address_where_no_letters_come_in(self, project, owner, run_jobs, letters, db):
        project.verified_at = project.created_at = clock.now() - REMIND_AFTER * 2
        db.commit()
        remind_quiet_projects()
        run_jobs()
        assert letters(owner.email)[0]["Reply-To"] is None


class TestCommand:
    def test_takes_a_letter_from_standard_input(self, app, address, run_jobs, drafts):
        runner = app.test_cli_runner()
        done = runner.invoke(args=["receive-mail"], input=letter(address))
        assert (done.exit_code, done.output[:3]) == (0, "250")
        run_jobs()
        assert len(drafts()) == 1
        other = letter(address, sender="eve@example.org")
        done = runner.invoke(args=["receive-mail", "--to", address], input=other)
        assert (done.exit_code, done.output[:3]) == (0, "550")

    def test_needs_to_know_where(self, app):
        done = app.test_cli_runner().invoke(args=["mail-server"])
        assert done.exit_code == 1
        assert "MAIL_LISTEN" in done.output


class TestDrafts:
    def test_of_letters_are_no_others(self, send, drafts, db):
        send()
        assert db.scalar(sa.select(sa.func.count()).select_from(UpdateDraft)) == len(drafts()) == 1
