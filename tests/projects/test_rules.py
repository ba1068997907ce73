"""Texts that may go into a feed."""

from marketplace.projects.rules import without_controls


class TestWithoutControls:
    def test_keeps_what_people_write(self):
        text = "Tab\t, line\r\n, Écoles du soir, 🌍"
        assert without_controls(text) == text

    def test_takes_away_what_xml_cannot_hold(self):
        assert without_controls("a\x00b\x0bc\x1bd\ufffee\uffff") == "abcde"
