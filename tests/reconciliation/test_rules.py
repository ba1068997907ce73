"""Keys that all sides know, and when they agree."""

from datetime import UTC, datetime

import pytest

from marketplace.payments.rules import BankPayoutSeen, MovementSeen
from marketplace.reconciliation.rules import (
    Compared,
    key_of_effect,
    said_by_bank,
    said_by_provider,
)

AT = datetime(2026, 3, 12, tzinfo=UTC)


def movement(kind, source, amount, fee=0):
    return MovementSeen("txn_1", kind, source, "EUR", amount, fee, amount - fee, AT)


def keys(kind, source, amount=100, fee=0):
    return [(one.key, one.minor) for one in said_by_provider(movement(kind, source, amount, fee))]


class TestSaidByProvider:
    def test_tells_a_payment_from_its_fee(self):
        assert keys("charge", "ch_1", 1000, 40) == [("payment:ch_1", 1000), ("fee:ch_1", -40)]
        assert keys("payment", "py_1", 1000) == [("payment:py_1", 1000)]

    @pytest.mark.parametrize(
        ("kind", "source", "key"),
        [
            ("refund", "re_1", "refund:re_1"),
            ("refund_failure", "re_1", "refund:re_1"),
            ("transfer", "tr_1", "transfer:tr_1"),
            ("transfer_refund", "tr_1", "transfer:tr_1"),
            ("adjustment", "dp_1", "dispute:dp_1"),
            ("adjustment", "du_1", "dispute:du_1"),
            ("adjustment", "re_1", "refund:re_1"),
            ("adjustment", "fee_1", "other:txn_1"),
            ("payout", "po_1", "bank:po_1"),
            ("payout_failure", "po_1", "bank:po_1"),
            ("stripe_fee", None, "other:txn_1"),
            ("refund", None, "other:txn_1"),
        ],
    )
    def test_names_what_a_row_is_about(self, kind, source, key):
        assert keys(kind, source, -100) == [(key, -100)]

    def test_counts_the_fee_of_a_dispute_with_it(self):
        assert keys("adjustment", "dp_1", -1000, 2000) == [("dispute:dp_1", -3000)]


class TestSaidByBank:
    @pytest.mark.parametrize(
        ("status", "minor"),
        [("pending", -5), ("in_transit", -5), ("paid", -5), ("failed", 0), ("canceled", 0)],
    )
    def test_leaves_out_what_did_not_leave(self, status, minor):
        assert said_by_bank(BankPayoutSeen("po_1", "EUR", 5, status, AT)).minor == minor


class TestKeyOfEffect:
    @pytest.mark.parametrize(
        ("effect", "charge", "transfer", "key"),
        [
            ("capture:pi_1", "ch_1", None, "payment:ch_1"),
            ("late:pi_1", "ch_1", None, "payment:ch_1"),
            ("capture:pi_1", None, None, "payment:pi_1"),
            ("fee:pi_1", "ch_1", None, "fee:ch_1"),
            ("refund:re_1", None, None, "refund:re_1"),
            ("payout_settled:p", None, "tr_1", "transfer:tr_1"),
            ("payout_reversed:p:100", None, "tr_1", "transfer:tr_1"),
            ("reversal:trr_1", None, "tr_1", "transfer:tr_1"),
            ("dispute:dp_1:opened", None, None, "dispute:dp_1"),
            ("dispute:dp_1:fee:txn_1", None, None, "dispute:dp_1"),
        ],
    )
    def test_is_in_the_providers_words(self, effect, charge, transfer, key):
        assert key_of_effect(effect, charge, transfer) == key


class TestCompared:
    @pytest.mark.parametrize(
        ("key", "ledger", "provider", "bank", "agrees"),
        [
            ("payment:x", 5, 5, None, True),
            ("payment:x", 5, 4, None, False),
            ("payment:x", None, 5, None, False),
            ("payment:x", 5, None, None, False),
            ("refund:x", None, 0, None, True),
            ("bank:x", None, -5, -5, False),
            ("bank:x", -5, -5, -5, True),
            ("bank:x", -5, -5, 0, False),
            ("bank:x", None, 0, 0, True),
        ],
    )
    def test_agrees_where_all_say_the_same(self, key, ledger, provider, bank, agrees):
        assert Compared(key, "EUR", ledger, provider, bank, AT).agrees is agrees
