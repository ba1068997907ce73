"""How much of an outcome a company may say it paid for: never more than it did. Pure."""

from decimal import ROUND_DOWN, Decimal

WHOLE_PPM = 1_000_000


def share_ppm(paid_minor: int, cost_minor: int) -> int:
    """Return what was paid of a cost in millionths, rounded down; at most all of it."""
    return min(max(paid_minor, 0) * WHOLE_PPM // cost_minor, WHOLE_PPM) if cost_minor > 0 else 0


def elsewhere_ppm(elsewhere_minor: int, cost_minor: int) -> int:
    """Return what others pay of a cost in millionths, rounded up: nobody here claims that."""
    return -(-elsewhere_minor * WHOLE_PPM // cost_minor) if cost_minor > 0 else 0


def part_of(value: Decimal, ppm: int) -> Decimal:
    """Return a share of a measured value, rounded down to hundredths: no impact is rounded up."""
    return (value * ppm / WHOLE_PPM).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
