"""The two shapes that every module here passes around."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]  # a JSON object as Stripe sends it: open by nature
JsonValue: TypeAlias = Any  # a form value after parsing: text, list or nested mapping
