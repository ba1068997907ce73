"""What somebody wrote in a letter, without what their program put around it."""

import re
from html.parser import HTMLParser

_ATTRIBUTION = re.compile(
    r"\s*(?:on\b.{1,200}\bwrote|le\b.{1,200}\ba écrit|il\b.{1,200}\bha scritto"
    r"|am\b.{1,200}\bschrieb.{0,100})\s*:\s*",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"\s*(?:-{2,}\s*(?:original message|message d.origine|messaggio originale|forwarded message)"
    r"\s*-{2,}|_{10,})\s*",
    re.IGNORECASE,
)
_FROM = re.compile(r"\s*\*?(?:from|de|da)\s?:\*?\s.*", re.IGNORECASE)
_SENT = re.compile(r"\s*\*?(?:sent|date|envoyé|inviato|data)\s?:\*?\s.*", re.IGNORECASE)
_DEVICE = re.compile(
    r"\s*(?:sent from my |envoyé de mon |envoyé depuis |inviato da |get outlook for ).{1,80}",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"\s*(?:(?:re|r|aw|sv|réf|rif|fwd?|tr|i)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|$)")
LONGEST_FROM_TEXT = 80


def own_words(text: str) -> str:
    """Return a text without the quoted letter and without the signature.

    Where somebody wrote below what they quote, what is not quoted is theirs.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((n for n in range(len(lines)) if _ends(lines, n)), len(lines))
    before = _joined(lines[:end])
    if before or end == len(lines):
        return before
    rest = lines[end + 1 :]
    if lines[end].rstrip() == "--" or not any(line.startswith(">") for line in rest):
        return ""
    below = [line for line in rest if not line.startswith(">")]
    return own_words("\n".join(below))


def _ends(lines: list[str], n: int) -> bool:
    """Say whether what somebody wrote ends before a line."""
    line, following = lines[n], lines[n + 1 : n + 4]
    if line.rstrip() == "--" or _DIVIDER.fullmatch(line) or _DEVICE.fullmatch(line):
        return True
    if _FROM.fullmatch(line) and any(_SENT.fullmatch(one) for one in following):
        return True
    return _introduces(line, lines[n + 1 :]) or _introduces(
        " ".join([line.strip(), *(one.strip() for one in following[:1])]), lines[n + 2 :]
    )


def _introduces(line: str, rest: list[str]) -> bool:
    """Say whether a line says who wrote what follows, and that is quoted."""
    if not _ATTRIBUTION.fullmatch(line[:400]):
        return False
    return next((one for one in rest if one.strip()), ">").startswith(">")


def _joined(lines: list[str]) -> str:
    while lines and (not lines[-1].strip() or lines[-1].startswith(">")):
        lines = lines[:-1]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def title_of(subject: str, text: str) -> str:
    """Return a title: the subject; of an answer, whose subject is ours, its first sentence."""
    bare = " ".join(subject.split())
    if bare and not _ANSWERS.match(bare):
        return bare[:200]
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    sentence = _SENTENCE.match(first[:400])
    title = sentence[1] if sentence else first
    if len(title) > LONGEST_FROM_TEXT:
        title = title[:LONGEST_FROM_TEXT].rsplit(" ", 1)[0] + "…"
    return title.rstrip(".")


class _Words(HTMLParser):
    """Collects the words of a page, a line for each block, without what it quotes."""

    APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"})
    BLOCKS = APART | {"address", "article", "br", "dd", "div", "dl", "dt", "hr", "pre", "tr"}
    SILENT = frozenset(
        {"head", "script", "style", "title", "textarea", "noscript", "blockquote", "template"}
    )
    QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.silent:
            self.depth += tag == self.silent
            return
        kind = next((value or "" for name, value in attrs if name == "class"), "")
        if tag in self.SILENT or any(quote in kind for quote in self.QUOTES):
            self.silent, self.depth = tag, 1
        elif tag == "li":
            self.found.append("\n- ")
        elif tag in self.BLOCKS:
            self.found.append("\n\n" if tag in self.APART else "\n")

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.depth -= tag == self.silent
            if not self.depth:
                self.silent = ""
        elif tag in self.APART:
            self.found.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(re.sub(r"\s+", " ", data))


def words_of_html(html: str) -> str:
    """Return the words of a letter that is only a page."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = [line.strip() for line in "".join(reader.found).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
