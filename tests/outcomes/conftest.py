"""A project that measures something, its people and its files."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image

from marketplace.outcomes import service
from marketplace.outcomes.rules import IndicatorKind
from marketplace.outcomes.service import IndicatorWish, Proof, Value
from tests import factories
from tests.factories import NOW

TODAY, JANUARY, FEBRUARY = NOW.date(), date(2026, 1, 31), date(2026, 2, 28)


def picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (64, 48), "#557755").save(file, "PNG")
    file.seek(0)
    return file


@pytest.fixture
def owner(db):
    return factories.make_user(name="Achieng’ Odera")


@pytest.fixture
def project(db, owner):
    made = factories.make_project(title="Springs")
    factories.make_owner(made, owner)
    db.commit()
    return made


@pytest.fixture
def indicator(project, db):
    made = service.set_indicator(
        project=project,
        indicator=None,
        wish=IndicatorWish(
            "Households", "households", IndicatorKind.ADDS, "SDG 6.1.1", target=Decimal(300)
        ),
        now=NOW,
    )
    db.commit()
    return made


@pytest.fixture
def measure(indicator, owner, db):
    """Return a function that publishes a value, or keeps it as a draft."""

    def measure(value, day=TODAY, *, publishes=True, corrects=None, **more):
        made = service.draft(
            indicator=indicator,
            author=owner,
            value=Value(Decimal(value), day, "Signed book", "Because"),
            proofs=[Proof("The book", url="https://example.org/book")],
            corrects=corrects,
            now=NOW,
            **more,
        )
        if publishes:
            service.publish(outcome=made, now=NOW)
        db.commit()
        return made

    return measure
