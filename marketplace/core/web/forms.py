"""Forms: what was typed, what it means, what is wrong with it; nothing typed is lost."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from marketplace.core.db import atomic
from marketplace.core.errors import Invalid
from marketplace.core.web.complaints import for_people

Values = Mapping[str, Any]  # Any: what a schema loads is typed by the schema, not here


@dataclass
class Form:
    """A submitted form. `values` is the raw text for showing it again."""

    data: dict[str, Any] = field(default_factory=dict)  # Any: typed by the schema
    values: dict[str, Any] = field(default_factory=dict)  # Any: text, or a list of texts
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Say whether everything could be understood."""
        return not self.errors

    def refuse(self, fields: Mapping[str, object]) -> None:
        """Add what a service found wrong."""
        self.errors.update({name: str(message) for name, message in fields.items()})


@contextmanager
def attempt(form: Form, *, whole: str = "form") -> Iterator[None]:
    """Run one use case in a transaction; what it refuses is undone and stands in the form.

    What is done when it works, the answer included, belongs inside; behind it the form is wrong.
    A fact that names no field stands under `whole`.
    """
    try:
        with atomic():
            yield
    except Invalid as fact:
        form.refuse(fact.fields or {whole: fact.message})


def load_form(schema: Schema) -> Form:
    """Load the posted form; unknown fields (but the CSRF token) are errors, lists stay lists."""
    return _load(schema, request.form, ignored=("csrf_token",))


def load_query(schema: Schema) -> Form:
    """Load the query string; unknown parameters (of campaigns and the like) are ignored."""
    known = set(schema.fields)
    return _load(schema, MultiDict((k, v) for k, v in request.args.items(True) if k in known))


def _load(schema: Schema, given: MultiDict[str, str], ignored: tuple[str, ...] = ()) -> Form:
    lists = {name for name, kind in schema.fields.items() if type(kind).__name__ == "List"}
    values: dict[str, Any] = {  # Any: text, or a list of texts
        name: given.getlist(name) if name in lists else given[name]
        for name in given
        if name not in ignored
    }
    raw = {
        name: [one.strip() for one in value] if isinstance(value, list) else value.strip()
        for name, value in values.items()
    }
    try:
        return Form(data=schema.load(raw), values=values)
    except ValidationError as error:
        found = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow's own
        return Form(values=values, errors=_flat(found))


def _flat(messages: Mapping[str, Any]) -> dict[str, str]:  # Any: marshmallow nests at will
    flat: dict[str, str] = {}
    for name, told in messages.items():
        first = told
        while isinstance(first, dict):
            first = next(iter(first.values()))
        flat[str(name)] = for_people(first[0] if isinstance(first, list) else first)
    return flat
