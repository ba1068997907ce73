"""The use cases of matching pools: open, fund, pay in, reserve, use, take back, end, give back."""

from marketplace.campaigns.service.disputing import follow_dispute, hold
from marketplace.campaigns.service.ending import end, end_due, sweep
from marketplace.campaigns.service.funding import Terms, discard, draft, fund
from marketplace.campaigns.service.paying import let_lapse, note_page, pay_in, settle
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
from marketplace.campaigns.service.returning import (
    end_refund,
    pay_otherwise,
    send_again,
    take_refund,
)
from marketplace.campaigns.service.sponsors import decide, introduce
from marketplace.campaigns.service.telling import tell_of_use

__all__ = [
    "MatchChanged",
    "Terms",
    "Used",
    "account_of",
    "count_back",
    "count_used",
    "decide",
    "discard",
    "draft",
    "end",
    "end_due",
    "end_refund",
    "follow_dispute",
    "fund",
    "give_back",
    "hold",
    "introduce",
    "let_lapse",
    "note_page",
    "pay_in",
    "pay_otherwise",
    "send_again",
    "settle",
    "sweep",
    "take",
    "take_refund",
    "tell_of_use",
    "use",
    "write_down",
]
