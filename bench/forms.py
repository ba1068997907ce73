"""Reading forms out of pages, as far as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = list[tuple[str, str | None]]


@dataclass
class Form:
    """Where a form goes and what it sends if nobody changes anything."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        said = dict(attrs)
        if tag == "form" and said.get("method") == "post":
            self.forms.append(Form(said.get("action") or ""))
        if tag != "input" or not self.forms or not said.get("name"):
            return
        is_choice = said.get("type") in {"radio", "checkbox"}
        if said.get("type") not in {"submit", "image"} and (not is_choice or "checked" in said):
            self.forms[-1].fields.append((str(said["name"]), said.get("value") or ""))


def read(page: str, holding: str) -> Form:
    """Return the form of a page that has a field of this name.

    :raises LookupError: there is none.
    """
    reader = _Reader()
    reader.feed(page)
    for form in reader.forms:
        if any(name == holding for name, _value in form.fields):
            return form
    raise LookupError(f"no form with a field {holding!r}")
