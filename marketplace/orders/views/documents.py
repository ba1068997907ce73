"""What happened to money of an order, for programs."""

from marketplace.orders.queries import MovedMoney
from marketplace.orders.queries.tracing import PaidIn, SpentOn


def moved_json(one: MovedMoney, other: str) -> dict[str, object]:
    """Return what went on for programs; `other` is the project at the other end."""
    return {
        "at": one.made_at.isoformat(),
        "why": one.why,
        "other_project": other,
        "source": one.source,
        "amount_minor": one.amount_minor,
    }


def payout_json(one: PaidIn) -> dict[str, object]:
    """Return it for programs."""
    return {
        "number": one.number,
        "paid_at": one.paid_at.isoformat(),
        "amount_minor": one.amount_minor,
        "part_minor": one.part_minor,
        "together_with_others_minor": one.others_minor,
    }


def spending_json(one: SpentOn) -> dict[str, object]:
    """Return it for programs."""
    return {
        "spent_on": one.spent_on.isoformat(),
        "purpose": one.purpose,
        "payee": one.payee,
        "amount_minor": one.amount_minor,
        "part_minor": one.part_minor,
    }
