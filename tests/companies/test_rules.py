import pytest

from marketplace.companies.rules import place_of
from marketplace.core.ids import new_id


class TestPlaceOf:
    def test_reads_a_name_and_an_id(self):
        company = new_id()
        assert place_of(["Arbosca", str(company)]) == ("Arbosca", company)

    @pytest.mark.parametrize("key", [None, [], ["A"], ["A", "no id"], [1, str(new_id())]])
    def test_refuses_what_was_tampered_with(self, key):
        assert place_of(key) is None
