"""What part goes to whom: the pledge and the split (domain.md, rules 3 and 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.core.money import share_of, split

MOST_PROJECTS = 5
"""A shopper splits between at most so many projects."""

WHOLE = 100
"""Percentages of a company's default projects add up to it."""


@dataclass(frozen=True)
class Pledge:
    """What a company promises to give per sale: a share of the net price, or an amount per unit."""

    share_bp: int | None
    unit_minor: int | None

    def part_of(self, net_minor: int, quantity: int) -> int:
        """Return what is given of a line: rounded once, half up, never more than the net price."""
        if self.unit_minor is not None:
            return min(self.unit_minor * quantity, net_minor)
        return share_of(net_minor, self.share_bp or 0)


def pledge_for(
    company: tuple[int | None, int | None], product: tuple[int | None, int | None]
) -> Pledge:
    """Return the product's own pledge where it has one, else the company's; each (bp, per unit)."""
    chosen = product if any(part is not None for part in product) else company
    return Pledge(*chosen)


def share_equally(total_minor: int, projects: int) -> list[int]:
    """Return an amount in equal parts; the odd cents go to the projects that stand first."""
    return split(total_minor, [1] * projects)


def gift_parts(shares: Sequence[int], gift_minor: int) -> list[int]:
    """Return a shopper's own gift, split as the companies' share is; equally where that is zero."""
    return split(gift_minor, shares if sum(shares) else [1] * len(shares))


def weights_of(shares: Sequence[int | None]) -> list[int] | None:
    """Return the weights of some percentages: equal ones where none was said.

    None where only some were said, one is nothing, or they do not add up to 100.
    """
    if all(share is None for share in shares):
        return [1] * len(shares)
    said = [share for share in shares if share]
    return said if len(said) == len(shares) and sum(said) == WHOLE else None


def percentages(weights: Sequence[int]) -> list[int | None]:
    """Return weights as percentages; none at all where they are equal."""
    if len(set(weights)) <= 1:
        return [None] * len(weights)
    return [*split(WHOLE, weights)]


def spread(shares: Sequence[int], choice: Sequence[int]) -> list[list[int]]:
    """Return for each line what it gives to each project, so that rows and columns both add up.

    `shares` is what each line gives, `choice` what each project gets; both have the same sum.
    Each line is divided by the largest remainder over what its projects still have to get (ties to
    the first), so no part exceeds what is left and the last line meets every amount to the cent.

    :raises ValueError: the two do not add up to the same sum, or something is negative.
    """
    if sum(shares) != sum(choice) or min([*shares, *choice], default=0) < 0:
        raise ValueError("what the lines give and what the projects get must be the same sum")
    left = list(choice)
    rows: list[list[int]] = []
    for share in shares:
        row = split(share, left) if share else [0] * len(left)
        left = [rest - part for rest, part in zip(left, row, strict=True)]
        rows.append(row)
    return rows
