"""What the pages of the checkout say of the choice: where it stands, who gives what to whom."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from marketplace.campaigns import queries as campaigns
from marketplace.campaigns.rules import Match, Offer, Routed, plan
from marketplace.checkout import queries
from marketplace.checkout.queries import Choosable, PricedBasket
from marketplace.checkout.views import visit
from marketplace.checkout.views.choosing import Choice, propose, read_draft
from marketplace.checkout.views.visit import Visit
from marketplace.core import clock
from marketplace.giving import queries as giving
from marketplace.giving.rules import gift_parts, spread


@dataclass(frozen=True)
class Standing:
    """A choice with its projects; `lost` says that one of them could not be kept."""

    choice: Choice
    projects: Mapping[uuid.UUID, Choosable]
    lost: bool = False
    by_company: Mapping[uuid.UUID, Sequence[tuple[uuid.UUID, int]]] | None = None
    """Where the companies choose: what each of them gives to which project."""

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
    if found.basket.draft.get("by_companies"):
        fresh = companies_choice(found.priced)
        return replace(fresh, lost=kept.total_minor == total and kept != fresh.choice)
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
    """Return each company's share over its own default projects, else the newest project."""
    found = queries.find_companies_choice(priced)
    total = dict.fromkeys(found.projects, 0)
    for project, amount in chain.from_iterable(found.given.values()):
        total[project] += amount
    choice = Choice(priced.share_minor, tuple(total), tuple(total.values()))
    return Standing(choice, found.projects, by_company=found.given)


def matrix_of(priced: PricedBasket, standing: Standing) -> list[list[int]] | None:
    """Return what each company gives to each project; None while the amounts do not add up."""
    choice = standing.choice
    if standing.by_company is not None:
        given = [dict(standing.by_company.get(one.company_id, [])) for one in priced.companies]
        return [[row.get(project, 0) for project in choice.projects] for row in given]
    amounts = choice.amounts
    shares = [line.parts.share_minor for line in priced.lines]
    if sum(shares) != sum(amounts):
        return None
    by_line = iter(spread(shares, amounts))
    return [
        [sum(column) for column in zip(*(next(by_line) for _ in company.lines), strict=True)]
        for company in priced.companies
    ]


@dataclass(frozen=True)
class Matching:
    """What sponsors add to a choice as it stands, while it is left."""

    matches: Sequence[Match] = ()

    @property
    def total_minor(self) -> int:
        """Return what all of them add."""
        return sum(match.amount_minor for match in self.matches)

    @property
    def by_offer(self) -> list[tuple[Offer, int]]:
        """Return each pool with what it adds."""
        found: dict[uuid.UUID, tuple[Offer, int]] = {}
        for match in self.matches:
            offer, minor = found.get(match.offer.pool_id, (match.offer, 0))
            found[offer.pool_id] = (offer, minor + match.amount_minor)
        return list(found.values())


def matching_of(found: Visit, standing: Standing) -> Matching:
    """Return what sponsors would add to the choice now: counted as an order counts it."""
    if not found.priced.may_be_matched or not standing.is_complete:
        return Matching()
    choice = standing.choice.to_place()
    offers = campaigns.find_offers(
        found.priced.currency, [project for project, _amount in choice], clock.now()
    )
    gifts = gift_parts([amount for _project, amount in choice], top_up_of(found))
    routed = [
        Routed(project, amount, gift) for (project, amount), gift in zip(choice, gifts, strict=True)
    ]
    return Matching(plan(offers, routed))


def top_up_of(found: Visit) -> int:
    """Return the shopper's own gift: nothing, unless they said otherwise."""
    return int(str(found.basket.draft.get("top_up_minor", 0)))
