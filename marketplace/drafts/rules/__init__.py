"""What an update needs before it is out, local times, addresses and letters. Pure."""

from collections.abc import Mapping, Sequence

from marketplace.core.i18n import _l

MOST_PAPERS = 3
"""An update comes with at most so many PDFs."""
MOST_DRAFTS = 50
"""A project has at most so many drafts."""
LONGEST_TITLE, LONGEST_BODY = 200, 20_000
KEPT_TITLE, KEPT_BODY = 1_000, 60_000
"""So much of what is too long is kept in a draft, so that it can be made shorter there."""


def missing(title: str, body: str, alts: Sequence[str]) -> Mapping[str, object]:
    """Return what keeps an update from being published, by field."""
    wrong: dict[str, object] = {}
    if not title:
        wrong["title"] = _l("Give it a title.")
    elif len(title) > LONGEST_TITLE:
        wrong["title"] = _l("At most 200 characters, please.")
    if not body:
        wrong["body"] = _l("Say what happened.")
    elif len(body) > LONGEST_BODY:
        wrong["body"] = _l("At most 20 000 characters, please.")
    if not all(alts):
        wrong["alts"] = _l("Describe each photo for people who cannot see it, in its order.")
    return wrong
