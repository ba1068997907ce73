"""Who may do what with a project."""

from marketplace.accounts.models import User
from marketplace.projects.models import Project, ProjectOwner
from marketplace.projects.rules import PUBLIC_STATES


def may_read(project: Project, user: User | None, membership: ProjectOwner | None) -> bool:
    """Say whether somebody may see a project's page."""
    is_operator = user is not None and user.is_operator
    return project.state.value in PUBLIC_STATES or membership is not None or is_operator


def may_write(membership: ProjectOwner | None) -> bool:
    """Say whether somebody may post for a project."""
    return membership is not None
