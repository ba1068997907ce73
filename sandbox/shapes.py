"""The shapes that every module here passes around."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]  # a JSON object as Stripe sends it: open by nature
JsonValue: TypeAlias = Any  # a form value after parsing: text, list or nested mapping


def names(text: str) -> tuple[str, ...]:
    """The words of a text: a readable way to write a long list of field names."""
    return tuple(text.split())


def nulls(text: str) -> Json:
    """A JSON object in which each of the named fields is null."""
    return dict.fromkeys(names(text))
