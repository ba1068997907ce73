"""E-mail: written as templates, sent by jobs, over SMTP or into files, the console or memory."""

import re
import smtplib
import sys
from dataclasses import dataclass, field
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import css_inline
from flask import Flask, current_app, g, render_template
from flask_babel import force_locale

from marketplace.core.addresses import public_url

SMTP_TIMEOUT_SECONDS = 20


class Unfolded(UnstructuredHeader, BaseHeader):
    """A header that stays as we write it, on its line.

    A long address would be encoded, and no longer be one; a content's type would be taken apart and
    put together again three times for each of a letter's parts.
    """

    def fold(self, *, policy: policy.Policy) -> str:
        """Return the whole line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("list-unsubscribe", "message-id", "content-type"):
    _HEADERS.map_to_type(_name, Unfolded)
_POLICY = policy.default.clone(header_factory=_HEADERS)


class Post(Protocol):
    """Something that carries letters away."""

    def deliver(self, message: EmailMessage) -> None:
        """Hand a letter over, or raise: the job that sends it is tried again."""


@dataclass
class Memory:
    """Keeps letters, for tests."""

    letters: list[EmailMessage] = field(default_factory=list)

    def deliver(self, message: EmailMessage) -> None:
        """Keep a letter."""
        self.letters.append(message)


class Console:
    """Prints letters, for development."""

    def deliver(self, message: EmailMessage) -> None:
        """Print a letter's text."""
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        sys.stdout.write(f"\n--- {message['To']}: {message['Subject']}\n{text}---\n")
        sys.stdout.flush()


@dataclass
class Folder:
    """Writes letters as .eml files."""

    path: Path

    def deliver(self, message: EmailMessage) -> None:
        """Write a letter under its own Message-ID, so that a second try replaces the first."""
        self.path.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9.-]", "", message["Message-ID"])
        (self.path / f"{name}.eml").write_bytes(message.as_bytes())


@dataclass
class Smtp:
    """Sends letters through a mail server."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False

    def deliver(self, message: EmailMessage) -> None:
        """Send a letter."""
        with smtplib.SMTP(self.host, self.port, timeout=SMTP_TIMEOUT_SECONDS) as server:
            if self.tls:
                server.starttls()
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)


def make_post(url: str) -> Post:
    """Return the post that a MAIL_URL names: console:, file:DIR, memory:, smtp://..."""
    parts = urlsplit(url)
    if parts.scheme == "smtp":
        tls = parse_qs(parts.query).get("tls", [""])[0] in ("1", "true", "yes")
        return Smtp(
            parts.hostname or "localhost",
            parts.port or 25,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            tls,
        )
    if parts.scheme == "file":
        return Folder(Path(url.removeprefix("file:").removeprefix("//")))
    return Memory() if parts.scheme == "memory" else Console()


def init_app(app: Flask, url: str) -> None:
    """Choose how this app's letters travel."""
    app.extensions["post"] = make_post(url)


def _host() -> str:
    return urlsplit(public_url()).hostname or "localhost"


def send(
    *,
    to: str,
    kind: str,
    locale: str,
    key: str = "",
    stop_link: str = "",
    reply_to: str = "",
    **context: Any,  # Any: Jinja's
) -> None:
    """Write and send one letter.

    `templates/mail/<kind>.txt` begins with the subject line and a blank line; `<kind>.html` is the
    same for screens. `key` makes the Message-ID, so that a letter sent twice by a retried job is
    recognised as one. `stop_link` is where a POST without cookies ends such letters: mail programs
    offer it as a button of their own (RFC 8058), and sort letters by the name of their list (RFC
    2919). `reply_to` is where an answer goes. To an address that cannot be (`.invalid`, RFC 2606)
    no letter goes: it is of somebody who was forgotten.
    """
    if to.endswith(".invalid"):
        return
    with force_locale(locale):
        g.language = locale
        subject, _blank, text = render_template(
            f"mail/{kind}.txt", stop_link=stop_link, reply_to=reply_to, **context
        ).partition("\n")
        html = render_template(
            f"mail/{kind}.html", stop_link=stop_link, reply_to=reply_to, **context
        )
    message = EmailMessage(_POLICY)
    message["Subject"] = " ".join(subject.split())
    message["From"] = current_app.config["SETTINGS"].mail_from
    message["To"] = to
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{key}@causeway>" if key else make_msgid(domain="causeway")
    message["Auto-Submitted"] = "auto-generated"
    if reply_to:
        message["Reply-To"] = reply_to
    if stop_link:
        message["List-Unsubscribe"] = f"<{stop_link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["List-Id"] = f"<{kind.replace('_', '-')}.{_host()}>"
    message.set_content(text.lstrip("\n"))
    inlined = css_inline.inline(html, load_remote_stylesheets=False, keep_at_rules=True)
    message.add_alternative(inlined, subtype="html")
    current_app.extensions["post"].deliver(message)
