"""Who may do what with a project."""

import pytest

from marketplace.accounts.models import MemberRole, User
from marketplace.projects import policies
from marketplace.projects.models import Project, ProjectOwner, ProjectState

OWNER, EDITOR = ProjectOwner(role=MemberRole.OWNER), ProjectOwner(role=MemberRole.EDITOR)
OPERATOR, STRANGER = User(is_operator=True), User(is_operator=False)


class TestMayRead:
    @pytest.mark.parametrize("state", sorted(set(ProjectState) - {ProjectState.PROPOSED}))
    def test_is_for_everybody_once_it_was_verified(self, state):
        assert policies.may_read(Project(state=state), None, None)

    def test_is_for_its_people_and_the_operator_before(self):
        project = Project(state=ProjectState.PROPOSED)
        assert policies.may_read(project, STRANGER, EDITOR)
        assert policies.may_read(project, OPERATOR, None)
        assert not policies.may_read(project, STRANGER, None)
        assert not policies.may_read(project, None, None)


class TestMayWrite:
    def test_is_for_the_project_s_people(self):
        assert policies.may_write(OWNER)
        assert policies.may_write(EDITOR)
        assert not policies.may_write(None)
