"""The forms of a page, read as a browser without JavaScript reads them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from marketplace.core.reading.text import without_controls

TYPED = {"text", "search", "", "tel", "url"}
LONG, SHORT = 4_000, 190
"""How much goes into a field of many lines, or of one, that says no limit."""


@dataclass
class Control:
    """A field of a form; `options` are those of a list, `values` what would be sent."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    most: int = LONG
    is_needed: bool = False
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Tell whether people write words into it."""
        return self.kind == "textarea" or (
            self.kind in TYPED
            and self.attributes.get("inputmode", "") not in {"numeric", "decimal"}
            and "readonly" not in self.attributes
        )


@dataclass
class PageForm:
    """A form that is posted."""

    action: str
    controls: list[Control] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def texts(self) -> list[Control]:
        """Return the fields for words."""
        return [control for control in self.controls if control.is_text and control.name]

    def count(self, name: str) -> int:
        """Return how many fields have a name; a button, a list of marks or none counts as one."""
        marks = ("radio", "checkbox")
        return sum(one.name == name and one.kind not in marks for one in self.controls) or 1


class Reader(HTMLParser):
    """Gathers what a page would send, and which fields it calls wrong."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.named: dict[str, PageForm] = {}
        self.strays: list[tuple[str, Control]] = []
        self.wrong = set(re.findall(r'id="e-([^"]+)"', html)) | set(
            re.findall(r'<a href="#f-([^"]+)"', html)
        )
        self._form: PageForm | None = None
        self._control: Control | None = None
        self._option: dict[str, str] | None = None
        self.feed(html)
        for owner, control in self.strays:
            if owner in self.named:
                self.named[owner].controls.append(control)

    def like(self, form: PageForm) -> PageForm | None:
        """Return the form of this page that asks for the same, if there is just one."""
        names = {control.name for control in form.texts}
        same = [
            one
            for one in self.forms
            if {control.name for control in one.texts} == names
            and (not one.action or not form.action or one.action == form.action)
        ]
        return same[0] if len(same) == 1 else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a part of a form."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(said.get("action", ""))
            if said.get("method", "").lower() == "post":
                self.forms.append(self._form)
                self.named[said.get("id", "")] = self._form
        elif tag in ("input", "textarea", "select"):
            self._note(tag, said)
        elif tag == "option" and self._control:
            self._control.options.append(said.get("value", ""))
            if "selected" in said:
                self._control.values = [said.get("value", "")]
        elif tag == "button" and self._form and "formnovalidate" not in said:
            self._form.buttons.append((said.get("name", ""), said.get("value", "")))

    def _note(self, tag: str, said: dict[str, str]) -> None:
        if "disabled" in said:
            return
        kind = said.get("type", "text") if tag == "input" else tag
        control = Control(
            said.get("name", ""),
            kind,
            most=int(said.get("maxlength") or (LONG if kind == "textarea" else SHORT)),
            is_needed="required" in said,
            attributes=said,
        )
        ticked = kind not in ("checkbox", "radio") or "checked" in said
        if tag == "input" and ticked and kind not in ("file", "submit", "image"):
            control.values = [said.get("value", "on" if kind == "checkbox" else "")]
        if kind == "radio":
            control.options = [said.get("value", "on")]
        self._control = control
        if said.get("form"):
            self.strays.append((said["form"], control))
        elif self._form:
            self._form.controls.append(control)

    def handle_data(self, data: str) -> None:
        """Note what stands in a field of many lines."""
        if self._control and self._control.kind == "textarea":
            before = self._control.values[0] if self._control.values else ""
            self._control.values = [before + data]

    def handle_endtag(self, tag: str) -> None:
        """Note that a part ends."""
        if tag == "form":
            self._form = None
        if tag in ("select", "textarea") and self._control:
            control, self._control = self._control, None
            if tag == "select" and not control.values and control.options:
                control.values = control.options[:1]
            if tag == "textarea":
                control.values = [text.removeprefix("\n") for text in control.values] or [""]


def changed(
    sent: dict[str, list[Any]],  # Any: text, or a file
    shown: PageForm,
    is_meant: Callable[[str], bool] = bool,
) -> Iterator[str]:
    """Tell which words a form shows otherwise than they were sent; an empty field is no word.

    What no text has goes (control characters, halves of signs), and blanks around it; ends of lines
    are those of this machine, and in a field of one line each blank is a single one.
    """
    place: Counter[str] = Counter()
    for control in shown.texts:
        texts = sent.get(control.name, [])
        before = texts[place[control.name]] if place[control.name] < len(texts) else ""
        place[control.name] += 1
        now = "".join(control.values)
        if isinstance(before, str) and is_meant(before) and now:
            told, shows = (_said(text, control.kind) for text in (before, now))
            if told != shows:
                pairs = enumerate(zip(told, shows, strict=False))
                start = max(next((at for at, (one, two) in pairs if one != two), 0) - 40, 0)
                yield f"{control.name} was {told[start:][:120]!r} and is {shows[start:][:120]!r}"


def _said(text: str, kind: str) -> str:
    text = without_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip() if kind == "textarea" else " ".join(text.split())
