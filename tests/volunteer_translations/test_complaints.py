"""A reader complains of a translation; the operator reads it beside the original and decides."""

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.corrections import service as corrections
from marketplace.desk import queries as desk
from marketplace.following import service as following
from marketplace.volunteer_translations import queries, service
from marketplace.volunteer_translations.models import TranslationComplaint, UpdateTranslation
from marketplace.volunteer_translations.rules import TranslationState
from tests import factories
from tests.core.test_letters import read
from tests.statements import statements

S = TranslationState
STAFF = "/staff/translations"


@pytest.fixture
def at(told):
    return f"/projects/sorgenti/updates/{told[1].id}"


@pytest.fixture
def operator(db):
    person = factories.make_user(name="Giulia", is_operator=True)
    db.commit()
    return person


@pytest.fixture
def reader(db):
    person = factories.make_user(name="Odile")
    db.commit()
    return person


def state_of(db, translation_id):
    return db.get(UpdateTranslation, translation_id, populate_existing=True).state


def open_complaints(db):
    return db.scalars(
        sa.select(TranslationComplaint.why).where(TranslationComplaint.settled_at.is_(None))
    ).all()


def complain(found, by, why="It says ten, not nine"):
    with atomic():
        service.complain(translation_id=found, why=why, by=by, now=clock.now())


def settle(found, by, *, is_taken_down=True, reason="Says the opposite"):
    with atomic():
        service.settle_complaints(
            translation_id=found,
            is_taken_down=is_taken_down,
            reason=reason,
            by=by,
            now=clock.now(),
        )


def waiting_on_desk():
    return {one.name: one.count for one in desk.list_queues()}["translation_complaints"]


class TestComplaining:
    def test_is_one_link_from_the_translation(self, client, sign_in, reader, publish, at):
        found = publish()
        link = f"{at}/translations/{found}/complaint"
        assert link in client.get(f"{at}?in=fr").text
        assert link in client.get(f"{at}/translations").text
        assert link not in client.get(f"{at}?in=it").text
        assert "/sign-in" in client.get(link).location
        sign_in(client, reader)
        page = client.get(link).text
        assert "<em>Dieci</em> rubinetti." in page
        assert "<strong>Dix</strong> robinets coulent." in page

    def test_is_read_by_the_operator_only(self, db, client, sign_in, reader, operator, publish, at):
        found = publish()
        sign_in(client, reader)
        link = f"{at}/translations/{found}/complaint"
        why = "It says <ten>, not nine"
        assert client.post(link, data={"why": why}).status_code == 303
        assert open_complaints(db) == [why]
        assert "not nine" not in client.get(f"{at}/translations").text
        assert client.get(STAFF).status_code == 403
        sign_in(client, operator)
        assert waiting_on_desk() == 1
        assert "Complaints about translations" in client.get("/staff").text
        listed = client.get(STAFF).text
        assert "It says &lt;ten&gt;, not nine" in listed
        assert f"{STAFF}/{found}" in listed

    @pytest.mark.parametrize("why", ["", " ", "x" * 1001])
    def test_asks_again_and_loses_nothing(self, db, client, sign_in, reader, publish, at, why):
        found = publish()
        sign_in(client, reader)
        answer = client.post(f"{at}/translations/{found}/complaint", data={"why": why})
        assert answer.status_code == 422
        assert why.strip() in answer.text
        assert open_complaints(db) == []

    def test_is_once_until_it_was_settled(self, db, reader, operator, publish):
        found = publish()
        complain(found, reader, "First")
        complain(found, reader, "Second")
        assert open_complaints(db) == ["First"]
        settle(found, operator, is_taken_down=False)
        assert open_complaints(db) == []
        complain(found, reader, "Third")
        assert open_complaints(db) == ["Third"]

    def test_is_limited(self, client, sign_in, reader, publish, at):
        found = publish()
        sign_in(client, reader)
        link = f"{at}/translations/{found}/complaint"
        codes = [client.post(link, data={"why": "x"}).status_code for _ in range(11)]
        assert codes == [303] * 10 + [429]

    def test_is_of_what_everybody_reads_there_only(
        self, client, sign_in, reader, told, offer, publish, at, db
    ):
        sign_in(client, reader)
        waiting = offer()
        assert client.get(f"{at}/translations/{waiting}/complaint").status_code == 404
        shown = publish(language="en", title="Ten", body="Ten.")
        other = factories.make_project(slug="altrove")
        db.commit()
        for where in (
            f"/projects/{other.slug}/updates/{told[1].id}",
            f"/projects/sorgenti/updates/{shown}",
        ):
            assert client.get(f"{where}/translations/{shown}/complaint").status_code == 404
        project, update, person = told
        with atomic():
            corrections.take_back(
                project_id=project.id, update_id=update.id, reason="x", by=person, now=clock.now()
            )
        link = f"{at}/translations/{shown}/complaint"
        assert client.get(link).status_code == 404
        assert client.post(link, data={"why": "x"}).status_code == 404

    def test_is_of_what_was_shown_before_too(self, client, sign_in, reader, publish, at):
        first = publish()
        publish(by=factories.make_user(), title="Mieux")
        sign_in(client, reader)
        assert f"{first}/complaint" in client.get(f"{at}/translations").text
        assert client.get(f"{at}/translations/{first}/complaint").status_code == 200


class TestTakingDown:
    def test_shows_the_original_and_says_why(
        self, db, client, sign_in, reader, operator, publish, at
    ):
        found = publish()
        complain(found, reader)
        sign_in(client, operator)
        page = client.get(f"{STAFF}/{found}").text
        assert "It says ten, not nine" in page
        assert "<em>Dieci</em> rubinetti." in page
        assert "<strong>Dix</strong> robinets coulent." in page
        answer = client.post(
            f"{STAFF}/{found}", data={"what": "take_down", "reason": "Says <b>more</b>"}
        )
        assert answer.status_code == 303
        assert state_of(db, found) is S.TAKEN_DOWN
        assert waiting_on_desk() == 0
        for page in ("/projects/sorgenti", "/projects/sorgenti/updates", at):
            text = client.get(f"/fr{page}").text
            assert "<em>Dieci</em> rubinetti." in text
            assert "robinets coulent" not in text
            assert "Says &lt;b&gt;more&lt;/b&gt;" in text
            assert "Says" not in client.get(f"/it{page}").text
        assert "of the operator: Says" in client.get(f"{at}/translations").text
        assert client.get(f"{STAFF}/{found}").text.count("robinets coulent") == 1
        assert "Dix robinets" in client.get(STAFF).text
        entry = db.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "translation.take_down")
        ).one()
        assert (entry.reason, entry.actor_id) == ("Says <b>more</b>", operator.id)

    def test_costs_no_statement_more(self, client, engine, operator, publish):
        found = publish()
        client.get("/fr/projects/sorgenti")
        with statements(engine) as before:
            client.get("/fr/projects/sorgenti")
        settle(found, operator)
        with statements(engine) as after:
            assert "Says the opposite" in client.get("/fr/projects/sorgenti").text
        assert len(after) == len(before) <= 8

    def test_is_told_no_more_once_a_better_one_stands(self, client, operator, publish, at):
        settle(publish(), operator)
        assert "Says the opposite" in client.get(f"/fr{at}").text
        assert [one["language"] for one in translations_of(client)] == []
        publish(title="Mieux")
        assert "Says the opposite" not in client.get(f"/fr{at}").text
        assert [one["title"] for one in translations_of(client)] == ["Mieux"]

    def test_tells_of_the_last_one_only(self, client, told, operator, publish, at):
        settle(publish(), operator, reason="Older")
        newer = publish()
        with atomic():
            service.take_down(translation_id=newer, reason="Newer", by=told[2], now=clock.now())
        page = client.get(f"/en{at}?in=fr").text
        assert "taken down by the project" in page
        assert "Newer" in page
        assert "Older" not in page

    def test_takes_down_what_was_shown_before_too(self, db, client, operator, publish, at):
        first = publish()
        publish(by=factories.make_user(), title="Mieux", body="Mieux.")
        settle(first, operator)
        assert state_of(db, first) is S.TAKEN_DOWN
        assert "robinets coulent" not in client.get(f"{at}/translations").text
        page = client.get(f"/fr{at}").text
        assert "Mieux" in page
        assert "Says the opposite" not in page

    def test_is_not_of_what_nobody_reads(self, db, client, sign_in, operator, offer, told, publish):
        sign_in(client, operator)
        take = {"what": "take_down", "reason": "x"}
        waiting, again = offer(), offer(title="Encore")  # the first was replaced unread
        for found in (waiting, again):
            assert client.post(f"{STAFF}/{found}", data=take).status_code == 409
        withdrawn = publish(language="en", title="Ten", body="Ten.")
        with atomic():
            service.take_down(translation_id=withdrawn, reason="x", by=told[2], now=clock.now())
        assert client.post(f"{STAFF}/{withdrawn}", data=take).status_code == 409
        with pytest.raises(sa.exc.DBAPIError, match="stays"), db.begin_nested():
            db.execute(
                sa.update(UpdateTranslation)
                .where(UpdateTranslation.id == withdrawn)
                .values(reason="y")
            )

    def test_never_shows_a_draft(self, client, sign_in, told, operator, volunteer, at):
        sign_in(client, volunteer)
        said = {"how": "keep", "wording": told[1].published_at.isoformat(), "title": "Dix"}
        client.post(f"{at}/translate/fr", data=said)
        draft = queries.find_draft(told[1].id, "fr", volunteer.id)
        sign_in(client, operator)
        assert client.get(f"{STAFF}/{draft.id}").status_code == 404
        assert client.post(f"{STAFF}/{draft.id}", data={"what": "keep"}).status_code == 404

    @pytest.mark.parametrize(
        "wrong", [{"reason": ""}, {"reason": "x" * 501}, {"what": "x"}, {"what": ""}]
    )
    def test_wants_a_reason(self, db, client, sign_in, operator, publish, wrong):
        found = publish()
        sign_in(client, operator)
        said = {"what": "take_down", "reason": "Because"} | wrong
        answer = client.post(f"{STAFF}/{found}", data=said)
        assert answer.status_code == 422
        assert said["reason"] in answer.text
        assert state_of(db, found) is S.PUBLISHED

    def test_is_the_operators(self, client, sign_in, told, reader, publish):
        found = publish()
        for person in (reader, told[2]):
            sign_in(client, person)
            assert client.get(f"{STAFF}/{found}").status_code == 403
            answer = client.post(f"{STAFF}/{found}", data={"what": "take_down", "reason": "x"})
            assert answer.status_code == 403


def translations_of(client):
    (item,) = client.get("/api/v1/projects/sorgenti/updates").json["items"]
    return item["translations"]


class TestLettingStand:
    def test_settles_what_waited_and_changes_nothing(
        self, db, client, sign_in, reader, operator, publish, at
    ):
        found = publish()
        complain(found, reader)
        sign_in(client, operator)
        said = {"what": "keep", "reason": "Only clumsy"}
        assert client.post(f"{STAFF}/{found}", data=said).status_code == 303
        assert state_of(db, found) is S.PUBLISHED
        assert waiting_on_desk() == 0
        assert "Only clumsy" not in client.get(f"/fr{at}").text
        assert "settled on" in client.get(f"{STAFF}/{found}").text
        assert "translation.keep" in db.scalars(sa.select(AuditEntry.action)).all()


class TestLetters:
    @pytest.mark.parametrize(
        ("language", "subject"),
        [
            ("en", "A translation of an update of yours was taken down"),
            ("fr", "Une traduction d’une de vos nouvelles a été retirée"),
            ("it", "Una traduzione di un vostro aggiornamento è stata tolta"),
        ],
    )
    def test_tell_who_translated_and_the_projects_people(
        self, db, told, reader, volunteer, operator, publish, run_jobs, over_smtp,
        language, subject,
    ):  # fmt: skip
        found = publish()
        run_jobs()
        del over_smtp.letters[:]
        told[2].locale = language
        db.commit()
        complain(found, reader)
        settle(found, operator, reason="Says <more>")
        run_jobs()
        letters = {to: rest for to, *rest in read(over_smtp)}
        assert set(letters) == {volunteer.email, told[2].email, reader.email}
        assert letters[told[2].email][0] == subject
        assert letters[volunteer.email][0] == "Your translation was taken down"
        assert "The operator took it down" in letters[volunteer.email][1]
        for _subject, text, page in letters.values():
            assert "Says <more>" in text
            assert "Says &lt;more&gt;" in page

    def test_do_not_tell_one_person_twice(self, told, operator, publish, run_jobs, app):
        found = publish(by=told[2])
        run_jobs()
        before = len(app.extensions["post"].letters)
        settle(found, operator)
        run_jobs()
        assert len(app.extensions["post"].letters) == before + 1

    def test_tell_who_complained_that_it_stands_and_why(
        self, reader, operator, publish, run_jobs, over_smtp,
    ):  # fmt: skip
        found = publish()
        run_jobs()
        del over_smtp.letters[:]
        complain(found, reader)
        settle(found, operator, is_taken_down=False, reason="It says the same")
        run_jobs()
        ((to, subject, text, page),) = read(over_smtp)
        assert (to, subject) == (reader.email, "The translation that you reported stands")
        assert "Reason: It says the same" in text
        assert "?in=" in text
        assert "mend by a better translation" in page

    def test_are_not_sent_to_who_refuses_them(self, db, reader, operator, publish, run_jobs, app):
        found = publish()
        following.refuse_letter(user_id=reader.id, kind="translation_complaint", now=clock.now())
        db.commit()
        run_jobs()
        before = len(app.extensions["post"].letters)
        complain(found, reader)
        settle(found, operator, is_taken_down=False)
        run_jobs()
        assert len(app.extensions["post"].letters) == before
