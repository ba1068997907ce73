"""Indicators that others use, too: the codes are public, the words beside them our own."""

from marketplace.core.i18n import _l

CODES = {
    "SDG 1.2.1": _l("People who live below the poverty line"),
    "SDG 2.1.2": _l("People without secure access to food"),
    "SDG 3.1.2": _l("Births with trained help"),
    "SDG 3.8.1": _l("People reached by basic health care"),
    "SDG 4.1.2": _l("Children who finished a level of school"),
    "SDG 4.3.1": _l("People who take part in education or training"),
    "SDG 4.6.1": _l("People who can read, write and count"),
    "SDG 5.5.2": _l("Women who lead or decide"),
    "SDG 6.1.1": _l("People with safe drinking water"),
    "SDG 6.2.1": _l("People with safe toilets and a place to wash hands"),
    "SDG 6.3.2": _l("Waters of good quality"),
    "SDG 7.1.1": _l("People with electricity"),
    "SDG 8.5.2": _l("People without work"),
    "SDG 11.6.1": _l("Waste that is collected and treated"),
    "SDG 12.5.1": _l("Material that is used again"),
    "SDG 13.1.2": _l("Places with a plan for disasters"),
    "SDG 14.5.1": _l("Protected sea"),
    "SDG 15.1.1": _l("Land covered by forest"),
    "SDG 15.3.1": _l("Land that is worn out"),
    "SDG 16.1.4": _l("People who feel safe where they live"),
}
"""Numbers of the United Nations' list of indicators for the Sustainable Development Goals."""


def code_name(code: str) -> str:
    """Return what a code stands for, in few words; nothing for one that we do not know."""
    return str(CODES[code]) if code in CODES else ""
