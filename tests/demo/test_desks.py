"""The demo's project owners have something on their desks."""

from marketplace.core import clock
from marketplace.demo import desks
from marketplace.demo.world import World
from marketplace.drafts import queries
from tests import factories


class TestWrite:
    def test_leaves_a_draft_and_one_that_comes_out_by_itself(self, db):
        owner = factories.make_user()
        project = factories.make_project(slug=desks.SLUG)
        factories.make_owner(project, owner)
        db.commit()
        world = World(began_at=factories.NOW, now=clock.now())
        world.projects[desks.SLUG], world.owners[desks.SLUG] = project, owner
        desks.write(world)
        first, second = queries.list_drafts(project.id)
        assert first.publish_at.hour == 6
        assert second.publish_at is None
