"""A reader translates an update, its project publishes it, others read it marked as such."""

import re

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.corrections import service as corrections
from marketplace.media.service import store_photo
from marketplace.projects.models import ProjectUpdatePhoto
from marketplace.volunteer_translations import service
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import TranslationState
from tests import factories
from tests.corrections.test_corrections import picture
from tests.statements import statements
from tests.volunteer_translations.conftest import WORDS

S = TranslationState
DESK = "/project-desk/sorgenti/translations"


@pytest.fixture
def at(told):
    return f"/projects/sorgenti/updates/{told[1].id}"


@pytest.fixture
def form(told):
    """Return a filled-in form."""
    return WORDS | {"how": "offer", "wording": told[1].published_at.isoformat()}


@pytest.fixture
def letters(app, run_jobs):
    """Return a function that sends what waits, and returns those letters."""

    def send():
        sent = app.extensions["post"].letters
        before = len(sent)
        run_jobs()
        return sent[before:]

    return send


def correct(told):
    project, update, person = told
    with atomic():
        corrections.correct(
            project_id=project.id,
            update_id=update.id,
            title="Nove rubinetti",
            body="Nove.",
            reason="Contati di nuovo",
            by=person,
            now=clock.now(),
        )


def only(db) -> UpdateTranslation:
    return db.scalars(sa.select(UpdateTranslation)).one()


class TestWriting:
    def test_shows_the_original_beside_the_form(self, client, sign_in, volunteer, at):
        sign_in(client, volunteer)
        page = client.get(f"{at}/translate/fr").text
        assert '<div class="prose" lang="it"><p><em>Dieci</em> rubinetti.</p>' in page
        assert "*Dieci* rubinetti.</textarea>" in page
        assert "Translation into French" in page

    def test_keeps_a_draft_and_shows_how_it_will_look(
        self, db, client, sign_in, volunteer, at, form
    ):
        sign_in(client, volunteer)
        answer = client.post(f"{at}/translate/fr", data=form | {"how": "keep", "title": ""})
        assert answer.status_code == 303
        assert answer.location.endswith("/translate/fr#preview")
        page = client.get(f"{at}/translate/fr").text
        assert '<div class="prose" lang="fr"><p><strong>Dix</strong> robinets coulent.</p>' in page
        assert "by Amélie Laurent, a volunteer" in page
        assert "draft" in client.get("/account/translations").text
        assert client.post(f"{at}/translate/fr/discard").status_code == 303
        assert db.scalars(sa.select(UpdateTranslation)).all() == []
        assert client.post(f"{at}/translate/fr/discard").status_code == 404

    def test_offers_it_to_the_project(self, db, client, sign_in, volunteer, at, form, letters):
        sign_in(client, volunteer)
        assert client.post(f"{at}/translate/fr", data=form).status_code == 303
        assert only(db).state is S.WAITING
        assert "Dix robinets" not in client.get(f"/fr{at}").text
        assert "waits for the project" in client.get("/account/translations").text
        assert "waits for the project" in client.get(f"{at}/translate/fr").text
        (letter,) = letters()
        assert letter["Subject"] == "Amélie Laurent translated an update of yours"
        assert f"{DESK}/{only(db).id}" in letter.get_body(("plain",)).get_content()

    @pytest.mark.parametrize(
        ("changed", "kept"),
        [
            ({"title": ""}, True),
            ({"body": " "}, True),
            ({"title": "x" * 201}, False),
            ({"body": "x" * 20_001}, False),
            ({"wording": "yesterday"}, False),
            ({"how": "publish"}, False),
            ({"photos": "x"}, False),
            ({"unknown": "1"}, False),
        ],
    )
    def test_asks_again_and_loses_nothing(
        self, db, client, sign_in, volunteer, at, form, changed, kept
    ):
        sign_in(client, volunteer)
        said = form | changed
        answer = client.post(f"{at}/translate/fr", data=said)
        assert answer.status_code == 422
        assert said["body"].strip() in answer.text
        assert said["title"] in answer.text
        states = db.scalars(sa.select(UpdateTranslation.state)).all()
        assert states == ([S.DRAFT] if kept else [])

    def test_notices_that_the_original_was_corrected(
        self, db, client, sign_in, volunteer, told, at, form
    ):
        sign_in(client, volunteer)
        client.post(f"{at}/translate/fr", data=form | {"how": "keep"})
        correct(told)
        answer = client.post(f"{at}/translate/fr", data=form)
        assert answer.status_code == 422
        assert "was corrected meanwhile" in answer.text
        assert "Contati di nuovo" in answer.text
        assert only(db).state is S.DRAFT
        (now,) = re.findall('name="wording" value="([^"]+)"', answer.text)
        assert client.post(f"{at}/translate/fr", data=form | {"wording": now}).status_code == 303

    def test_is_limited_and_keeps_what_it_does_not_take(
        self, db, client, sign_in, volunteer, at, form
    ):
        sign_in(client, volunteer)
        codes = [client.post(f"{at}/translate/fr", data=form).status_code for _ in range(11)]
        assert codes == [303] * 10 + [429]
        page = client.post(f"{at}/translate/fr", data=form | {"title": "Onze"})
        assert page.status_code == 429
        assert 'value="Onze"' in page.text
        assert only_draft(db).title == "Onze"

    def test_is_for_those_who_signed_in(self, client, at, form):
        for answer in (
            client.get(f"{at}/translate/fr"),
            client.post(f"{at}/translate/fr", data=form),
            client.get("/account/translations"),
        ):
            assert "/sign-in" in answer.location

    @pytest.mark.parametrize("language", ["it", "de"])
    def test_goes_into_other_languages_of_ours_only(
        self, client, sign_in, volunteer, at, language, form
    ):
        sign_in(client, volunteer)
        assert client.get(f"{at}/translate/{language}").status_code == 404
        assert client.post(f"{at}/translate/{language}", data=form).status_code == 404

    def test_takes_words_about_photos(self, db, client, sign_in, volunteer, told, at, form):
        photo = store_photo(upload=picture("teal"), alt="Rubinetto", user_id=None, now=clock.now())
        photo.caption = "Il terzo"
        db.add(ProjectUpdatePhoto(update_id=told[1].id, photo_id=photo.id, position=0))
        db.commit()
        sign_in(client, volunteer)
        said = {"photos": str(photo.id), "alts": "Un robinet", "captions": "Le troisième"}
        client.post(f"{at}/translate/fr", data=form | said | {"how": "keep", "title": ""})
        page = client.get(f"{at}/translate/fr").text
        assert page.count("Un robinet") == 2
        wrong = client.post(f"{at}/translate/fr", data=form | said | {"alts": "x" * 301})
        assert wrong.status_code == 422
        assert "x" * 301 in wrong.text
        client.post(f"{at}/translate/fr", data=form | said)
        with atomic():
            service.publish(translation_id=only(db).id, by=told[2], now=clock.now())
        page = client.get(f"/fr{at}").text
        assert 'alt="Un robinet" lang="fr"' in page
        assert '<figcaption class="small muted" lang="fr">Le troisième' in page
        assert 'alt="Rubinetto" lang="it"' in client.get(f"/fr{at}?in=it").text

    def test_begins_with_what_is_shown_and_tells_why_it_was_refused(
        self, db, client, sign_in, volunteer, told, at, publish, offer
    ):
        publish(by=factories.make_user())
        sign_in(client, volunteer)
        page = client.get(f"{at}/translate/fr").text
        assert "begins with the translation that is published now" in page
        assert 'value="Dix robinets"' in page
        refused = offer(title="Onze")
        with atomic():
            service.refuse(translation_id=refused, reason="Ten!", by=told[2], now=clock.now())
        page = client.get(f"{at}/translate/fr").text
        assert "The project refused what you offered: Ten!" in page
        assert 'value="Onze"' in page

    def test_of_what_was_taken_back_there_is_none(
        self, client, sign_in, volunteer, told, at, form, publish
    ):
        publish()
        project, update, person = told
        with atomic():
            corrections.take_back(
                project_id=project.id, update_id=update.id, reason="x", by=person, now=clock.now()
            )
        sign_in(client, volunteer)
        assert client.get(f"{at}/translate/fr").status_code == 409
        assert client.post(f"{at}/translate/fr", data=form).status_code == 409
        assert client.get(f"{at}/translations").status_code == 409
        assert "the update was taken back" in client.get("/account/translations").text
        for page in (at, f"{at}?in=fr", "/projects/sorgenti", "/projects/sorgenti/updates"):
            assert "robinets coulent" not in client.get(f"/fr{page}").text


def only_draft(db) -> UpdateTranslation:
    is_draft = UpdateTranslation.state == S.DRAFT
    return db.scalars(sa.select(UpdateTranslation).where(is_draft)).one()


class TestDesk:
    def test_shows_what_waits_and_publishes_it(
        self, client, sign_in, told, volunteer, offer, letters
    ):
        found = offer()
        letters()
        sign_in(client, told[2])
        assert "1 translation waits for you" in client.get("/project-desk/sorgenti").text
        assert "Dix robinets" in client.get(DESK).text
        page = client.get(f"{DESK}/{found}").text
        assert "<em>Dieci</em> rubinetti." in page
        assert "<strong>Dix</strong> robinets coulent." in page
        assert client.post(f"{DESK}/{found}/publish").status_code == 303
        assert client.post(f"{DESK}/{found}/publish").status_code == 409
        assert "Look at it" in client.get(DESK).text
        assert "Take it down" in client.get(f"{DESK}/{found}").text
        (letter,) = letters()
        assert (letter["To"], letter["Subject"]) == (
            volunteer.email,
            "Your translation is published",
        )
        assert f"/updates/{told[1].id}?in=fr" in letter.get_body(("plain",)).get_content()

    @pytest.mark.parametrize(
        ("is_shown", "way", "subject"),
        [
            (False, "refuse", "Your translation was refused"),
            (True, "take-down", "Your translation was taken down"),
        ],
    )
    def test_wants_a_reason_and_tells_it(
        self, client, sign_in, told, offer, publish, letters, is_shown, way, subject
    ):
        found = publish() if is_shown else offer()
        letters()
        sign_in(client, told[2])
        for reason in ("", "x" * 501):
            answer = client.post(f"{DESK}/{found}/{way}", data={"reason": reason})
            assert answer.status_code == 422
            assert reason in answer.text
        answer = client.post(f"{DESK}/{found}/{way}", data={"reason": "<i>No</i>"})
        assert answer.status_code == 303
        (letter,) = letters()
        assert letter["Subject"] == subject
        assert "&lt;i&gt;No&lt;/i&gt;" in letter.get_body(("html",)).get_content()
        assert "not open any more" in client.get(f"{DESK}/{found}").text

    def test_is_for_the_projects_own_people(self, client, sign_in, volunteer, offer):
        found = offer()
        other = factories.make_project()
        person = factories.make_user()
        factories.make_owner(other, person)
        for user in (volunteer, person):
            sign_in(client, user)
            for desk in (DESK, f"/project-desk/{other.slug}/translations"):
                assert client.get(f"{desk}/{found}").status_code == 404
                for way in ("publish", "refuse", "take-down"):
                    answer = client.post(f"{desk}/{found}/{way}", data={"reason": "x"})
                    assert answer.status_code == 404

    def test_never_sees_a_draft(self, db, client, sign_in, told, volunteer, at, form):
        sign_in(client, volunteer)
        client.post(f"{at}/translate/fr", data=form | {"how": "keep"})
        sign_in(client, told[2])
        assert client.get(f"{DESK}/{only(db).id}").status_code == 404
        assert "Dix robinets" not in client.get(DESK).text

    def test_publishes_at_once_what_its_own_people_write(self, client, sign_in, told, at, form):
        sign_in(client, told[2])
        answer = client.post(f"{at}/translate/fr", data=form)
        assert answer.location.endswith(f"{at}?in=fr")
        assert "by Achieng, who answers for the project" in client.get(f"{at}?in=fr").text

    def test_says_that_the_original_was_corrected_since(self, client, sign_in, told, offer):
        found = offer()
        correct(told)
        sign_in(client, told[2])
        assert "of an earlier wording" in client.get(DESK).text
        assert "You corrected the update" in client.get(f"{DESK}/{found}").text


class TestReading:
    MARK = re.compile(r"Traduit de l’italien par Amélie Laurent|Translated from Italian by Amélie")

    @pytest.mark.parametrize(
        "page", ["/projects/sorgenti", "/projects/sorgenti/updates", "{at}", "{at}?in=fr"]
    )
    def test_is_in_the_readers_language_and_says_so(self, client, publish, at, page):
        publish()
        page = page.format(at=at)
        french = client.get(page if "?" in page else f"/fr{page}").text
        assert '<div class="prose" lang="fr"><p><strong>Dix</strong> robinets coulent.' in french
        assert 'lang="fr">Dix robinets</h' in french
        assert self.MARK.search(french)
        assert f"{at}?in=it" in french
        assert "<em>Dieci</em>" not in french

    def test_of_the_original_is_one_link_away(self, client, publish, at):
        publish()
        page = client.get(f"/fr{at}?in=it").text
        assert '<div class="prose" lang="it"><p><em>Dieci</em> rubinetti.' in page
        assert f'{at}?in=fr" hreflang="fr"' in page
        for nonsense in ("?in=de", "?in=", "?in=<b>", "?in=fr&in=it"):
            assert client.get(f"/it{at}{nonsense}").status_code == 200

    def test_offers_to_translate_what_is_not(self, client, sign_in, volunteer, at):
        offered = f"{at}/translate/en"
        assert offered not in client.get("/en/projects/sorgenti").text
        assert offered in client.get(f"/en{at}").text
        sign_in(client, volunteer)
        for page in ("/projects/sorgenti", "/projects/sorgenti/updates", at):
            assert offered in client.get(f"/en{page}").text
            assert "/translate/" not in client.get(f"/it{page}").text
        assert f"{at}/translations" in client.get(f"/it{at}").text

    def test_says_when_the_original_was_corrected_since(self, client, publish, told, at):
        publish()
        assert "of what it said before" not in client.get(f"{at}?in=fr").text
        correct(told)
        for page in (f"{at}?in=fr", f"{at}/translations"):
            assert "this is a translation of what it said before" in client.get(page).text
        publish(title="Neuf")
        assert "of what it said before" not in client.get(f"{at}?in=fr").text

    def test_names_nobody_who_is_gone(self, db, client, publish, volunteer, at):
        publish()
        volunteer.erased_at = factories.NOW
        db.commit()
        assert "Translated from Italian by a volunteer on" in client.get(f"{at}?in=fr").text

    def test_costs_no_statement_more_on_the_projects_page(self, client, engine, publish):
        client.get("/fr/projects/sorgenti")
        with statements(engine) as before:
            client.get("/fr/projects/sorgenti")
        publish()
        with statements(engine) as after:
            client.get("/fr/projects/sorgenti")
        assert len(after) == len(before) <= 8

    def test_of_one_update_costs_few_statements(self, client, engine, publish, at):
        publish()
        with statements(engine) as asked:
            assert client.get(f"/fr{at}").status_code == 200
        assert len(asked) <= 8

    def test_in_feeds_is_of_the_original(self, client, publish):
        publish()
        feed = client.get("/fr/projects/sorgenti/updates.atom").text
        assert "Dieci rubinetti" in feed
        assert "Dix robinets" not in feed


class TestHistory:
    def test_shows_who_translated_and_what_stood_before(self, client, told, publish, at):
        publish()
        publish(by=factories.make_user(name="Bruna"), title="Dix bons robinets")
        page = client.get(f"{at}/translations").text
        assert page.index("by Bruna, a volunteer") < page.index("by Amélie Laurent, a volunteer")
        assert "then replaced by a later one" in page
        assert "<strong>Dix</strong> robinets coulent." in page

    def test_says_why_something_went_and_does_not_repeat_it(
        self, client, told, volunteer, publish, at
    ):
        taken, withdrawn = publish(), publish(language="en", title="Ten taps", body="Ten.")
        with atomic():
            service.take_down(
                translation_id=taken, reason="Not what we said", by=told[2], now=clock.now()
            )
        with atomic():
            service.withdraw(translation_id=withdrawn, by=volunteer, now=clock.now())
        page = client.get(f"{at}/translations").text
        assert "taken down by Achieng: Not what we said" in page
        assert "withdrawn by who had written it" in page
        assert "robinets coulent" not in page
        assert "Ten taps" not in page

    def test_never_tells_of_what_was_not_published(self, client, told, offer, at):
        found = offer()
        with atomic():
            service.refuse(translation_id=found, reason="Secret", by=told[2], now=clock.now())
        page = client.get(f"{at}/translations").text
        assert "Secret" not in page
        assert "Amélie" not in page


class TestWithdrawing:
    def test_is_for_ones_own(self, db, client, sign_in, volunteer, publish, at):
        found = publish()
        sign_in(client, factories.make_user())
        assert client.post(f"/account/translations/{found}/withdraw").status_code == 404
        sign_in(client, volunteer)
        assert "Withdraw it" in client.get("/account/translations").text
        assert client.post(f"/account/translations/{found}/withdraw").status_code == 303
        assert client.post(f"/account/translations/{found}/withdraw").status_code == 409
        assert "robinets" not in client.get(f"/fr{at}").text
        assert "Withdraw it" not in client.get("/account/translations").text


class TestPrograms:
    def test_read_translations_beside_the_original(self, client, publish, told):
        publish()
        (item,) = client.get("/api/v1/projects/sorgenti/updates").json["items"]
        assert item["language"] == "it"
        (one,) = item["translations"]
        assert (one["language"], one["title"], one["translator"]) == (
            "fr",
            "Dix robinets",
            "Amélie Laurent",
        )
        assert (one["is_by_volunteer"], one["is_of_earlier_wording"]) == (True, False)
        correct(told)
        (item,) = client.get("/api/v1/projects/sorgenti/updates").json["items"]
        assert item["translations"][0]["is_of_earlier_wording"] is True

    def test_of_other_servers_learn_in_which_language_it_is(self, client, told, at):
        said = client.get(at, headers={"Accept": "application/activity+json"}).json
        assert said["contentMap"] == {"it": said["content"]}


class TestLetters:
    def test_can_be_refused_and_go_to_nobody_who_is_gone(
        self, db, client, sign_in, told, volunteer, offer, letters
    ):
        first = offer()
        (letter,) = letters()
        stop = re.search(
            r"http://localhost(/en/unfollow/\S+)", letter.get_body(("plain",)).get_content()
        )
        client.post(stop[1])
        offer(title="Encore")
        assert letters() == []
        assert db.get(UpdateTranslation, first).state is S.REPLACED
        third = offer(title="Trois")
        with atomic():
            service.refuse(translation_id=third, reason="x", by=told[2], now=clock.now())
        is_them = User.id == volunteer.id
        db.execute(sa.update(User).where(is_them).values(blocked_at=factories.NOW))
        db.commit()
        assert letters() == []
