"""What shoppers are told before they pay: which sentence applies where, and its versions."""

from babel import Locale
from flask import Blueprint, current_app

from marketplace.checkout.schemas import COUNTRIES
from marketplace.core import clock
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.disclosures import service
from marketplace.disclosures.rules import Jurisdiction, Times, jurisdiction_of

blueprint = Blueprint("disclosures", __name__)


@blueprint.get("/disclosures")
@access("public")
def disclosures() -> tuple[str, int]:
    """Show every wording with an invented purchase, and where it applies."""
    settings = current_app.config["SETTINGS"]
    times = Times(settings.return_window_days, settings.payout_maximum_age_days)
    language, today = current_language(), clock.now().date()
    names = Locale.parse(language).territories
    return render(
        "disclosures/disclosures.html",
        parts=[
            {
                "jurisdiction": one.value,
                "countries": sorted(
                    names[code] for code in COUNTRIES if jurisdiction_of(code) is one
                ),
                "current": service.current(one, today),
                "versions": [
                    (version, service.example(version, times=times, language=language))
                    for version in service.versions_of(one)
                ],
            }
            for one in Jurisdiction
        ],
    )
