"""Letters that tell what others did: over a real mail server, in every language, in one layout."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import MemberRole, User
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.orders import jobs as order_jobs
from marketplace.payouts import jobs as payout_jobs
from marketplace.people import queries as people
from marketplace.people import service as people_service
from marketplace.people.rules import TeamKind
from tests import factories
from tests.checkout.purchases import Purchases

LANGUAGES = ["en", "fr", "it"]


def read(box_of_letters):
    """Return what a mail server was handed: to whom, subject, text and page of each letter."""
    found = []
    for raw in box_of_letters.letters:
        message = message_from_bytes(raw, policy=policy.default)
        text, page = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert 'class="brand"' in page  # the one layout
        assert "<style" in page
        assert message["Message-ID"].endswith("@causeway>")
        found.append((message["To"], message["Subject"], text, page))
    return found


@pytest.fixture
def server(over_smtp):  # the fixture
    return over_smtp


@pytest.fixture
def owner(db):
    return factories.make_user(email="olga@example.org", name="Olga")


def speak(db, person, language):
    db.execute(sa.update(User).where(User.id == person.id).values(locale=language))
    db.commit()


class TestMembership:
    """Who is taken out or gets another role is told; who leaves by themselves is not."""

    @pytest.fixture(params=[*TeamKind])
    def team(self, request, db, owner):
        self.ed = factories.make_user(email="ed@example.org", name="Ed")
        if request.param is TeamKind.COMPANY:
            place = factories.make_company(slug="arbosca", name="Arbosca")
            factories.make_member(place, owner)
            factories.make_member(place, self.ed, role=MemberRole.EDITOR)
        else:
            place = factories.make_project(slug="arbosca", title="Arbosca")
            factories.make_owner(place, owner)
            factories.make_owner(place, self.ed, role=MemberRole.EDITOR)
        db.commit()
        return people.get_team(request.param, "arbosca")

    def say(self, team, by, what):
        who = self.ed.id
        with atomic():
            by = session.get(User, by.id)
            if what == "removed":
                people_service.remove(team=team, user_id=who, by=by, now=clock.now())
            else:
                people_service.change(
                    team=team, user_id=who, role=MemberRole(what), title="", by=by, now=clock.now()
                )

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        ("what", "subject"),
        [
            (
                "removed",
                {
                    "en": "You do not work for Arbosca any more",
                    "fr": "Vous ne travaillez plus pour Arbosca",
                    "it": "Non lavori più per Arbosca",
                },
            ),
            (
                "owner",
                {
                    "en": "Your role at Arbosca has changed",
                    "fr": "Votre rôle à Arbosca a changé",
                    "it": "Il tuo ruolo in Arbosca è cambiato",
                },
            ),
        ],
    )
    def test_is_told(self, db, team, owner, server, run_jobs, what, subject, language):
        speak(db, self.ed, language)
        self.say(team, owner, what)
        run_jobs()
        ((to, told, text, page),) = read(server)
        assert to == "ed@example.org"
        assert told == subject[language]
        for body in (text, page):
            assert "Olga" in body
            assert f"/{language}/" in body
        public = {"company": "companies/arbosca", "project": "projects/arbosca"}[team.kind]
        desk = {"company": "company/arbosca", "project": "project-desk/arbosca"}[team.kind]
        assert (public if what == "removed" else desk) in text

    def test_is_told_of_less_rights(self, db, team, owner, server, run_jobs):
        self.say(team, owner, "owner")
        run_jobs()
        server.letters.clear()
        self.say(team, owner, "editor")
        run_jobs()
        ((_to, _subject, text, _page),) = read(server)
        assert "has made you an editor of Arbosca" in text

    def test_is_not_told_of_what_changes_nothing(
        self,
        db,
        team,
        owner,
        server,
        run_jobs,
    ):
        self.say(team, owner, "editor")
        run_jobs()
        assert server.letters == []

    def test_is_not_told_to_who_leaves(self, db, team, server, run_jobs):
        self.say(team, self.ed, "removed")
        run_jobs()
        assert server.letters == []


class TestDisputeEnded:
    """The companies' owners and the operators are told how it ended."""

    @pytest.fixture
    def shop(self, db, provider, owner):
        shop = Purchases.begin(db, provider)
        for company in shop.companies:
            factories.make_member(company, owner)
        factories.make_user(email="giulia@example.org", name="Giulia", is_operator=True)
        db.commit()
        return shop

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ("won", {"en": "is won", "fr": "est gagné", "it": "è vinta"}),
            ("lost", {"en": "is lost", "fr": "est perdu", "it": "è persa"}),
        ],
    )
    def test_is_told_once_for_each_part(
        self,
        db,
        shop,
        owner,
        server,
        run_jobs,
        how,
        words,
        language,
    ):
        speak(db, owner, language)
        order = shop.buy()
        number, parts = order.number, [part.number for part in order.company_orders]
        dispute = shop.dispute(order)
        shop.hear()
        run_jobs()
        server.letters.clear()
        shop.provider.decide(dispute, how)
        shop.hear()
        shop.hear()
        run_jobs()
        letters = [one for one in read(server) if words[language] in one[1] or "is " in one[1]]
        mine = sorted(one[1] for one in letters if one[0] == "olga@example.org")
        assert len(mine) == 2
        assert all(part in subject for part, subject in zip(sorted(parts), mine, strict=True))
        assert all(words[language] in subject for subject in mine)
        (staff,) = [one for one in letters if one[0] == "giulia@example.org"]
        assert f"order {number} {words['en']}" in staff[1]
        assert f"/en/staff/disputes/{dispute}" in staff[2]

    def test_tells_that_a_question_came_to_nothing(self, db, shop, server, run_jobs):
        order = shop.buy()
        dispute = shop.dispute(order)
        shop.hear()
        run_jobs()
        server.letters.clear()
        db.execute(sa.text("update dispute set state = 'closed', closed_at = now()"))
        db.commit()
        order_jobs.dispute_ended_mails(dispute_id=dispute)
        subjects = {subject for _to, subject, _text, _page in read(server)}
        assert len(subjects) == 3
        assert all(one.startswith("The question about order") for one in subjects)


class TestStatements:
    """Every owner of a payee is told once that the month before is ready."""

    @pytest.fixture
    def shop(self, db, provider, owner):
        shop = Purchases.begin(db, provider)
        factories.make_member(shop.companies[0], owner)
        factories.make_owner(shop.projects[0], owner)
        order = shop.buy()
        shop.send(order)
        shop.release(order)
        return shop

    def next_month(self, day):
        first = (clock.now().replace(day=1) + timedelta(days=32)).replace(day=1, hour=7)
        return first.replace(day=day).astimezone(UTC)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_are_told_of(
        self,
        db,
        shop,
        owner,
        server,
        run_jobs,
        monkeypatch,
        language,
    ):
        speak(db, owner, language)
        run_jobs()
        server.letters.clear()
        monkeypatch.setattr(payout_jobs, "now", lambda: self.next_month(1))
        payout_jobs.tell_of_statements()
        run_jobs()
        letters = read(server)
        assert {to for to, *_rest in letters} == {"olga@example.org"}
        words = {"en": "is ready", "fr": "est prêt", "it": "è pronto"}[language]
        assert all(words in subject for _to, subject, *_rest in letters)
        names = " ".join(subject for _to, subject, *_rest in letters)
        assert "Arbosca" in names
        assert "Springs" in names
        month = f"{clock.now():%Y-%m}"
        for _to, _subject, text, page in letters:
            assert f"/statements/{month}" in text
            assert f"/statements/{month}" in page

    def test_are_told_of_once(self, db, shop, server, run_jobs, monkeypatch):
        run_jobs()
        server.letters.clear()
        for day in (1, 2, 3):
            monkeypatch.setattr(payout_jobs, "now", lambda day=day: self.next_month(day))
            payout_jobs.tell_of_statements()
            run_jobs()
        assert len(server.letters) == 2

    def test_are_not_told_of_late(self, db, shop, server, run_jobs, monkeypatch):
        run_jobs()
        server.letters.clear()
        monkeypatch.setattr(payout_jobs, "now", lambda: self.next_month(8))
        payout_jobs.tell_of_statements()
        run_jobs()
        assert server.letters == []

    def test_are_of_months_in_which_something_moved(
        self,
        db,
        shop,
        server,
        run_jobs,
        monkeypatch,
    ):
        run_jobs()
        server.letters.clear()
        later = datetime(2031, 5, 1, 7, tzinfo=UTC)
        monkeypatch.setattr(payout_jobs, "now", lambda: later)
        payout_jobs.tell_of_statements()
        run_jobs()
        assert server.letters == []
