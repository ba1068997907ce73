"""The checker refuses what is wrong: else it would prove nothing."""

import pytest

from tests.field import field_files, needs_field_data
from tests.opendata.schemas import IATI, complaints_iati, has_libxml2

pytestmark = [
    pytest.mark.field,
    needs_field_data,
    pytest.mark.skipif(not has_libxml2(), reason="libxml2 is not here"),
]


class TestComplaintsIati:
    def test_has_none_about_the_standards_own_example(self):
        assert complaints_iati((IATI / "activity-2.03-annotated-example.xml").read_bytes()) == []

    def test_has_some_about_every_example_of_a_mistake(self):
        wrong = field_files("2-projects/iati/tests/should-fail", "*.xml")
        assert wrong
        assert [path.name for path in wrong if not complaints_iati(path.read_bytes())] == []

    def test_has_some_about_an_older_version_and_about_no_xml(self):
        assert complaints_iati((IATI / "real/worldbank-1.0.xml").read_bytes())
        assert complaints_iati(b"<iati-activities")
