"""`flask import-products` and `flask import-projects`."""

import json

import pytest
import sqlalchemy as sa

from marketplace.catalog.commands import import_products
from marketplace.catalog.models import Product
from marketplace.projects.commands import import_projects
from marketplace.projects.models import Project
from tests import factories

SHOPIFY = "Handle,Title,Variant Price\ncup,Cup,5\nbowl,Bowl,\n"
KIVA = "id,loan_amount,activity,sector,use\n7,175.0,Farming,Agriculture,to farm\n"


@pytest.fixture
def flask(app, db):
    """Return a function that runs a command as `flask ...` does."""

    def run(command, *arguments):
        return app.test_cli_runner().invoke(command, [str(one) for one in arguments])

    return run


class TestImportProducts:
    def test_ends_with_one_line_of_json(self, db, flask, tmp_path):
        path = tmp_path / "file.csv"
        path.write_text(SHOPIFY)
        company = factories.make_company(slug="potters")
        answer = flask(import_products, path, "--company", "potters")
        assert answer.exit_code == 0
        assert json.loads(answer.stdout) == {
            "created": 1,
            "updated": 0,
            "unchanged": 0,
            "skipped": 1,
            "errors": [{"line": 3, "reason": "There is no price. (bowl)"}],
        }
        assert db.scalars(sa.select(Product.company_id)).all() == [company.id]

    def test_commits_nothing_in_a_dry_run(self, db, flask, tmp_path):
        path = tmp_path / "file.csv"
        path.write_text(SHOPIFY)
        factories.make_company(slug="potters")
        db.commit()
        answer = flask(import_products, path, "--company", "potters", "--dry-run")
        assert json.loads(answer.stdout)["created"] == 1
        assert db.scalars(sa.select(Product)).all() == []

    @pytest.mark.parametrize("wanted", ["auto", "shopify", "google"])
    def test_ends_with_2_if_it_is_no_such_file(self, db, flask, tmp_path, wanted):
        path = tmp_path / "file.csv"
        path.write_text("a,b\n1,2\n")
        factories.make_company(slug="potters")
        answer = flask(import_products, path, "--company", "potters", "--format", wanted)
        assert answer.exit_code == 2
        assert "columns" in answer.stderr
        assert json.loads(answer.stdout)["created"] == 0

    def test_knows_its_companies(self, db, flask, tmp_path):
        path = tmp_path / "file.csv"
        path.write_text(SHOPIFY)
        answer = flask(import_products, path, "--company", "nobody")
        assert answer.exit_code == 2
        assert "no company nobody" in answer.stderr


class TestImportProjects:
    def test_ends_with_one_line_of_json(self, db, flask, tmp_path):
        path = tmp_path / "file.csv"
        path.write_text(KIVA)
        factories.make_cause()
        answer = flask(import_projects, path)
        assert answer.exit_code == 0
        assert json.loads(answer.stdout)["created"] == 1
        assert db.scalars(sa.select(Project.title)).all() == ["To farm"]

    def test_commits_nothing_in_a_dry_run(self, db, flask, tmp_path):
        path = tmp_path / "file.csv"
        path.write_text(KIVA)
        factories.make_cause()
        db.commit()
        assert flask(import_projects, path, "--dry-run").exit_code == 0
        assert db.scalars(sa.select(Project)).all() == []

    def test_ends_with_2_if_it_is_no_such_file(self, db, flask, tmp_path):
        path = tmp_path / "file.json"
        path.write_text("{}")
        answer = flask(import_projects, path)
        assert answer.exit_code == 2
        assert "no grants" in answer.stderr

    def test_wants_a_cause_first(self, db, flask, tmp_path):
        path = tmp_path / "file.csv"
        path.write_text(KIVA)
        assert flask(import_projects, path).exit_code == 1
