"""The use cases of matching pools: open, fund, reserve, use, take back, end."""

from marketplace.campaigns.service.ending import end, end_due, sweep
from marketplace.campaigns.service.funding import Terms, discard, draft, fund
from marketplace.campaigns.service.reserving import (
    MatchChanged,
    Used,
    account_of,
    count_back,
    count_used,
    give_back,
    take,
    use,
    write_down,
)

__all__ = [
    "MatchChanged",
    "Terms",
    "Used",
    "account_of",
    "count_back",
    "count_used",
    "discard",
    "draft",
    "end",
    "end_due",
    "fund",
    "give_back",
    "sweep",
    "take",
    "use",
    "write_down",
]
