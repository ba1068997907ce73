"""What a shopper is told before paying, by jurisdiction, and that its versions stay as they are."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from flask_babel import force_locale

from marketplace.disclosures import service
from marketplace.disclosures.rules import (
    CompanyTold,
    Jurisdiction,
    LineTold,
    ProjectTold,
    PurchaseTold,
    Times,
    jurisdiction_of,
)
from marketplace.giving.rules import Pledge

DAY = date(2026, 11, 22)
TOWEL = LineTold("Linen towel", Pledge(800, None), 3000, 240)
BEANS = LineTold("Coffee", Pledge(None, 66), 2440, 132)
PURCHASE = PurchaseTold(
    country="IT",
    currency="EUR",
    companies=[CompanyTold("Arbosca", [TOWEL]), CompanyTold("Calmiera", [BEANS])],
    projects=[
        ProjectTold("Springs", "Riwa Water", 300),
        ProjectTold("Aurora", "Casa Aurora", 72),
        ProjectTold("Nora", "Nobody", 0),
    ],
    top_up_minor=200,
    times=Times(14, 90),
)

FINGERPRINTS = {
    "eu-1": "ffaf4c0dcbb74745",
    "uk-1": "5f7e349001c7d3c9",
    "us-1": "05c4755c36fc1208",
    "other-1": "9ae5792cb798c746",
}


def told(app, language="en", **changes):
    with app.test_request_context(), force_locale(language):
        return service.disclose(replace(PURCHASE, **changes), language=language, day=DAY)


class TestJurisdiction:
    @pytest.mark.parametrize(
        ("country", "of"), [("IT", "eu"), ("NO", "eu"), ("GB", "uk"), ("US", "us"), ("CH", "other")]
    )
    def test_follows_the_country_of_delivery(self, country, of):
        assert jurisdiction_of(country) == of


class TestDisclose:
    def test_names_each_company_its_amount_and_of_what(self, app):
        text = told(app).text.split("\n")
        assert text[0] == (
            "Arbosca gives €2.40 of the €30.00 that its goods cost you without VAT and delivery "
            "(8% of the price without VAT)."
        )
        assert "Calmiera gives €1.32 of the €24.40" in text[1]
        assert "(€0.66 per item)" in text[1]

    def test_names_what_gets_something_and_how_much(self, app):
        said = told(app).text
        assert "Springs (Riwa Water), €3.00; Aurora (Casa Aurora), €0.72." in said
        assert "Nora" not in said

    def test_says_by_what_each_thing_is_counted_where_they_differ(self, app):
        both = [CompanyTold("Arbosca", [TOWEL, BEANS, replace(TOWEL, title="Apron")])]
        first = told(app, companies=both).text.split("\n")[0]
        terms = "(8% of the price without VAT: Linen towel, Apron; €0.66 per item: Coffee)"
        assert terms in first
        assert "€6.12 of the €84.40" in first

    def test_says_when_it_is_paid_and_by_whom(self, app):
        said = told(app, times=Times(30, 60)).text
        assert "Causeway, which runs this market" in said
        assert "30 days after delivery, and at most 60 days later" in said

    @pytest.mark.parametrize(
        ("country", "version", "words"),
        [
            ("FR", "eu-1", "no company may raise a price here because of what it gives"),
            ("GB", "uk-1", "This is the notifiable amount, an exact figure"),
            ("GB", "uk-1", "Gift Aid cannot be claimed"),
            ("US", "us-1", "a commercial co-venturer, gives €2.40"),
            ("US", "us-1", "There is no maximum and no guaranteed minimum."),
            ("US", "us-1", "No part of the price is a charitable contribution by you"),
            ("CH", "other-1", "a purchase is not a donation"),
        ],
    )
    def test_says_what_its_jurisdiction_asks_for(self, app, country, version, words):
        disclosed = told(app, country=country)
        assert disclosed.version == version
        assert words in disclosed.text

    def test_tells_the_end_of_a_promise_in_the_united_states(self, app):
        arbosca, calmiera = PURCHASE.companies
        companies = [replace(arbosca, until=date(2027, 6, 30)), calmiera]
        said = told(app, country="US", companies=companies).text
        assert "Arbosca has promised these terms until June 30, 2027." in said
        assert "Calmiera has set no end date." in said
        assert "June" not in told(app, companies=companies).text

    def test_speaks_of_an_own_gift_only_where_there_is_one(self, app):
        assert "You give €2.00 of your own on top" in told(app).text
        assert "of your own" not in told(app, top_up_minor=0).text

    def test_names_no_project_where_nothing_is_given(self, app):
        said = told(app, projects=[replace(one, amount_minor=0) for one in PURCHASE.projects]).text
        assert "It goes to" not in said

    @pytest.mark.parametrize("country", ["IT", "GB", "US", "CH"])
    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_is_in_the_shoppers_language(self, app, country, language):
        said = told(app, language, country=country).text.split("\n")
        english = told(app, country=country).text.split("\n")
        assert len(said) == len(english)
        assert not set(said) & set(english)


class TestVersions:
    def test_are_never_changed_once_somebody_was_told_them(self, app):
        with app.test_request_context():
            found = {
                one.id: hashlib.sha256(
                    "\n".join(
                        map(
                            str,
                            [
                                *(one.company, one.projects, *one.closing, one.top_up),
                                *(one.until, one.endless, one.since),
                            ],
                        )
                    ).encode()
                ).hexdigest()[:16]
                for one in service.VERSIONS
            }
        assert found == FINGERPRINTS

    def test_hold_from_their_day_on(self):
        first = service.current(Jurisdiction.EU, DAY)
        assert service.current(Jurisdiction.EU, date(2020, 1, 1)) == first
        assert service.current(Jurisdiction.EU, date(2030, 1, 1)).since <= date(2030, 1, 1)

    @pytest.mark.parametrize("one", Jurisdiction)
    def test_are_there_for_everybody(self, one):
        assert service.versions_of(one)
