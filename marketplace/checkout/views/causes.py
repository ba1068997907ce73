"""What the pages of the checkout say of the choice: where it stands, who gives what to whom."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.checkout import queries
from marketplace.checkout.queries import Choosable, PricedBasket
from marketplace.checkout.views import visit
from marketplace.checkout.views.choosing import Choice, propose, read_draft
from marketplace.checkout.views.visit import Visit
from marketplace.giving import queries as giving
from marketplace.giving.rules import spread


@dataclass(frozen=True)
class Standing:
    """A choice with its projects; `lost` says that one of them could not be kept."""

    choice: Choice
    projects: Mapping[uuid.UUID, Choosable]
    lost: bool = False

    @property
    def rows(self) -> list[tuple[Choosable, int]]:
        """Return each project with its amount."""
        return [
            (self.projects[one], amount)
            for one, amount in zip(self.choice.projects, self.choice.amounts, strict=True)
        ]

    @property
    def is_complete(self) -> bool:
        """Say whether an order can be placed with it."""
        return bool(self.choice.projects) and self.choice.left_minor == 0


def standing_of(found: Visit) -> Standing:
    """Return the shopper's choice; if the basket has changed since, in the same proportions."""
    total, currency = found.priced.share_minor, found.priced.currency
    kept = read_draft(found.basket.draft)
    if kept is None:
        return first_standing(found.priced)
    projects = queries.list_choosable(kept.projects, currency)
    choice = kept.only(projects)
    if not choice.projects:
        first = first_standing(found.priced)
        return Standing(first.choice, first.projects, lost=True)
    if choice.total_minor != total:
        choice = choice.scaled_to(total)
    return Standing(choice, projects, lost=len(projects) < len(kept.projects))


def first_standing(priced: PricedBasket) -> Standing:
    """Return what is proposed: the last choice, else the companies', else the newest project."""
    person = visit.user_id()
    weights = dict(giving.list_preferred(person)) if person else {}
    projects = queries.list_choosable(list(weights), priced.currency) if weights else {}
    if projects:
        return Standing(
            propose(priced.share_minor, list(projects), [weights[one] for one in projects]),
            projects,
        )
    return companies_choice(priced)


def companies_choice(priced: PricedBasket) -> Standing:
    """Return the companies' own default projects in equal parts, else the newest project."""
    defaults = giving.list_defaults([company.company_id for company in priced.companies])
    projects = queries.list_choosable(defaults, priced.currency) if defaults else {}
    if not projects:
        newest = queries.search_choosable(priced.currency, limit=1)
        projects = {project.id: project for project in newest}
    return Standing(propose(priced.share_minor, list(projects)), projects)


def matrix_of(priced: PricedBasket, amounts: Sequence[int]) -> list[list[int]] | None:
    """Return what each company gives to each project; None while the amounts do not add up."""
    shares = [line.parts.share_minor for line in priced.lines]
    if sum(shares) != sum(amounts):
        return None
    by_line = iter(spread(shares, amounts))
    return [
        [sum(column) for column in zip(*(next(by_line) for _ in company.lines), strict=True)]
        for company in priced.companies
    ]


def top_up_of(found: Visit) -> int:
    """Return the shopper's own gift: nothing, unless they said otherwise."""
    return int(str(found.basket.draft.get("top_up_minor", 0)))
