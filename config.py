"""Settings: what may differ between two installations, read once from the environment."""

import contextlib
import dataclasses
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urlsplit

from environs import Env, EnvValidationError, ValidationError, validate

SECRET_LENGTH = 32
CHECKOUT_SESSION_MINUTES = (31, 1440)  # Stripe: 30 minutes to a day, counted when it hears of it


class ConfigError(Exception):
    """The environment cannot be used; the text has one line for each thing that is wrong."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(["The settings cannot be used:", *(f"  {x}" for x in lines)]))


def _setting(
    doc: str, default: object, *, kind: str = "str", check: Callable[..., object] | None = None
) -> Any:  # Any: like dataclasses.field, it stands for a value of the annotated type
    metadata = {"doc": doc, "kind": kind, "check": check}
    return dataclasses.field(default=default, metadata=metadata)


def _one_of_schemes(*schemes: str) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        if value and urlsplit(value).scheme not in schemes:
            raise ValidationError(f"Begins with {' or '.join(f'{x}:' for x in schemes)}")
        return True

    return check


def _each_is(pattern: str, words: str) -> Callable[[list[str]], bool]:
    def check(values: list[str]) -> bool:
        if not all(re.fullmatch(pattern, value) for value in values):
            raise ValidationError(f"Each is {words}")
        return True

    return check


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation's settings; each field is an environment variable of the same name."""

    environment: str = _setting(
        "`development`, `production` or `test`. Production refuses to start with settings that "
        "are only good for trying things out.",
        "development",
        check=validate.OneOf(["development", "production", "test"]),
    )
    host: str = _setting("The address to listen on.", "127.0.0.1")
    port: int = _setting("The port to listen on.", 8000, kind="int", check=validate.Range(1, 65535))
    public_url: str = _setting(
        "Where people reach the site, without a path. Links in e-mails, feeds and payments begin "
        "with it. Empty: `http://HOST:PORT`. Production wants `https:`.",
        "",
        check=_one_of_schemes("http", "https"),
    )
    instance_path: Path = _setting(  # noqa: RUF009  # a field, whatever ruff thinks
        "The folder for what this installation keeps on disk: the embedded database, photos, "
        "generated secrets.",
        Path("instance"),
        kind="path",
    )
    database_url: str = _setting(
        "`postgresql://user:password@host/name`, any PostgreSQL from 15 on. Empty: a server of "
        "our own is started, with its data in `INSTANCE_PATH`.",
        "",
        check=_one_of_schemes("postgresql", "postgres"),
    )
    secret_key: str = _setting(
        f"Signs cookies and links: at least {SECRET_LENGTH} characters. Empty: made once and kept "
        "in `INSTANCE_PATH`.",
        "",
    )
    log_key: str = _setting(
        f"What the public log's signing key is made from: at least {SECRET_LENGTH} random "
        "characters, and never another once the log is public. Empty: made once and kept in "
        "`INSTANCE_PATH`.",
        "",
    )
    log_witnesses: tuple[str, ...] = _setting(
        "Public keys of those who may cosign the log's checkpoints (`NAME+ID+KEY`), with commas "
        "between.",
        (),
        kind="list",
    )
    witnesses: tuple[str, ...] = _setting(
        "Who is asked every few minutes to cosign the log's newest checkpoint (C2SP tlog-witness): "
        "`NAME+ID+KEY URL`, with commas between. To the URL comes `/add-checkpoint`; it is public "
        "and `https:`, unless `OUTGOING_TO_PRIVATE` is set. Their keys count as `LOG_WITNESSES`.",
        (),
        kind="list",
        check=_each_is(
            r"\s*[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+ https?://\S+\s*", "NAME+ID+KEY URL"
        ),
    )
    currency: str = _setting(
        "ISO 4217 code of the market's one currency.", "EUR", check=validate.Regexp(r"[A-Z]{3}$")
    )
    stripe_secret_key: str = _setting(
        "Secret key of the Stripe account. Empty: payments go to the sandbox; no money moves.",
        "",
    )
    stripe_webhook_secret: str = _setting(
        "Signing secret of the webhook endpoint `/webhooks/stripe`. Stripe wants a second endpoint "
        "for events of connected accounts, at the same address: its secret follows after a comma.",
        "",
    )
    stripe_api_base: str = _setting(
        "Another address for Stripe's API: the sandbox's own, or a proxy.",
        "",
        check=_one_of_schemes("http", "https"),
    )
    mail_url: str = _setting(
        "How letters leave: `console:` prints them, `file:FOLDER` writes files, "
        "`smtp://user:password@host:port?tls=1` sends, `memory:` keeps them (tests).",
        "console:",
        check=_one_of_schemes("console", "file", "smtp", "memory"),
    )
    mail_from: str = _setting("The sender of letters.", "Causeway <hello@causeway.example>")
    mail_domain: str = _setting(
        "Where letters come in: the addresses at which project owners write updates end in it "
        "(`update+...@MAIL_DOMAIN`). Its mail server hands them to `MAIL_LISTEN` or to "
        "`flask receive-mail`. Empty: nobody is offered to write by e-mail.",
        "",
        check=validate.Regexp(r"([A-Za-z0-9-]+\.)*[A-Za-z0-9-]+$|^$"),
    )
    mail_listen: str = _setting(
        "`HOST:PORT` at which a process of ours takes these letters by SMTP, from your mail server "
        "or from everybody's. Empty: none does.",
        "",
        check=validate.Regexp(r"[^\s:]+:\d{1,5}$|^$"),
    )
    media_url: str = _setting(
        "Where photos and documents lie: `file:FOLDER` or "
        "`s3://bucket/prefix?endpoint=...&region=...`. Empty: `media` in `INSTANCE_PATH`.",
        "",
        check=_one_of_schemes("file", "s3"),
    )
    open_data_prefix: str = _setting(
        "The prefix of identifiers that 360Giving gave to whoever runs this.",
        "360G-causeway",
        check=validate.Regexp(r"360G-[A-Za-z0-9_-]{1,60}$"),
    )
    iati_reference: str = _setting(
        "The identifier of whoever runs this in IATI, as its register names it.",
        "XX-CAUSEWAY",
        check=validate.Regexp(r"[A-Za-z0-9_.:-]{3,80}$"),
    )
    commission_bp: int = _setting(
        "The marketplace's commission in basis points (500 is 5 %).",
        500,
        kind="int",
        check=validate.Range(0, 5000),
    )
    return_window_days: int = _setting(
        "Days after delivery in which goods may be returned; only then is a gift confirmed.",
        14,
        kind="int",
        check=validate.Range(0, 365),
    )
    payout_minimum_minor: int = _setting(
        "The least that is paid out, in the currency's minor unit (500 is EUR 5.00); less waits.",
        500,
        kind="int",
        check=validate.Range(1, 10_000_000),
    )
    payout_maximum_age_days: int = _setting(
        "After so many days confirmed money is paid out even if it is less.",
        90,
        kind="int",
        check=validate.Range(1, 366),
    )
    payout_approval_from_minor: int = _setting(
        "From this amount on a payout waits until two operators agree (200000 is EUR 2 000.00).",
        200_000,
        kind="int",
        check=validate.Range(1, 10_000_000_000),
    )
    hold_minutes: int = _setting(
        "Minutes for which stock is held for somebody who pays, at least 31.",
        35,
        kind="int",
        check=validate.Range(*CHECKOUT_SESSION_MINUTES),
    )
    workers: int = _setting("Web processes.", 2, kind="int", check=validate.Range(1, 64))
    threads: int = _setting("Threads of a web process.", 8, kind="int", check=validate.Range(1, 64))
    page_seconds: int = _setting(
        "For how many seconds a finished public page is given to visitors without a cookie before "
        "it is made anew. `0`: each is made anew.",
        1,
        kind="int",
        check=validate.Range(0, 60),
    )
    federation: bool = _setting(
        "Whether projects can be followed from Mastodon and similar servers (ActivityPub). "
        "`0`: they are not found there, nothing comes in and nothing goes out.",
        True,
        kind="bool",
    )
    outgoing_to_private: bool = _setting(
        "Whether we send to private addresses and by `http:`, too: for trying out two "
        "installations on one machine. Not in production.",
        False,
        kind="bool",
    )
    trusted_proxies: int = _setting(
        "How many proxies of our own stand in front and set `X-Forwarded-*`.",
        0,
        kind="int",
        check=validate.Range(0, 8),
    )
    trusted_hosts: tuple[str, ...] = _setting(
        "Host names to answer to, with commas between. Empty: any outside production, there the "
        "one of `PUBLIC_URL`.",
        (),
        kind="list",
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read and check all settings together.

        :raises ConfigError: naming everything that is wrong, not only the first.
        """
        env = _Environment(environ)
        given = {field.name: env.read(field) for field in dataclasses.fields(cls)}
        wrong = env.wrong()
        if wrong:
            raise ConfigError(wrong)
        settings = cls(**given).completed()
        if settings.is_production and (wrong := settings.insecurities()):
            raise ConfigError(wrong)
        return settings

    @property
    def is_production(self) -> bool:
        """Whether real people and real money are here."""
        return self.environment == "production"

    @property
    def uses_sandbox(self) -> bool:
        """Whether payments go to the embedded double of Stripe."""
        return not self.stripe_secret_key or self.stripe_secret_key == "sk_test_sandbox"  # noqa: S105  # nosec B105 # not a secret

    def with_secret_key(self) -> Self:
        """Use the instance's own secret key, made on first use, if none is set."""
        if self.secret_key:
            return self
        return dataclasses.replace(self, secret_key=kept_secret(self.instance_path / "secret_key"))

    def log_secret(self) -> str:
        """Return what the log's key is made from, made on first use if it is not set."""
        return self.log_key or kept_secret(self.instance_path / "log_key")

    def insecurities(self) -> list[str]:
        """What must not be so in production, a line for each."""
        rules = {
            f"SECRET_KEY: at least {SECRET_LENGTH} characters, please": (
                len(self.secret_key) < SECRET_LENGTH
            ),
            f"LOG_KEY: at least {SECRET_LENGTH} characters, please": (
                len(self.log_key) < SECRET_LENGTH
            ),
            "DATABASE_URL: the embedded server is not for production": not self.database_url,
            "STRIPE_SECRET_KEY: the sandbox is not for production": self.uses_sandbox,
            "STRIPE_WEBHOOK_SECRET: needed to know Stripe's messages from a stranger's": (
                not self.stripe_webhook_secret
            ),
            "PUBLIC_URL: begins with https:// in production": (
                not self.public_url.startswith("https://")
            ),
            "OUTGOING_TO_PRIVATE: strangers could have us ask inside our own network": (
                self.outgoing_to_private
            ),
            "MAIL_URL: letters must reach people, use smtp://": (
                not self.mail_url.startswith("smtp:")
            ),
        }
        return [line for line, is_broken in rules.items() if is_broken]

    def completed(self) -> Self:
        """Fill in what follows from other settings."""
        public_url = self.public_url or f"http://{self.host}:{self.port}"
        host = urlsplit(public_url).hostname or ""
        own_host = (host,) if self.is_production else ()
        instance_path = self.instance_path.absolute()
        return dataclasses.replace(
            self,
            public_url=public_url.rstrip("/"),
            instance_path=instance_path,
            media_url=self.media_url or f"file:{instance_path / 'media'}",
            trusted_hosts=tuple(self.trusted_hosts) or own_host,
        )


class _Environment(Env):
    """environs over any mapping; an empty variable counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self._given = environ

    def read(self, field: dataclasses.Field[Any]) -> Any:  # Any: of the field's own type
        reader = getattr(self, field.metadata["kind"])
        return reader(field.name.upper(), field.default, validate=field.metadata["check"])

    def wrong(self) -> list[str]:
        """One line for each mistake."""
        try:
            self.seal()
        except EnvValidationError as error:
            messages = cast("Mapping[str, list[str]]", error.error_messages)
            return [f"{name}: {' '.join(map(str, texts))}" for name, texts in messages.items()]
        return []

    def _get_value(self, env_key: str, default: Any) -> Any:  # Any: as in environs
        return self._given.get(env_key) or default


def kept_secret(path: Path) -> str:
    """Return the secret in a file that only we can read; it is made when it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)  # whoever comes first wins; nobody reads a half-written one
        draft.unlink()
    return path.read_text()


FOR_TESTS = (
    "`TEST_DATABASE_URL`, a server whose role may make databases and roles, and set "
    "`session_replication_role` (`grant set on parameter`)"
)


def settings_page() -> str:
    """The text of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. They are read and checked together at start;",
        "without any of them everything runs embedded. This page is made by `make golden` from",
        "`config.py`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for field in dataclasses.fields(Settings):
        default = f"`{field.default}`" if field.default not in ("", ()) else "empty"
        lines.append(f"| `{field.name.upper()}` | {default} | {field.metadata['doc']} |")
    return "\n".join(
        [*lines, "", "With `ENVIRONMENT=production` these are refused:", ""]
        + [f"- {line}" for line in Settings(environment="production").insecurities()]
        + ["", f"For tests: {FOR_TESTS}.", ""]
    )
