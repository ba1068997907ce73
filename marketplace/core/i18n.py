"""Languages: text is English in the source, French and Italian in `translations/`."""

from functools import lru_cache
from typing import Any

from flask_babel import force_locale, get_locale, get_translations, lazy_gettext

LANGUAGES = {"en": "English", "fr": "Français", "it": "Italiano"}
DEFAULT_LANGUAGE = "en"


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else DEFAULT_LANGUAGE


@lru_cache(maxsize=8)
def catalogue(language: str) -> Any:  # Any: Babel's translations, which have no types
    """Return the texts of a language; they are read once in a process."""
    with force_locale(language):
        return get_translations()


def gettext(text: str, /, **values: object) -> str:
    """Return a text in the language in use, with values put in as `%(name)s`.

    Flask-Babel's own looks for the catalogue anew each time, and a page asks a hundred times.
    """
    found: str = catalogue(_language()).ugettext(text)
    return found % values if values else found


def pgettext(about: str, text: str, /, **values: object) -> str:
    """Return a text whose meaning hangs on what it is about."""
    found: str = catalogue(_language()).upgettext(about, text)
    return found % values if values else found


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the form for a number, which the text calls `num`."""
    found: str = catalogue(_language()).ungettext(one, many, number)
    return found % {"num": number, **values}


_ = gettext
_l = lazy_gettext

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "_",
    "_l",
    "catalogue",
    "gettext",
    "lazy_gettext",
    "ngettext",
    "pgettext",
]
