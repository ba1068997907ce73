"""Who may look at a measured value and say that it is right."""

from marketplace.accounts.models import User
from marketplace.outcomes.models import Outcome
from marketplace.outcomes.rules import OutcomeState, ReviewerRole
from marketplace.projects.models import ProjectOwner


def may_review(
    outcome: Outcome, user: User, membership: ProjectOwner | None
) -> ReviewerRole | None:
    """Return as what somebody may review a value; nobody reviews what they measured themselves."""
    if outcome.state is not OutcomeState.PUBLISHED or outcome.author_id == user.id:
        return None
    if membership is not None:
        return ReviewerRole.OWNER
    return ReviewerRole.OPERATOR if user.is_operator else None
