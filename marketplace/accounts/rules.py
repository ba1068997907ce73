"""Rules about people: addresses, names, passwords, codes and secrets. Pure."""

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyotp
from itsdangerous import BadData, URLSafeSerializer

SESSION_IDLE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=10)
NAME_LENGTH = 120
PASSWORD_LENGTHS = (12, 128)
TOTP_SECONDS = 30
RECOVERY_CODES = 10
RECOVERY_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U: what is easily taken for another sign is never written."""
RECOVERY_LENGTH = 16
"""Of 32 signs: 80 bits."""
SCOPES = ("read", "orders:write")
"""What a program's key may do."""
TOKEN_PREFIX = "cw_"  # noqa: S105  # what our keys begin with, so that scanners find leaked ones

FEWEST_KINDS_OF_LETTERS = 5
LONG_ENOUGH_TO_MATTER = 4
LEFT_BESIDE_ONES_NAME = 8

_WORDS = """
password passw0rd passwort motdepasse contrasena parola secret changeme letmein welcome
benvenuto bienvenue iloveyou tiamo jetaime sunshine princess superman batman football
juventus forzajuve dragon monkey shadow master trustno whatever starwars pokemon charlie
michael jordan qwerty qwertz azerty qwertyuiop azertyuiop asdfghjkl asdfgh zxcvbnm qazwsx
qazwsxedc qweasd qweasdzxc qwerasdf abcdef abcdefgh abcdefghij abcdefghijkl abcd abc admin
administrator root login test user guest default computer internet google facebook
causeway marketplace correcthorsebatterystaple
"""
COMMONEST = frozenset(_WORDS.split())

BROWSERS = (
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""Signs in a User-Agent; the first that is found counts, so the order matters."""

SEQUENCES = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def clean_name(text: str) -> str:
    """Return a name on one line: no control characters, no outer or double blanks."""
    visible = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text
    )
    return " ".join(unicodedata.normalize("NFC", visible).split())


def is_weak(password: str, *, email: str = "", name: str = "") -> bool:
    """Say whether a password is among the first that somebody would try.

    There are no rules of composition: they make passwords worse (NIST SP 800-63B, 3.1.1.2).
    """
    plain = password.casefold()
    letters = re.sub(r"[\W\d_]+", "", plain)
    return (
        len(set(plain)) < FEWEST_KINDS_OF_LETTERS
        or _is_repeated(letters, COMMONEST)
        or _is_sequence(plain)
        or _is_about(plain, [email, email.partition("@")[0], "".join(name.split()), *name.split()])
    )


def _is_repeated(letters: str, words: frozenset[str]) -> bool:
    """Say whether the letters are one of the words, once or several times."""
    sizes = (size for size in range(3, len(letters) + 1) if len(letters) % size == 0)
    return any(
        letters[:size] in words and letters == letters[:size] * (len(letters) // size)
        for size in sizes
    )


def _is_sequence(plain: str) -> bool:
    """Say whether neighbours on the keyboard or in the alphabet make up all of it."""
    return any(plain in both for one in SEQUENCES for both in (one * 2, one[::-1] * 2))


def _is_about(plain: str, words: Sequence[str]) -> bool:
    """Say whether little is left beside the person's own name or address."""
    known = [word.casefold() for word in words if len(word) >= LONG_ENOUGH_TO_MATTER]
    return any(word in plain and len(plain) - len(word) < LEFT_BESIDE_ONES_NAME for word in known)


def hash_secret(secret: str) -> bytes:
    """Return what is kept of a random secret of 256 bits; such need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def hash_address(address: str, *, day: date, secret_key: str) -> str:
    """Return a name for an IP address that means nothing on another day or without the key.

    Of IPv6 the first 64 bits count: that much belongs to one household.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        ip = ipaddress.ip_address(0)
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ipaddress.IPv6Address(int(ip) >> 64 << 64)
    return keyed_hash(f"{day.isoformat()}|{ip}", secret_key=secret_key)


def keyed_hash(text: str, *, secret_key: str) -> str:
    """Return 128 bits by which a text can be counted without being kept."""
    key = hashlib.sha256(b"rate limits|" + secret_key.encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def sign_link(
    purpose: str,
    values: dict[str, str],
    *,
    state: str,
    secret_key: str,
    now: datetime,
    lifetime: timedelta,
) -> str:
    """Return a token for a link that works until it ends or `state` changes: so, once."""
    ends = int((now + lifetime).timestamp())
    seal = keyed_hash(f"{purpose}|{state}", secret_key=secret_key)
    content = {"values": values, "ends": ends, "seal": seal}
    return str(URLSafeSerializer(secret_key, salt=f"link:{purpose}").dumps(content))


def read_link(
    purpose: str, token: str, *, secret_key: str, now: datetime
) -> tuple[dict[str, str], str] | None:
    """Return a link's values and its seal, or None where it is forged or too old."""
    try:
        content: Any = URLSafeSerializer(  # Any: whatever was signed
            secret_key, salt=f"link:{purpose}"
        ).loads(token)
    except BadData:
        return None
    if content["ends"] < now.timestamp():
        return None
    return content["values"], content["seal"]


def fits_seal(purpose: str, seal: str, *, state: str, secret_key: str) -> bool:
    """Say whether things are still as they were when the link was made."""
    return hmac.compare_digest(seal, keyed_hash(f"{purpose}|{state}", secret_key=secret_key))


def totp_step(secret: str, code: str, *, now: datetime, last_step: int | None) -> int | None:
    """Return the 30-second step that a code belongs to, or None if it is wrong or was used.

    One step before and after are taken, for clocks that are a little off (RFC 6238, 5.2).
    """
    digits = re.sub(r"\s", "", code)
    current = int(now.timestamp()) // TOTP_SECONDS
    for step in (current - 1, current, current + 1):
        moment = datetime.fromtimestamp(step * TOTP_SECONDS, UTC)
        right = hmac.compare_digest(pyotp.TOTP(secret).at(moment).encode(), digits.encode())
        if right and (last_step is None or step > last_step):
            return step
    return None


def read_recovery_code(text: str) -> str | None:
    """Return the signs of a recovery code as it was typed, or None where it cannot be one."""
    plain = re.sub(r"[\s-]", "", text).upper().translate(str.maketrans("ILO", "110"))
    is_one = len(plain) == RECOVERY_LENGTH and set(plain) <= set(RECOVERY_SIGNS)
    return plain if is_one else None


def write_recovery_code(code: str) -> str:
    """Return a code in groups of four, as people copy it."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def hash_recovery_code(user_id: object, code: str) -> bytes:
    """Return what is kept of a recovery code.

    Eighty random bits cannot be tried through, so a slow hash (which would have to run for each of
    ten codes at each try) adds nothing; the person's id in it keeps one try from being held against
    everybody's codes.
    """
    return hashlib.sha256(f"recovery|{user_id}|{code}".encode()).digest()


def describe_browser(user_agent: str) -> str:
    """Return a browser and system as people call them, "Firefox, Linux", or an empty text."""
    found = [
        next((name for sign, name in known if sign in user_agent), "")
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(part for part in found if part)
