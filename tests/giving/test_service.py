"""The words of a promise, and what a shopper chose last."""

import pytest
from flask_babel import force_locale

from marketplace.giving import queries, service
from marketplace.giving.rules import Pledge
from marketplace.projects.models import ProjectState
from tests import factories


class TestPledgeSentence:
    @pytest.mark.parametrize(
        ("pledge", "says"),
        [
            (Pledge(800, None), "Arbosca gives 8% of the price excluding VAT."),
            (Pledge(250, None), "Arbosca gives 2.5% of the price excluding VAT."),
            (Pledge(None, 66), "Arbosca gives €0.66 per item."),
            (Pledge(None, None), "Arbosca gives 0% of the price excluding VAT."),
        ],
    )
    def test_says_what_is_given(self, app, pledge, says):
        with app.test_request_context():
            told = service.pledge_sentence(
                company="Arbosca", pledge=pledge, currency="EUR", language="en"
            )
        assert told == says

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_has_the_comma_of_its_language(self, app, language):
        with app.test_request_context(), force_locale(language):
            told = service.pledge_sentence(
                company="Arbosca", pledge=Pledge(250, None), currency="EUR", language=language
            )
        assert "2,5" in told
        assert "2.5" not in told


class TestDisclosure:
    def test_names_the_amount_of_this_purchase(self, app):
        with app.test_request_context():
            told = service.disclosure(
                company="Arbosca",
                pledge=Pledge(800, None),
                share_minor=240,
                currency="EUR",
                language="en",
            )
        assert told.startswith("Arbosca gives 8% of the price excluding VAT. ")
        assert "€2.40" in told


class TestRemember:
    def test_keeps_the_last_choice_in_its_order(self, db):
        person = factories.make_user()
        projects = [factories.make_project().id for _ in range(3)]
        service.remember(user_id=person.id, project_ids=projects, weights=[1, 2, 3])
        service.remember(user_id=person.id, project_ids=projects[:0:-1], weights=[30, 20])
        assert queries.list_preferred(person.id) == [(projects[2], 30), (projects[1], 20)]

    def test_leaves_out_what_cannot_be_chosen_any_more(self, db):
        person = factories.make_user()
        projects = [factories.make_project() for _ in range(2)]
        service.remember(
            user_id=person.id, project_ids=[one.id for one in projects], weights=[1, 1]
        )
        projects[0].state = ProjectState.CLOSED
        db.flush()
        assert queries.list_preferred(person.id) == [(projects[1].id, 1)]

    def test_is_each_ones_own(self, db):
        assert queries.list_preferred(factories.make_user().id) == []


class TestDefaults:
    def test_are_kept_in_their_order_with_equal_weights(self, db):
        company = factories.make_company()
        projects = [factories.make_project() for _ in range(3)]
        service.set_defaults(company_id=company.id, project_ids=[one.id for one in projects])
        chosen = projects[::-2]
        service.set_defaults(company_id=company.id, project_ids=[one.id for one in chosen])
        db.flush()
        assert queries.list_defaults(company.id) == [(one, 1) for one in chosen]
