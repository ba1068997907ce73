"""Indicators with all that a page or a program is told of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marketplace.outcomes.models import Indicator, Outcome
from marketplace.outcomes.queries.values import list_indicators, list_outcomes, list_spent
from marketplace.outcomes.rules import (
    Cost,
    IndicatorKind,
    Measured,
    OutcomeState,
    code_name,
    cost_per_unit,
    present_value,
    progress_bp,
)


@dataclass(frozen=True)
class Told:
    """An indicator, its values (the newest first) and what they add up to."""

    indicator: Indicator
    outcomes: Sequence[Outcome]
    counting: frozenset[uuid.UUID]
    """Which of the values count: neither corrected nor withdrawn."""
    present: Decimal | None
    progress_bp: int | None
    cost: Cost
    corrected_by: dict[uuid.UUID, Outcome]

    @property
    def values(self) -> list[Measured]:
        """Return what counts, the oldest first."""
        return [
            Measured(one.measured_on, one.value)
            for one in reversed(self.outcomes)
            if one.id in self.counting
        ]

    @property
    def newest(self) -> Outcome | None:
        """Return the newest value that counts."""
        return next((one for one in self.outcomes if one.id in self.counting), None)

    @property
    def code_name(self) -> str:
        """Return what its code stands for."""
        return code_name(self.indicator.code)

    @property
    def heights(self) -> list[Decimal]:
        """Return what stood after each value that counts, the oldest first."""
        if self.indicator.kind is IndicatorKind.LEVEL:
            return [one.value for one in self.values]
        found, total = [], self.indicator.baseline or Decimal(0)
        for one in self.values:
            total += one.value
            found.append(total)
        return found


def list_told(project_id: uuid.UUID, *, today: date, with_drafts: bool = False) -> list[Told]:
    """Return a project's indicators with values and costs: three statements."""
    indicators = list_indicators([project_id])
    if not indicators:
        return []
    outcomes = list_outcomes(project_id, with_drafts=with_drafts)
    spent = list_spent([project_id]).get(project_id, [])
    corrected_by = {
        one.corrects_id: one
        for one in outcomes
        if one.corrects_id is not None and one.state is OutcomeState.PUBLISHED
    }
    told = []
    for indicator in indicators:
        own = [one for one in outcomes if one.indicator_id == indicator.id]
        counting = [
            one
            for one in own
            if one.state is OutcomeState.PUBLISHED
            and not one.is_withdrawn
            and one.id not in corrected_by
        ]
        values = [Measured(one.measured_on, one.value) for one in reversed(counting)]
        mine = [
            entry
            for line, entry in spent
            if indicator.budget_line_id is None or line == indicator.budget_line_id
        ]
        about = (indicator.kind, indicator.baseline)
        told.append(
            Told(
                indicator,
                own,
                frozenset(one.id for one in counting),
                present_value(*about, values),
                progress_bp(*about, indicator.target, values),
                cost_per_unit(*about, indicator.target, values, mine, today=today),
                corrected_by,
            )
        )
    return told
