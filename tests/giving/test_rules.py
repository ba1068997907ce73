from marketplace.giving import rules


class TestWeightsOf:
    def test_are_equal_where_no_share_is_said(self):
        assert rules.weights_of([None, None, None]) == [1, 1, 1]

    def test_are_the_shares_that_make_a_whole(self):
        assert rules.weights_of([60, 30, 10]) == [60, 30, 10]

    def test_are_none_where_they_make_no_whole(self):
        assert rules.weights_of([60, 30]) is None
        assert rules.weights_of([60, 60]) is None

    def test_are_none_where_some_are_not_said_or_nothing(self):
        assert rules.weights_of([60, None]) is None
        assert rules.weights_of([100, 0]) is None

    def test_are_none_of_no_projects(self):
        assert rules.weights_of([]) == []


class TestPercentages:
    def test_are_not_said_of_equal_parts(self):
        assert rules.percentages([1, 1]) == [None, None]
        assert rules.percentages([1]) == [None]
        assert rules.percentages([]) == []

    def test_add_up_to_a_whole(self):
        assert rules.percentages([1, 2]) == [33, 67]
        assert rules.percentages([60, 30, 10]) == [60, 30, 10]
