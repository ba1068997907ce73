"""The count itself: what it must notice."""

from tests.faults.tally import compare

PAID = ("capture:pi_1", "order", 500, "order")
GIVEN_BACK = ("refund:re_1", "order", -200, "command")


class TestCompare:
    def test_finds_nothing_where_both_say_the_same(self):
        told = compare([PAID, GIVEN_BACK], {"capture:pi_1": 500, "refund:re_1": -200})
        assert told == {"acked": 2, "lost": 0, "duplicated": 0, "cents_off": 0}

    def test_counts_what_is_not_in_the_book(self):
        told = compare([PAID], {})
        assert (told["lost"], told["cents_off"]) == (1, 500)

    def test_counts_what_was_done_twice_for_one_command(self):
        again = ("refund:re_2", "order", -200, "command")
        book = {"refund:re_1": -200, "refund:re_2": -200}
        assert compare([GIVEN_BACK, again], book)["duplicated"] == 1

    def test_counts_each_cent_that_differs(self):
        assert compare([PAID], {"capture:pi_1": 499})["cents_off"] == 1
        assert compare([], {"refund:re_9": -5})["cents_off"] == 5

    def test_takes_a_late_payment_for_a_payment(self):
        assert compare([PAID], {"late:pi_1": 500})["cents_off"] == 0
