"""Accounts without pages: limits, sessions, powers, hashing, passwords, keys."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts import queries, service
from marketplace.accounts.jobs import purge_accounts
from marketplace.accounts.models import AuditEntry, RateWindow, User, UserSession
from marketplace.accounts.service import passwords
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Invalid, NotFound, TooMany
from tests.accounts.people import SECRET, code, make_careful_person, make_person
from tests.factories import NOW, PASSWORD, make_user


def allow(now=NOW, **overrides):
    service.allow(**{"key": "k", "limit": 3, "window_seconds": 60, "now": now} | overrides)


class TestAllow:
    def test_lets_through_what_is_within_the_limit(self, db):
        for _ in range(3):
            allow()
        with pytest.raises(TooMany) as stopped:
            allow(NOW + timedelta(seconds=20))
        assert stopped.value.retry_after == 40

    def test_begins_again_with_the_next_window(self, db):
        for _ in range(3):
            allow()
        for _ in range(3):
            allow(NOW + timedelta(seconds=60))
        with pytest.raises(TooMany):
            allow(NOW + timedelta(seconds=61))

    def test_counts_each_key_for_itself(self, db):
        for _ in range(3):
            allow()
        allow(key="another")

    def test_forgives(self, db):
        for _ in range(3):
            allow()
        service.forgive(key="k")
        allow()

    def test_always_says_to_wait_a_little(self, db):
        allow(limit=1)
        with pytest.raises(TooMany) as stopped:
            allow(NOW + timedelta(seconds=59.9), limit=1)
        assert stopped.value.retry_after == 1

    def test_counts_exactly_when_many_try_at_once(self, app):
        now = clock.now()

        def knock(_number):
            try:
                with atomic():
                    allow(now, key="crowd", limit=20)
            except TooMany:
                return False
            finally:
                session.remove()
            return True

        try:
            with ThreadPoolExecutor(8) as crowd:
                assert sum(crowd.map(knock, range(60))) == 20
        finally:
            with atomic():
                service.forgive(key="crowd")
            session.remove()


class TestPurge:
    def test_forgets_what_is_over(self, app, db):
        now = clock.now()
        user = make_user()
        allow(now - timedelta(hours=1), key="over")
        allow(now, key="running")
        for days, revoked_days in ((31, None), (1, None), (40, 35), (2, 1)):
            db.add(
                UserSession(
                    user_id=user.id,
                    token_hash=str(days).encode(),
                    created_at=now,
                    seen_at=now - timedelta(days=days),
                    revoked_at=now - timedelta(days=revoked_days) if revoked_days else None,
                )
            )
        db.commit()
        purge_accounts()
        assert db.scalars(sa.select(RateWindow.key)).all() == ["running"]
        assert sorted(db.scalars(sa.select(UserSession.token_hash))) == [b"1", b"2"]


class TestBlock:
    def test_closes_the_account_at_once_and_says_who_did_it(self, db):
        user, operator = make_person(), make_user(is_operator=True)
        token = service.begin_session(user=user, user_agent="", now=NOW)
        service.block(user_id=user.id, actor=operator, reason="Sells what is not theirs", now=NOW)
        assert queries.find_session(token, NOW) is None
        with pytest.raises(service.WrongCredentials):
            service.authenticate(email=user.email, password=PASSWORD)
        entry = queries.list_audit("user", user.id)[0]
        assert (entry.actor.id, entry.action) == (operator.id, "block")
        assert entry.reason == "Sells what is not theirs"

    def test_is_taken_back(self, db):
        user, operator = make_person(), make_user(is_operator=True)
        service.block(user_id=user.id, actor=operator, reason="A mistake", now=NOW)
        service.unblock(user_id=user.id, actor=operator, reason="It was one", now=NOW)
        assert service.authenticate(email=user.email, password=PASSWORD).id == user.id
        actions = [entry.action for entry in queries.list_audit("user", user.id)]
        assert sorted(actions) == ["block", "unblock"]

    def test_wants_somebody_to_block(self, db):
        with pytest.raises(NotFound):
            service.block(user_id=make_user().id.__class__(int=7), actor=None, reason="", now=NOW)


class TestRecord:
    def test_cannot_be_changed_or_taken_away(self, db):
        service.record(actor=None, action="a", subject_kind="user", subject_id=1, now=NOW)
        db.flush()
        for statement in (sa.update(AuditEntry).values(reason="x"), sa.delete(AuditEntry)):
            with pytest.raises(sa.exc.ProgrammingError), db.begin_nested():
                db.execute(statement)


class TestTakeAway:
    def test_frees_from_a_lost_phone(self, db):
        user, operator = make_careful_person(), make_user(is_operator=True)
        service.take_away(user_id=user.id, actor=operator, reason="Showed a passport", now=NOW)
        db.expire_all()
        assert db.get(User, user.id).totp_secret is None
        assert queries.list_audit("user", user.id)[0].action == "take_away_second_factor"

    def test_lets_no_old_code_work_again(self, db):
        user, operator = make_careful_person(), make_user(is_operator=True)
        used, now = code(), clock.now()
        service.prove(user_id=user.id, code=used, now=now)
        service.take_away(user_id=user.id, actor=operator, reason="", now=now)
        db.execute(sa.update(User).values(totp_secret=SECRET, totp_confirmed_at=now))
        with pytest.raises(service.WrongCode):
            service.prove(user_id=user.id, code=used, now=now)


class TestAdmit:
    def admit(self, **overrides):
        values = {"email": "Elena@example.org", "name": "Elena", "password": PASSWORD, "now": NOW}
        return service.admit(**values | overrides)

    def test_makes_an_account(self, db):
        made = self.admit(is_operator=True)
        assert (made.email, made.is_operator) == ("elena@example.org", True)
        assert service.authenticate(email="elena@example.org", password=PASSWORD).id == made.id

    def test_makes_one_for_each_address(self, db):
        self.admit()
        with pytest.raises(service.LinkUsed):
            self.admit(email="ELENA@example.org")

    @pytest.mark.parametrize("length", [12, 128])
    def test_takes_passwords_of_12_to_128_characters(self, db, length):
        assert self.admit(password=self.long(length))

    @pytest.mark.parametrize("length", [0, 11, 129])
    def test_takes_no_others(self, db, length):
        with pytest.raises(Invalid) as refusal:
            self.admit(password=self.long(length))
        assert "password" in refusal.value.fields

    @staticmethod
    def long(length):
        return ("wet stones at low tide, " * 6)[:length]


class TestPassword:
    def test_is_the_same_however_a_keyboard_sends_it(self):
        kept = service.hash_password("caf\u00e9 at the harbour")
        assert passwords.is_password("cafe\u0301 at the harbour", kept)

    def test_is_hashed_with_a_salt(self):
        assert service.hash_password(PASSWORD) != service.hash_password(PASSWORD)
        assert service.hash_password(PASSWORD).startswith("$argon2id$")

    @pytest.mark.parametrize("kept", [None, "", "!", "$argon2id$broken", PASSWORD])
    def test_fits_nothing_that_is_no_hash(self, kept):
        assert not passwords.is_password(PASSWORD, kept)

    def test_is_not_hashed_by_more_than_a_few_at_a_time(self, monkeypatch):
        monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
        turns = [passwords._Turn() for _ in range(passwords.AT_A_TIME)]
        for turn in turns:
            turn.__enter__()
        try:
            with pytest.raises(TooMany):
                service.hash_password(PASSWORD)
        finally:
            for turn in turns:
                turn.__exit__()
        assert service.hash_password(PASSWORD)

    def test_costs_what_owasp_asks_for_outside_tests(self):
        hashing = passwords._Hashing()
        assert (hashing.hasher.memory_cost, hashing.hasher.time_cost) == (19 * 1024, 2)


class TestSecondFactor:
    def test_is_used_once_when_two_bring_the_same_code(self, app):
        """Two threads really commit: the row's lock lets one see what the other used."""
        with atomic():
            user = make_careful_person(email="race@example.org")
        used, now, start = code(), clock.now(), threading.Barrier(2)

        def bring(_number):
            start.wait()
            try:
                with atomic():
                    service.prove(user_id=user.id, code=used, now=now)
            except service.WrongCode:
                return False
            finally:
                session.remove()
            return True

        try:
            with ThreadPoolExecutor(2) as pool:
                assert sorted(pool.map(bring, range(2))) == [False, True]
        finally:
            with atomic():
                session.execute(sa.delete(User).where(User.id == user.id))
            session.remove()


class TestToken:
    def test_notes_its_use_once_an_hour(self, db):
        token, _secret = service.issue_token(
            user=make_user(), name="Warehouse", scopes=["read"], now=NOW
        )
        service.note_used(token=token, now=NOW)
        service.note_used(token=token, now=NOW + timedelta(minutes=59))
        assert token.used_at == NOW
        service.note_used(token=token, now=NOW + timedelta(minutes=61))
        assert token.used_at == NOW + timedelta(minutes=61)

    @pytest.mark.parametrize("scopes", [[], ["staff"], ["read", "x"]])
    def test_has_known_scopes_only(self, db, scopes):
        with pytest.raises(Invalid):
            service.issue_token(user=make_user(), name="W", scopes=scopes, now=NOW)
