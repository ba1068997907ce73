"""Default deny: each route says who may call it, and the list of them is read by people."""

import re

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import UserSession
from tests import golden
from tests.factories import make_user, sign_in

PEOPLE = {"public", "signed_in", "member", "staff"}


def rules_of(app):
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods)))


def who_may(app, rule):
    return getattr(app.view_functions[rule.endpoint], "access", None)


def methods_of(rule):
    return ",".join(sorted(rule.methods - {"HEAD", "OPTIONS"}))


def address_of(rule):
    """Return an address that fits a rule, of something that does not exist."""
    kinds = {
        "uuid": "00000000-0000-7000-8000-000000000000",
        "int": "1",
        "path": "x",
        "float": "1.0",
    }
    return re.sub(
        r"<(?:(\w+)(?:\((\w*)[^)]*\))?:)?\w+>",
        lambda found: found[2] if found[1] == "any" else kinds.get(found[1], "x"),
        rule.rule,
    )


class TestRoutes:
    def test_say_who_may_call_them(self, app):
        silent = [rule.endpoint for rule in rules_of(app) if who_may(app, rule) not in PEOPLE]
        assert silent == []

    def test_are_those_that_are_known(self, app):
        lines = [f"{methods_of(rule):12} {rule.rule}  {rule.endpoint}" for rule in rules_of(app)]
        golden.compare("routes.txt", "\n".join([*lines, ""]))

    def test_are_for_those_that_are_known(self, app):
        lines = [
            f"{who_may(app, rule) or 'NOBODY SAID':10} {methods_of(rule):12} {rule.rule}"
            for rule in rules_of(app)
        ]
        golden.compare("access.txt", "\n".join([*sorted(lines), ""]))

    def test_do_without_a_form_token_only_where_they_say_so(self, app):
        exempt = app.extensions["csrf"]._exempt_views
        for rule in rules_of(app):
            view = app.view_functions[rule.endpoint]
            is_program = rule.rule.startswith(("/api/", "/webhooks/"))
            is_exempt = f"{view.__module__}.{view.__name__}" in exempt
            assert not is_exempt or is_program or getattr(view, "tokenless", False), rule.rule


class TestVisitor:
    def test_is_sent_to_sign_in(self, app, client):
        for rule in rules_of(app):
            if who_may(app, rule) == "public" or rule.rule.startswith("/api/"):
                continue
            for method in methods_of(rule).split(","):
                answer = client.open(address_of(rule), method=method)
                assert answer.status_code == 303, (method, rule.rule)
                assert answer.location.startswith("/sign-in"), rule.rule


class TestStranger:
    """Somebody signed in without any rights."""

    @pytest.fixture
    def stranger(self, client):
        sign_in(client, make_user())
        return client

    def test_never_comes_to_an_operators_desk(self, app, stranger):
        for rule in rules_of(app):
            if who_may(app, rule) != "staff":
                continue
            for method in methods_of(rule).split(","):
                answer = stranger.open(address_of(rule), method=method)
                assert answer.status_code == 403, (method, rule.rule)

    def test_never_acts_for_a_company_or_project(self, app, stranger):
        for rule in rules_of(app):
            if who_may(app, rule) != "member" or "<" not in rule.rule:
                continue
            for method in methods_of(rule).split(","):
                answer = stranger.open(address_of(rule), method=method)
                assert answer.status_code in (403, 404), (method, rule.rule)


class TestOperatorWithoutSecondFactor:
    def test_has_to_show_it_first(self, app, client, db):
        user = make_user(is_operator=True)
        sign_in(client, user)
        db.execute(sa.update(UserSession).values(second_factor_at=None))
        for rule in rules_of(app):
            if who_may(app, rule) != "staff":
                continue
            answer = client.open(address_of(rule), method=methods_of(rule).split(",")[0])
            assert answer.status_code == 303, rule.rule
            assert answer.location.startswith("/account/second-factor"), rule.rule
