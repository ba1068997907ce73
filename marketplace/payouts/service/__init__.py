"""Money out: available -> in flight -> paid, each step only when it has happened (rules 15-17)."""

from marketplace.payouts.service.adopting import NotExplained, adopt
from marketplace.payouts.service.approving import (
    AlreadyDecided,
    NotYours,
    approve,
    give_up,
    refuse,
)
from marketplace.payouts.service.paying import (
    PaidAfterAll,
    available_accounts,
    bring_back,
    command,
    confirm,
    note_transfer,
    send,
)
from marketplace.payouts.service.receiving import (
    NoChange,
    NotTheSecond,
    confirm_change,
    connect,
    note_account,
    note_bank_refusal,
    note_opened,
    open_account,
    set_schedule,
    use_change,
    went_to_provider,
    withdraw_change,
)
from marketplace.payouts.service.running import begin_run, end_run, note_told, pay_payee

__all__ = [
    "AlreadyDecided",
    "NoChange",
    "NotExplained",
    "NotTheSecond",
    "NotYours",
    "PaidAfterAll",
    "adopt",
    "approve",
    "available_accounts",
    "begin_run",
    "bring_back",
    "command",
    "confirm",
    "confirm_change",
    "connect",
    "end_run",
    "give_up",
    "note_account",
    "note_bank_refusal",
    "note_opened",
    "note_told",
    "note_transfer",
    "open_account",
    "pay_payee",
    "refuse",
    "send",
    "set_schedule",
    "use_change",
    "went_to_provider",
    "withdraw_change",
]
