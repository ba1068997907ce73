"""Languages: text is English in the source, French and Italian in `translations/`."""

from flask_babel import gettext, lazy_gettext, ngettext, pgettext

LANGUAGES = {"en": "English", "fr": "Français", "it": "Italiano"}
DEFAULT_LANGUAGE = "en"

_ = gettext
_l = lazy_gettext

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "_",
    "_l",
    "gettext",
    "lazy_gettext",
    "ngettext",
    "pgettext",
]
