"""What a schema finds wrong by itself, said in the reader's language and without its jargon."""

import re

from marketplace.core.i18n import _, _l

_NEEDED = _l("Please fill this in.")
_UNCLEAR = _l("This could not be understood. Please check it.")

SENTENCES = {
    "Missing data for required field.": _NEEDED,
    "Field may not be null.": _NEEDED,
    "Unknown field.": _l("This does not belong here. Please load the page again."),
    "Not a valid integer.": _l("Write a whole number."),
    "Not a valid number.": _l("Write a number."),
    "Number too large.": _l("This number is too large."),
    "Not a valid date.": _l("Write the day like 2026-03-12."),
    "Not a valid email address.": _l("Write an e-mail address such as name@example.org."),
    "Not a valid URL.": _l("Write a web address such as https://example.org."),
    "Not a valid UUID.": _UNCLEAR,
    "Not a valid boolean.": _UNCLEAR,
    "Not a valid list.": _UNCLEAR,
    "Not a valid mapping type.": _UNCLEAR,
    "Not a valid string.": _UNCLEAR,
    "Invalid input type.": _UNCLEAR,
    "Invalid input.": _UNCLEAR,
    "Invalid type.": _UNCLEAR,
    "Invalid value.": _UNCLEAR,
    "String does not match expected pattern.": _UNCLEAR,
}
"""marshmallow's own sentences, and what stands for them."""

_SHORT = re.compile(r"Shorter than minimum length (\d+)\.")
_LONG = re.compile(r"Longer than maximum length (\d+)\.")
_LENGTH = re.compile(r"Length must be between (\d+) and (\d+)\.")
_LEAST = re.compile(r"Must be greater than (?:or equal to )?(\S+?)\.?")
_MOST = re.compile(r"Must be less than (?:or equal to )?(\S+?)\.?")
_RANGE = re.compile(r"Must be greater than (?:or equal to )?(\S+) and less than \D*(\S+?)\.?")
_CHOICE = re.compile(r"Must be one of: .*\.", re.DOTALL)


def for_people(message: object) -> str:
    """Return a complaint as people read it; what is no sentence of marshmallow's stays."""
    text = str(message)
    if text in SENTENCES:
        return str(SENTENCES[text])
    if _CHOICE.fullmatch(text):
        return str(_("Choose one of what is offered."))
    if found := _SHORT.fullmatch(text):
        return str(_NEEDED) if found[1] == "1" else _at_least(found[1])
    if found := _LONG.fullmatch(text):
        return str(_("This is too long: at most %(most)s characters fit.", most=found[1]))
    if found := _LENGTH.fullmatch(text):
        return str(_("Please fill this in, with at most %(most)s characters.", most=found[2]))
    return _of_numbers(text)


def _at_least(least: str) -> str:
    return str(_("This is too short: write at least %(least)s characters.", least=least))


def _of_numbers(text: str) -> str:
    if found := _RANGE.fullmatch(text):
        return str(_("Write a number from %(least)s to %(most)s.", least=found[1], most=found[2]))
    if found := _LEAST.fullmatch(text):
        return str(_("Write %(least)s or more.", least=found[1]))
    if found := _MOST.fullmatch(text):
        return str(_("Write %(most)s or less.", most=found[1]))
    return text
