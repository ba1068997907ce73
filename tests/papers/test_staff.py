"""The operator marks who may have gift receipts written."""

import pytest

from tests.papers.conftest import SAID

FORM = SAID | {"valid_from": "2026-01-01", "valid_until": "", "kind": "association"}


@pytest.fixture
def desk(client, operator, sign_in):
    sign_in(client, operator)
    return client


class TestRecipients:
    def test_are_marked_and_shown(self, desk, shop):
        data = FORM | {"project": f"http://localhost/projects/{shop.projects[0].slug}"}
        assert desk.post("/staff/recipients", data=data).status_code == 303
        page = desk.get("/staff/recipients").text
        assert "Casa Aurora OdV" in page
        assert "Extract of the register" in page

    @pytest.mark.parametrize(
        "changes",
        [
            {"project": "nowhere"},
            {"project": ""},
            {"valid_from": "soon"},
            {"valid_from": ""},
            {"valid_until": "2025-01-01"},
            {"document": ""},
            {"country": "ZZ"},
            {"kind": "company"},
        ],
    )
    def test_are_refused_with_what_is_wrong(self, desk, shop, changes):
        data = FORM | {"project": shop.projects[0].slug} | changes
        answer = desk.post("/staff/recipients", data=data)
        assert answer.status_code == 422
        assert "97512340015" in answer.text

    def test_end_with_a_reason(self, desk, recipient):
        at = f"/staff/recipients/{recipient.id}/end"
        assert desk.post(at, data={"last_day": "2026-06-30", "reason": ""}).status_code == 422
        said = {"last_day": "2026-06-30", "reason": "Struck off"}
        assert desk.post(at, data=said).status_code == 303
        assert "30 June 2026" in desk.get("/staff/recipients").text
        later = desk.post(at, data=said | {"last_day": "2027-01-01"})
        assert later.status_code == 422
        assert "only brought forward" in later.text

    def test_that_are_not_there_do_not_end(self, desk, shop):
        at = f"/staff/recipients/{shop.projects[0].id}/end"
        said = {"last_day": "2026-06-30", "reason": "Struck off"}
        assert desk.post(at, data=said).status_code == 404
