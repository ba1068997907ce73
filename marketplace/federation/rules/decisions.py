"""What can be decided of a comment."""

import enum

from marketplace.core.i18n import _l


class Decision(enum.StrEnum):
    """What somebody here says of a comment from elsewhere."""

    SHOW = "show"
    REFUSE = "refuse"


SAID = {
    Decision.SHOW: _l("The answer stands on the update’s page now."),
    Decision.REFUSE: _l("The answer is not shown."),
}
"""What a page says after a decision."""


def read_decision(text: str) -> Decision | None:
    """Return what a form's address asks for; None for nothing that there is."""
    return Decision(text) if text in list(Decision) else None
