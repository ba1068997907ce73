"""The shopper's choice as a value: projects in their order, and what each gets of a total."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from marketplace.core.money import split
from marketplace.giving.rules import MOST_PROJECTS, share_equally


@dataclass(frozen=True)
class Choice:
    """Amounts are in minor units; while somebody is still typing they may not add up."""

    total_minor: int
    projects: tuple[uuid.UUID, ...]
    amounts: tuple[int, ...]

    @property
    def left_minor(self) -> int:
        """Return what is still to be placed; below zero, what is too much."""
        return self.total_minor - sum(self.amounts)

    @property
    def is_full(self) -> bool:
        """Say whether no further project can be added."""
        return len(self.projects) >= MOST_PROJECTS

    @property
    def is_equal(self) -> bool:
        """Say whether it is what "Split equally" gives."""
        return self.amounts == _equal(self.total_minor, len(self.projects))

    def equally(self) -> "Choice":
        """Return equal parts; the odd cents go to the first."""
        return replace(self, amounts=_equal(self.total_minor, len(self.projects)))

    def all_to(self, project: uuid.UUID) -> "Choice":
        """Return everything to one project; the others stay in the list, with nothing."""
        if project not in self.projects:
            return self
        return replace(
            self, amounts=tuple(self.total_minor * (one == project) for one in self.projects)
        )

    def rest_to(self, project: uuid.UUID) -> "Choice":
        """Return what is left over given to one project."""
        return self.moved(project, self.left_minor)

    def moved(self, project: uuid.UUID, by_minor: int) -> "Choice":
        """Return one amount more or less, never below zero nor above the total."""
        return replace(
            self,
            amounts=tuple(
                min(max(amount + by_minor, 0), self.total_minor) if one == project else amount
                for one, amount in zip(self.projects, self.amounts, strict=True)
            ),
        )

    def with_project(self, project: uuid.UUID) -> "Choice":
        """Return one project more: with an equal part where parts were equal, else with nothing."""
        if project in self.projects or self.is_full:
            return self
        more = replace(self, projects=(*self.projects, project), amounts=(*self.amounts, 0))
        return more.equally() if self.is_equal else more

    def only(self, projects: Collection[uuid.UUID]) -> "Choice":
        """Return what is left when some cannot stay: their part goes to the others."""
        kept = [
            (one, amount)
            for one, amount in zip(self.projects, self.amounts, strict=True)
            if one in projects
        ]
        if len(kept) == len(self.projects):
            return self
        less = Choice(
            self.total_minor, tuple(one for one, _ in kept), tuple(amount for _, amount in kept)
        )
        return less.equally() if self.is_equal else less.scaled_to(self.total_minor)

    def scaled_to(self, total_minor: int) -> "Choice":
        """Return the same proportions of another total, by the largest remainder."""
        if sum(self.amounts) == 0:
            return replace(self, total_minor=total_minor).equally()
        return Choice(total_minor, self.projects, tuple(split(total_minor, self.amounts)))

    def to_draft(self) -> dict[str, object]:
        """Return what the basket keeps of it."""
        return {
            "share_minor": self.total_minor,
            "by_companies": False,
            "choice": [
                [str(one), amount] for one, amount in zip(self.projects, self.amounts, strict=True)
            ],
        }

    def to_place(self) -> list[tuple[uuid.UUID, int]]:
        """Return it as it is ordered: without those that get nothing, if anything is given."""
        pairs = list(zip(self.projects, self.amounts, strict=True))
        return [pair for pair in pairs if pair[1]] or pairs


def _equal(total_minor: int, projects: int) -> tuple[int, ...]:
    return tuple(share_equally(total_minor, projects)) if projects else ()


def read_draft(draft: Mapping[str, object]) -> Choice | None:
    """Return the choice that a basket keeps, if there is one."""
    rows = draft.get("choice")
    if not isinstance(rows, list) or not rows:
        return None
    return Choice(
        int(str(draft.get("share_minor", 0))),
        tuple(uuid.UUID(row[0]) for row in rows),
        tuple(int(row[1]) for row in rows),
    )


def propose(
    total_minor: int, projects: Sequence[uuid.UUID], weights: Sequence[int] | None = None
) -> Choice:
    """Return a choice to begin with: by weights, or in equal parts."""
    kept = tuple(projects[:MOST_PROJECTS])
    if not kept:
        return Choice(total_minor, (), ())
    return Choice(total_minor, kept, tuple((weights or [1] * len(kept))[: len(kept)])).scaled_to(
        total_minor
    )
