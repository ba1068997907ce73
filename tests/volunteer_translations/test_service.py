"""What is offered is published, refused, taken down or withdrawn; what was offered stays."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry, User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid
from marketplace.corrections import service as corrections
from marketplace.privacy import service as privacy
from marketplace.projects import queries as projects
from marketplace.volunteer_translations import queries, service
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import Picture, Said, TranslationState
from tests import factories

S = TranslationState


def state_of(db, translation_id):
    return db.get(UpdateTranslation, translation_id, populate_existing=True).state


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


class TestKeep:
    def test_keeps_one_draft_of_each_language(self, db, told, volunteer):
        project, update, _person = told
        for title in ("Dix", "Dix robinets"):
            with atomic():
                draft = service.keep(
                    update=projects.get_update(project.id, update.id),
                    language="fr",
                    said=Said(title),
                    read_at=update.published_at,
                    by=volunteer,
                    now=clock.now(),
                )
        assert db.scalars(sa.select(UpdateTranslation.title)).all() == ["Dix robinets"]
        with atomic():
            service.discard(draft=queries.find_draft(update.id, "fr", volunteer.id))
        assert state_of_none(db, draft.id)

    @pytest.mark.parametrize("language", ["it", "de", ""])
    def test_refuses_what_is_no_other_language_of_ours(self, told, volunteer, language):
        project, update, _person = told
        with pytest.raises(service.NotTranslatable), atomic():
            service.keep(
                update=projects.get_update(project.id, update.id),
                language=language,
                said=Said("x", "x"),
                read_at=update.published_at,
                by=volunteer,
                now=clock.now(),
            )

    def test_keeps_of_photos_only_what_is_said_of_the_updates_own(self):
        said = [Picture("a", "Un robinet", ""), Picture("b", "x", "y"), Picture("c", "", "")]
        assert service._pictures(said, {"a", "c"}) == [
            {"photo": "a", "alt": "Un robinet", "caption": ""}
        ]


def state_of_none(db, translation_id):
    return db.get(UpdateTranslation, translation_id, populate_existing=True) is None


class TestOffer:
    def test_waits_and_replaces_what_waited(self, db, offer):
        first, second = offer(), offer(title="Mieux")
        assert (state_of(db, first), state_of(db, second)) == (S.REPLACED, S.WAITING)
        assert [one.id for one in queries.list_history(second)] == []

    def test_is_published_at_once_by_the_projects_own_people(self, db, told, offer):
        found = offer(by=told[2], is_own=True)
        assert state_of(db, found) is S.PUBLISHED

    def test_wants_title_and_text(self, db, told, volunteer, offer):
        with pytest.raises(Invalid) as refused:
            offer(title="", body="")
        assert set(refused.value.fields) == {"title", "body"}
        draft = queries.find_draft(told[1].id, "fr", volunteer.id)
        assert draft.state is S.DRAFT

    def test_is_refused_while_the_original_reads_otherwise(self, told, volunteer):
        project, update, _person = told
        read_at = update.published_at
        correct(told)
        with atomic():
            draft = service.keep(
                update=projects.get_update(project.id, update.id),
                language="fr",
                said=Said("Dix", "Dix."),
                read_at=read_at,
                by=volunteer,
                now=clock.now(),
            )
        with pytest.raises(Invalid) as refused, atomic():
            service.offer(draft_id=draft.id, is_own=False, by=volunteer, now=clock.now())
        assert set(refused.value.fields) == {"form"}

    def test_happens_once(self, offer, volunteer):
        found = offer()
        with pytest.raises(service.Settled), atomic():
            service.offer(draft_id=found, is_own=False, by=volunteer, now=clock.now())


class TestPublish:
    def test_replaces_the_one_before_which_stays_to_read(self, db, told, publish):
        first = publish()
        second = publish(by=factories.make_user(), title="Mieux")
        assert (state_of(db, first), state_of(db, second)) == (S.REPLACED, S.PUBLISHED)
        assert [one.id for one in queries.list_history(told[1].id)] == [second, first]
        assert "translation.publish" in db.scalars(sa.select(AuditEntry.action)).all()

    def test_is_refused_once_it_is_settled_or_the_original_gone(self, told, offer, publish):
        project, update, person = told
        shown = publish()
        with pytest.raises(service.Settled), atomic():
            service.publish(translation_id=shown, by=person, now=clock.now())
        waiting = offer(by=factories.make_user())
        with atomic():
            corrections.take_back(
                project_id=project.id, update_id=update.id, reason="x", by=person, now=clock.now()
            )
        with pytest.raises(service.NotTranslatable), atomic():
            service.publish(translation_id=waiting, by=person, now=clock.now())


class TestEnding:
    def test_refuses_and_takes_down_with_a_reason(self, db, told, offer, publish):
        refused, shown = offer(), publish(language="en")
        for act, found in ((service.refuse, refused), (service.take_down, shown)):
            with atomic():
                act(translation_id=found, reason="Because", by=told[2], now=clock.now())
        assert (state_of(db, refused), state_of(db, shown)) == (S.REFUSED, S.TAKEN_DOWN)
        assert queries.list_shown([told[1].id]) == []
        with pytest.raises(service.Settled), atomic():
            service.refuse(translation_id=shown, reason="x", by=told[2], now=clock.now())

    def test_is_withdrawn_by_who_wrote_it_only(self, db, told, volunteer, publish):
        found = publish()
        with pytest.raises(service.Settled), atomic():
            service.withdraw(translation_id=found, by=told[2], now=clock.now())
        with atomic():
            service.withdraw(translation_id=found, by=volunteer, now=clock.now())
        assert state_of(db, found) is S.WITHDRAWN


class TestWhatWasOffered:
    @pytest.mark.parametrize(
        "changed",
        [
            {"title": "x"},
            {"body_html": "<b>x</b>"},
            {"wording_at": factories.NOW + timedelta(days=1)},
            {"state": S.DRAFT},
            {"state": S.WAITING, "published_at": None, "published_by_id": None},
        ],
    )
    def test_is_changed_by_nobody(self, db, publish, changed):
        found = publish()
        row = UpdateTranslation.id == found
        for statement in (
            sa.update(UpdateTranslation).where(row).values(**changed),
            sa.delete(UpdateTranslation).where(row),
        ):
            with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
                db.execute(statement)

    def test_that_ended_does_not_come_back(self, db, told, offer):
        found = offer()
        with atomic():
            service.refuse(translation_id=found, reason="x", by=told[2], now=clock.now())
        with pytest.raises(sa.exc.DBAPIError, match="stays"), db.begin_nested():
            db.execute(
                sa.update(UpdateTranslation)
                .where(UpdateTranslation.id == found)
                .values(state=S.WAITING, ended_at=None, ended_by_id=None, reason="")
            )


class TestForget:
    def test_leaves_what_is_shown_without_a_name_and_nothing_else(
        self, db, told, volunteer, offer, publish
    ):
        shown, waiting = publish(), offer(language="en")
        project, update, _person = told
        with atomic():
            draft = service.keep(
                update=projects.get_update(project.id, update.id),
                language="fr",
                said=Said("x"),
                read_at=update.published_at,
                by=volunteer,
                now=clock.now(),
            )
        with atomic():
            privacy.erase(user_id=volunteer.id, actor=None, reason="", now=clock.now())
        assert state_of_none(db, draft.id)
        assert state_of(db, waiting) is S.WITHDRAWN
        (read,) = queries.list_shown([update.id])
        assert (read.id, read.translator, read.title) == (shown, "", "Dix robinets")
        assert db.get(User, volunteer.id).name == "\N{EM DASH}"
