"""Stripe's form encoding: nested brackets in, checked values out."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from sandbox.errors import invalid
from sandbox.shapes import Json, JsonValue

_PART = re.compile(r"[^\[\]]+|\[\]")
_LARGEST_AMOUNT = 99_999_999
_SMALLEST_AMOUNT = {"eur": 50, "usd": 50, "chf": 50, "gbp": 30, "cad": 50, "aud": 50, "jpy": 50}


def parse_form(text: str) -> Json:
    """Turn `a[b][0][c]=1` into nested mappings and lists."""
    root: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = _PART.findall(name)
        node = root
        for part in parts[:-1]:
            child = node.setdefault(part, {})
            if not isinstance(child, dict):
                raise invalid(f"Invalid object: {name}", param=name)
            node = child
        if parts:
            last = str(len(node)) if parts[-1] == "[]" else parts[-1]
            node[last] = value
    return {key: _listed(value) for key, value in root.items()}


def _listed(value: JsonValue) -> JsonValue:
    """Mappings whose keys count from 0 are the lists of the form encoding."""
    if not isinstance(value, dict):
        return value
    if value and all(key == "[]" or key.isdigit() for key in value):
        ordered = sorted(value, key=lambda key: -1 if key == "[]" else int(key))
        return [_listed(value[key]) for key in ordered]
    return {key: _listed(item) for key, item in value.items()}


class Params:
    """The parameters of one request; each reader checks the shape and names what is wrong."""

    def __init__(self, values: Json, path: str = "") -> None:
        self._values = values
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def name_of(self, name: str) -> str:
        """The full bracketed name of a parameter, as error messages show it."""
        return f"{self._path}[{name}]" if self._path else name

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse parameters that the endpoint does not know."""
        unknown = set(self._values) - set(allowed) - {"expand"}
        if unknown:
            name = self.name_of(min(unknown))
            raise invalid(
                f"Received unknown parameter: {name}", param=name, code="parameter_unknown"
            )

    def text(self, name: str, *, at_most: int = 5000) -> str | None:
        """A string, or None when it is absent or empty."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {self.name_of(name)}", param=self.name_of(name))
        if len(value) > at_most:
            raise invalid(
                f"Invalid string: {self.name_of(name)} must be at most {at_most} characters",
                param=self.name_of(name),
            )
        return value

    def required(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is None:
            raise self.absent(name)
        return value

    def absent(self, name: str) -> Exception:
        """The error for a parameter that must be there and is not."""
        full = self.name_of(name)
        return invalid(f"Missing required param: {full}.", param=full, code="parameter_missing")

    def choice(self, name: str, allowed: Iterable[str]) -> str | None:
        """A string out of a closed list."""
        value = self.text(name)
        choices = list(allowed)
        if value is not None and value not in choices:
            raise invalid(
                f"Invalid {self.name_of(name)}: must be one of {', '.join(choices)}",
                param=self.name_of(name),
            )
        return value

    def integer(self, name: str) -> int | None:
        """A whole number."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise invalid(
                f"Invalid integer: {value}",
                param=self.name_of(name),
                code="parameter_invalid_integer",
            )
        return int(value)

    def amount(self, name: str = "amount") -> int | None:
        """A positive amount in minor units."""
        value = self.integer(name)
        if value is not None and value < 1:
            raise invalid(
                "Invalid positive integer",
                param=self.name_of(name),
                code="parameter_invalid_integer",
            )
        return value

    def flag(self, name: str) -> bool:
        """A boolean, false when absent."""
        return self.choice(name, ("true", "false", "True", "False")) in ("true", "True")

    def currency(self, name: str = "currency") -> str:
        """A three-letter currency in lower case."""
        value = self.required(name).lower()
        if not re.fullmatch(r"[a-z]{3}", value):
            raise invalid(f"Invalid currency: {value}", param=self.name_of(name))
        return value

    def nested(self, name: str) -> "Params":
        """A mapping; empty when absent."""
        value = self._values.get(name, {})
        if value == "":
            value = {}
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {self.name_of(name)}", param=self.name_of(name))
        return Params(value, self.name_of(name))

    def items(self, name: str) -> list["Params"]:
        """A list of mappings; empty when absent."""
        value = self._values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise invalid(f"Invalid array: {self.name_of(name)}", param=self.name_of(name))
        return [Params(item, f"{self.name_of(name)}[{i}]") for i, item in enumerate(value)]

    def texts(self, name: str) -> list[str]:
        """A list of strings; empty when absent."""
        value = self._values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid(f"Invalid array: {self.name_of(name)}", param=self.name_of(name))
        return list(value)

    def raw(self, name: str) -> JsonValue:
        """The value as parsed, unchecked."""
        return self._values.get(name)

    def names(self) -> list[str]:
        """The names of the parameters that were sent."""
        return list(self._values)

    def metadata(self, before: Json | None = None) -> Json:
        """The metadata after this request: merged over `before`, empty values take a key away."""
        merged = dict(before or {})
        if self._values.get("metadata") == "":
            return {}
        sent = self.nested("metadata")
        for key in sent.names():
            value = sent.text(key, at_most=500)
            if len(key) > 40:
                raise invalid("Metadata keys can have up to 40 characters", param="metadata")
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = value
        if len(merged) > 50:
            raise invalid("Metadata can have up to 50 keys", param="metadata")
        return merged


def check_charge_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Refuse amounts that no card payment may have."""
    if amount > _LARGEST_AMOUNT:
        raise invalid("Amount is too large to charge", param=param, code="amount_too_large")
    if amount < _SMALLEST_AMOUNT.get(currency, 1):
        least = _SMALLEST_AMOUNT.get(currency, 1)
        raise invalid(
            f"Amount must be at least {least} {currency} in minor units",
            param=param,
            code="amount_too_small",
        )
    if currency in ("bhd", "jod", "kwd", "omr", "tnd") and amount % 10:
        raise invalid("Amounts in three-decimal currencies must end in 0", param=param)
