"""The UN's targets: all of them, each with words in three languages."""

from marketplace.planning.rules import TARGETS, goal_of, target_name, targets_in, unknown_targets

PER_GOAL = [7, 8, 13, 10, 9, 8, 5, 12, 8, 10, 10, 11, 5, 10, 12, 12, 19]
"""How many targets each of the seventeen goals has (A/RES/70/1)."""


class TestTargets:
    def test_are_all_that_there_are(self):
        found = [sum(goal_of(number) == goal for number in TARGETS) for goal in range(1, 18)]
        assert found == PER_GOAL
        assert sum(found) == 169

    def test_have_short_words_of_their_own_in_each_language(self):
        for names in TARGETS.values():
            assert len(names) == 3
            assert all(3 < len(name) <= 70 for name in names)
        assert target_name("6.1", "it") == "Acqua potabile sicura per tutti"
        assert target_name("6.1", "de") == target_name("6.1", "en")
        assert target_name("6.99", "en") == ""

    def test_are_found_in_what_people_write(self):
        assert targets_in("SDG 13.B and 6.1, 3.9; 6.1 again") == ["3.9", "6.1", "13.b"]
        assert unknown_targets("6.1, 6.9 18.1") == ["6.9", "18.1"]
        assert targets_in("none") == []
