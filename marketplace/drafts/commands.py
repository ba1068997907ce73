"""Taking letters in: one from standard input, or all by SMTP."""

import asyncio
import os
import signal
import sys
import uuid
from functools import partial

import click
import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask, current_app
from flask.cli import with_appcontext

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.db import session as database
from marketplace.core.errors import TooMany
from marketplace.drafts import service
from marketplace.drafts.rules.addresses import read_local_part
from marketplace.drafts.rules.letters import MOST_BYTES, Head, read_head

TAKEN = "250 2.0.0 Taken; you get a letter"
UNKNOWN = "550 5.1.1 There is no such address here"
NOT_TAKEN = "550 5.7.1 This address takes letters of its owner only"
TOO_MANY = "452 4.3.1 Too many letters today"
LATER = "451 4.3.0 Try again later"
MOST_RECIPIENTS = 5
SECONDS = 60


def take(app: Flask, raw: bytes, recipients: list[str], *, is_bounce: bool = False) -> str:
    """Keep a letter for the first of its recipients that is an address of ours; return the answer.

    Whatever goes wrong here goes wrong for a while: the sender's server tries again.
    """
    log = structlog.get_logger()
    try:
        with app.app_context():
            try:
                answer = _take(app, raw, recipients, is_bounce=is_bounce)
            finally:
                database.remove()
    except Exception:  # the database is gone, or the like: nothing is lost
        log.exception("letter_postponed")
        return LATER
    log.info("letter_came", answer=answer[:3], size=len(raw))
    return answer


def _take(app: Flask, raw: bytes, recipients: list[str], *, is_bounce: bool) -> str:
    head = read_head(raw)
    known = (
        address_of(app, one) for one in (*recipients, *(() if recipients else head.recipients))
    )
    address_id = next((one for one in known if one is not None), None)
    if address_id is None:
        return UNKNOWN
    try:
        with atomic():
            _receive(address_id, head, raw, is_bounce=is_bounce)
    except service.NotTaken:
        return NOT_TAKEN
    except TooMany:
        return TOO_MANY
    return TAKEN


def _receive(address_id: uuid.UUID, head: Head, raw: bytes, *, is_bounce: bool) -> None:
    if is_bounce:
        raise service.NotTaken
    service.receive(address_id=address_id, head=head, raw=raw, now=clock.now())


def address_of(app: Flask, recipient: str) -> uuid.UUID | None:
    """Return which of our addresses is meant, None for any other."""
    local, _at, domain = recipient.strip("<> ").rpartition("@")
    if not app.config["MAIL_DOMAIN"] or domain.lower() != app.config["MAIL_DOMAIN"]:
        return None
    return read_local_part(app.config["SECRET_KEY"], local)


class Door:
    """What the SMTP server asks when something comes."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    async def handle_RCPT(  # noqa: N802  # the library's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Let in what is for an address that we signed; more is asked when the letter is here."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if address_of(self.app, address) is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a letter; 250 is said when it is in the database."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        taken = partial(
            take, self.app, raw, list(envelope.rcpt_tos), is_bounce=not envelope.mail_from
        )
        return await asyncio.get_running_loop().run_in_executor(None, taken)


@click.command("receive-mail")
@click.option("--to", "recipients", multiple=True, help="The address it was sent to.")
@with_appcontext
def receive_mail(recipients: tuple[str, ...]) -> None:
    """Take one letter from standard input, as mail servers hand it to a command.

    Exit code 75 says "try again later" (EX_TEMPFAIL); whatever is not for us is dropped without a
    word, so that nobody gets an answer to a letter that they did not send.
    """
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    answer = take(_app(), raw, list(recipients))
    click.echo(answer)
    if answer in (LATER, TOO_MANY):
        sys.exit(os.EX_TEMPFAIL)


@click.command("mail-server")
@with_appcontext
def mail_server() -> None:
    """Take letters by SMTP at MAIL_LISTEN until told to stop."""
    settings = current_app.config["SETTINGS"]
    if not settings.mail_listen or not settings.mail_domain:
        raise click.ClickException("Set MAIL_LISTEN and MAIL_DOMAIN first.")
    asyncio.run(_serve(_app(), settings.mail_listen, settings.mail_domain))


async def _serve(app: Flask, listen: str, domain: str) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    host, _colon, port = listen.rpartition(":")
    server = await loop.create_server(
        lambda: SMTP(
            Door(app),
            hostname=domain,
            ident="Causeway",
            data_size_limit=MOST_BYTES,
            timeout=SECONDS,
            loop=loop,
        ),
        host,
        int(port),
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with server:
        await stop.wait()


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001  # for threads


commands: list[click.Command] = [receive_mail, mail_server]
