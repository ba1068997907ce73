"""Arithmetic of money: properties that hold for any amount, and the tables of others."""

import itertools
import json
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from marketplace.core.money import (
    BASIS,
    NotAnAmount,
    exponent,
    format_minor,
    net_of,
    parse_minor,
    round_half_up,
    share_of,
    split,
    to_decimal_text,
)
from marketplace.giving.rules import Pledge, share_equally, spread
from marketplace.orders.rules import LineTerms, price_line, refund_of_pieces, shipping_vat
from tests.field import DATA, needs_field_data

amounts = some.integers(0, 10**11)
weights = some.lists(some.integers(0, 10**6), min_size=1, max_size=8).filter(any)


def table(name: str) -> dict:
    """Return a table of facts that lies beside the checkout; empty where it does not."""
    path = DATA / "7-money" / name
    return json.loads(path.read_text()) if path.is_file() else {}


def whole(weights: list) -> list[int]:
    """Return the same weights as integers: some tables have them with decimals."""
    return [int(Decimal(str(weight)) * 10**6) for weight in weights]


class TestSplit:
    @given(some.integers(-(10**11), 10**11), weights)
    def test_adds_up_and_is_off_by_less_than_a_cent(self, amount, weights):
        parts = split(amount, weights)
        assert sum(parts) == amount
        total = sum(weights)
        assert all(
            abs(part * total - amount * weight) < total
            for part, weight in zip(parts, weights, strict=True)
        )

    @given(amounts, weights)
    def test_gives_the_heavier_no_less(self, amount, weights):
        by_weight = sorted(zip(weights, split(amount, weights), strict=True))
        for (lighter, less), (heavier, more) in itertools.pairwise(by_weight):
            assert lighter == heavier or less <= more

    @given(amounts, weights)
    def test_of_the_opposite_is_the_opposite(self, amount, weights):
        assert split(-amount, weights) == [-part for part in split(amount, weights)]

    def test_gives_the_odd_cents_to_the_first(self):
        assert split(100, [1, 1, 1]) == [34, 33, 33]
        assert share_equally(101, 3) == [34, 34, 33]

    @pytest.mark.parametrize("weights", [[], [0, 0], [3, -1]])
    def test_needs_weights(self, weights):
        with pytest.raises(ValueError, match="weights"):
            split(100, weights)


class TestSpread:
    @given(some.lists(some.integers(0, 10**7), min_size=1, max_size=6), weights)
    def test_adds_up_by_line_and_by_project(self, shares, weights):
        choice = split(sum(shares), weights)
        rows = spread(shares, choice)
        assert [sum(row) for row in rows] == shares
        assert [sum(column) for column in zip(*rows, strict=True)] == choice
        assert min(min(row) for row in rows) >= 0

    @pytest.mark.parametrize(("shares", "choice"), [([5], [4]), ([5, -1], [4]), ([4], [5, -1])])
    def test_refuses_what_does_not_add_up(self, shares, choice):
        with pytest.raises(ValueError, match="same sum"):
            spread(shares, choice)


class TestShares:
    @given(amounts, some.integers(0, 3000))
    def test_net_and_vat_make_the_price(self, gross, vat_bp):
        net = net_of(gross, vat_bp)
        assert 0 <= net <= gross
        assert abs(net * (BASIS + vat_bp) - gross * BASIS) * 2 <= BASIS + vat_bp

    @given(amounts, some.integers(0, BASIS))
    def test_a_share_is_at_most_the_whole(self, amount, share_bp):
        assert 0 <= share_of(amount, share_bp) <= amount

    @given(amounts, some.integers(1, 50), some.integers(0, 10**6))
    def test_a_fixed_pledge_is_at_most_the_net_price(self, net, quantity, unit):
        assert Pledge(None, unit).part_of(net, quantity) == min(unit * quantity, net)

    @given(amounts, some.integers(1, 60), some.data())
    def test_pieces_given_back_in_any_order_give_back_all(self, paid, quantity, data):
        given_back, already = 0, 0
        while already < quantity:
            pieces = data.draw(some.integers(1, quantity - already))
            part = refund_of_pieces(
                paid_minor=paid,
                quantity=quantity,
                already=already,
                pieces=pieces,
                asked_minor=given_back,
            )
            assert part >= 0
            given_back, already = given_back + part, already + pieces
        assert given_back == paid

    @given(amounts, some.integers(1, 20), some.data())
    def test_pieces_give_back_no_cent_more_where_some_were_refused(self, paid, quantity, data):
        """Fails if a part is told by pieces alone: of 101 cents for three, 102 would go back."""
        kept: list[tuple[int, int]] = []
        for _ in range(data.draw(some.integers(1, 30))):
            already = sum(pieces for pieces, _part in kept)
            if kept and (already == quantity or data.draw(some.booleans())):
                kept.pop(data.draw(some.integers(0, len(kept) - 1)))  # the provider refused it
                continue
            pieces = data.draw(some.integers(1, quantity - already))
            asked = sum(part for _pieces, part in kept)
            part = refund_of_pieces(
                paid_minor=paid,
                quantity=quantity,
                already=already,
                pieces=pieces,
                asked_minor=asked,
            )
            kept.append((pieces, part))
            assert part >= 0
            assert asked + part <= paid
            if already + pieces == quantity:
                assert asked + part == paid


class TestRounding:
    @given(some.decimals(-(10**9), 10**9, places=4))
    def test_is_nearest_with_halves_away_from_zero(self, value):
        got = round_half_up(value)
        assert abs(Decimal(got) - value) <= Decimal("0.5")
        assert round_half_up(-value) == -got


class TestTexts:
    @given(amounts, some.sampled_from(["EUR", "CHF", "JPY", "KWD"]))
    def test_for_machines_are_read_back(self, amount, currency):
        text = to_decimal_text(amount, currency)
        assert parse_minor(text, currency, decimal_comma=False) == amount

    @given(amounts, some.sampled_from(["en", "fr", "it"]))
    def test_for_people_are_read_back(self, amount, locale):
        text = format_minor(amount, "EUR", locale)
        assert parse_minor(text, "EUR", decimal_comma=locale != "en") == amount

    def test_have_a_true_minus_sign(self):
        assert format_minor(-1230, "EUR", "en") == "−€12.30"

    @pytest.mark.parametrize(
        ("text", "minor"),
        [
            ("12.30", 1230), ("12,30", 1230), (".5", 50), ("1,234.50", 123450),
            ("1.234,50", 123450), ("1 234,50", 123450), ("€ 12", 1200), ("12.30 EUR", 1230),
            ("1,234", 123400), ("1,234,567", 123456700), ("1'234.50", 123450),
        ],
    )  # fmt: skip
    def test_of_people_are_understood(self, text, minor):
        assert parse_minor(text, "EUR") == minor

    def test_with_three_digits_follow_the_language(self):
        assert parse_minor("1.234", "EUR", decimal_comma=True) == 123400
        assert parse_minor("1.234", "KWD", decimal_comma=False) == 1234

    @pytest.mark.parametrize("text", ["", "abc", "-5", "1.2345", "1,2,3", "9" * 20, "1.2.3,4,5"])
    def test_that_are_no_amounts_are_refused(self, text):
        with pytest.raises(NotAnAmount):
            parse_minor(text, "EUR")


def cents(text: str) -> int:
    return round(Decimal(text) * 100)


def bp(rate: str) -> int:
    return round(Decimal(rate) * BASIS)


def discounts(said: str, gross: list[int]) -> list[int]:
    """Return what a table's discount takes off each line: a part of each, or an amount of all."""
    amount, _blank, of_what = said.partition(" ")
    if amount.endswith("%"):
        return [share_of(minor, int(amount[:-1]) * 100) for minor in gross]
    assert of_what == "off order"
    return split(int(amount), gross)  # rule 12: apportioned by largest remainder


@needs_field_data
@pytest.mark.field
class TestTablesOfOthers:
    """What does not apply: prices to which tax is added (ours have it inside, as shoppers see
    them), several taxes on one price (a product has one rate), exchanges, and discounts of a
    whole order that change later what one piece gives back (ours lie on the lines)."""

    def test_of_allocation(self):
        cases = [case for group in table("allocation.json")["sets"] for case in group["cases"]]
        ours = [case for case in cases if case.get("same_as_largest_remainder_first_wins")]
        assert ours
        wrong = [
            case["id"]
            for case in ours
            if split(case["amount"], whole(case["weights"])) != case["expected"]
        ]
        assert wrong == []

    def test_of_currencies(self):
        listed = table("currencies.json")["iso4217"]["currencies"]
        wrong = {
            code: (row["minor"], exponent(code))
            for code, row in listed.items()
            if code in {"EUR", "CHF", "GBP", "USD", "JPY", "KWD", "BHD", "SEK", "DKK", "PLN", "CZK"}
            and row["minor"] != exponent(code)
        }
        assert wrong == {}

    def test_of_rounding(self):
        cases = [c for c in table("rounding.json")["round_to_integer"] if c["mode"] == "half_up"]
        assert cases
        assert [c for c in cases if round_half_up(Decimal(c["value"])) != c["expected"]] == []

    def test_of_taxes_inside_the_price(self):
        cases = [case for case in table("tax.json")["order_tax"] if case["included"]]
        assert any("discount" in line for case in cases for line in case["lines"])
        for case in cases:
            paid = sum(
                cents(line["price"]) * line["qty"] - cents(line.get("discount", "0"))
                for line in case["lines"]
            )
            assert paid - net_of(paid, bp(case["rate"])) == cents(case["expected_tax"]), case["id"]

    def test_of_taxes_inside_one_price(self):
        facts = table("tax.json")
        assert facts["included_vat"]
        for case in facts["included_vat"]:
            gross = cents(case["gross"])
            assert gross - net_of(gross, bp(case["rate"])) == cents(case["expected_tax"]), case
        for case in facts["net_price_outside_vat_zone"]:
            net = net_of(cents(case["gross_home"]), bp(case["rate"]))
            assert net == cents(case["expected_net"]), case
        for case in facts["flat_rate"]:
            if case["entered_with_tax"]:
                net = net_of(cents(case["amount"]), case["rate_percent"] * 100)
                assert (net, cents(case["amount"])) == (cents(case["net"]), cents(case["gross"]))

    def test_of_order_totals(self):
        cases = [c for c in table("order-totals.json")["cases"] if c["prices_include_tax"]]
        assert len(cases) > 5
        for case in cases:
            wanted = case["expected"]
            gross = [line["unit"] * line["qty"] for line in case["lines"]]
            off = discounts(case["discount"], gross) if "discount" in case else [0] * len(gross)
            paid = [minor - less for minor, less in zip(gross, off, strict=True)]
            rates = [line["tax_percent"] * 100 for line in case["lines"]]
            shipping = case.get("shipping", 0)
            ours = {
                "subtotal": sum(map(net_of, paid, rates)),
                "subtotal_with_tax": sum(paid),
                "total_with_tax": sum(paid) + shipping,
                "line_with_tax": paid,
                "shipping": shipping - shipping_vat(shipping, rates),
                "shipping_with_tax": shipping,
            }
            assert {name: ours[name] for name in wanted} == wanted, case["id"]

    def test_of_order_totals_are_those_of_our_lines(self):
        """The same figures by the rule that prices an order's line, where nothing is taken off."""
        (case,) = [
            one
            for one in table("order-totals.json")["cases"]
            if one["prices_include_tax"] and "discount" not in one
        ]
        (line,) = case["lines"]
        terms = LineTerms(
            uuid4(),
            uuid4(),
            line["qty"],
            line["unit"],
            line["tax_percent"] * 100,
            Pledge(800, None),
        )
        parts = price_line(terms, commission_bp=500)
        assert parts.net_minor == case["expected"]["subtotal"]
        assert parts.share_minor + parts.commission_minor + parts.company_minor == line["unit"]

    def test_of_percent_and_refunds(self):
        facts = table("percent-and-refund.json")
        for case in facts["percent_of_line"]:
            gross = round(Decimal(case["price"]) * 100) * case["qty"]
            wanted = round(Decimal(case["expected"]) * 100)
            assert share_of(gross, case["percent"] * 100) == wanted, case["id"]
        for case in facts["percent_per_line_vs_sum"]:
            shares = [share_of(round(Decimal(p) * 100), 1000) for p in case["prices"]]
            assert sum(shares) == round(Decimal(case["sum"]) * 100)
        for case in facts["refund"]:
            if "line" not in case or case.get("order_adjustment", "0") != "0":
                continue  # exchanges and discounts of a whole order are not ours
            price, quantity = round(Decimal(case["line"]["price"]) * 100), case["line"]["qty"]
            back = refund_of_pieces(
                paid_minor=price * quantity, quantity=quantity, already=0,
                pieces=case["return_units"], asked_minor=0,
            )  # fmt: skip
            assert back == round(Decimal(case["expected"]) * 100), case["id"]
