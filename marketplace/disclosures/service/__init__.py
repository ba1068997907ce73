"""The words of a disclosure: kept by version, told of one purchase."""

from marketplace.disclosures.service.telling import disclose, example
from marketplace.disclosures.service.wording import VERSIONS, Version, current, versions_of

__all__ = ["VERSIONS", "Version", "current", "disclose", "example", "versions_of"]
