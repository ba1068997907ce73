"""What pools add, whatever is routed: never above budget and cap, and always the same sum."""

import uuid
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from marketplace.campaigns.rules import (
    Offer,
    PoolState,
    Routed,
    Stage,
    last_day,
    match_minor,
    plan,
    shortfall,
    stage_of,
    within,
)
from marketplace.checkout.rules import match_back, take_back
from marketplace.core.money import share_of
from marketplace.ledger.rules import Remainder

PROJECTS = [uuid.UUID(int=place + 1) for place in range(5)]
NOON = datetime(2026, 12, 31, 12, tzinfo=UTC)

amounts = st.integers(0, 500_000)
routes = st.lists(
    st.builds(Routed, st.sampled_from(PROJECTS), amounts, amounts),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.project_id,
)


@st.composite
def offers(draw):
    """Draw up to four pools, each for some of the projects."""
    return [
        Offer(
            pool_id=uuid.UUID(int=100 + place),
            slug=f"pool-{place}",
            sponsor="Rivalta",
            ratio_bp=draw(st.integers(1, 100_000)),
            cap_minor=draw(st.none() | st.integers(1, 50_000)),
            with_gifts=draw(st.booleans()),
            left_minor=draw(st.integers(0, 100_000)),
            ends_at=NOON,
            projects=frozenset(draw(st.sets(st.sampled_from(PROJECTS)))),
        )
        for place in range(draw(st.integers(0, 4)))
    ]


def base_of(offer, one):
    return one.share_minor + (one.gift_minor if offer.with_gifts else 0)


class TestPlan:
    @given(offers(), routes)
    def test_keeps_to_budget_cap_and_ratio(self, pools, routed):
        matches = plan(pools, routed)
        for offer in pools:
            mine = [match for match in matches if match.offer == offer]
            elsewhere = {match.project_id for match in matches if match.offer != offer}
            bases = sum(
                base_of(offer, one)
                for one in routed
                if one.project_id in offer.projects - elsewhere  # some may get no cent of it
            )
            added = sum(match.amount_minor for match in mine)
            assert added <= offer.left_minor
            assert added <= share_of(bases, offer.ratio_bp)
            assert offer.cap_minor is None or added <= offer.cap_minor
            assert all(match.project_id in offer.projects for match in mine)
        assert all(match.amount_minor > 0 for match in matches)

    @given(offers(), routes)
    def test_matches_each_project_once(self, pools, routed):
        matched = [match.project_id for match in plan(pools, routed)]
        assert len(matched) == len(set(matched))

    @given(offers(), routes)
    def test_uses_a_single_pool_as_far_as_it_may(self, pools, routed):
        for offer in pools:
            base = sum(base_of(offer, one) for one in routed if one.project_id in offer.projects)
            added = sum(match.amount_minor for match in plan([offer], routed))
            assert added == offer.adds_to(base)

    def test_asks_the_next_pool_where_the_first_has_nothing(self):
        first, second = (
            Offer(
                uuid.UUID(int=place), f"p{place}", "R", 10_000, None, False, left, NOON,
                frozenset(PROJECTS),
            )
            for place, left in ((1, 0), (2, 90))
        )  # fmt: skip
        matches = plan([first, second], [Routed(PROJECTS[0], 100)])
        assert [(one.offer.slug, one.amount_minor) for one in matches] == [("p2", 90)]


class TestWithin:
    @given(offers(), routes, st.integers(0, 100_000))
    def test_gives_exactly_what_was_granted(self, pools, routed, least):
        matches = plan(pools, routed)
        granted: dict[uuid.UUID, int] = {}
        for match in matches:
            pool = match.offer.pool_id
            granted[pool] = granted.get(pool, 0) + match.amount_minor
        granted = {pool: min(minor, least) for pool, minor in granted.items()}
        got = within(matches, granted)
        for pool, minor in granted.items():
            assert sum(one.amount_minor for one in got if one.offer.pool_id == pool) == minor
        assert within(matches, {}) == []


class TestMatchMinor:
    def test_doubles_halves_caps_and_ends(self):
        assert match_minor(120, ratio_bp=10_000, cap_minor=None, left_minor=999) == 120
        assert match_minor(121, ratio_bp=5_000, cap_minor=None, left_minor=999) == 61
        assert match_minor(120, ratio_bp=10_000, cap_minor=50, left_minor=999) == 50
        assert match_minor(120, ratio_bp=10_000, cap_minor=None, left_minor=7) == 7
        assert match_minor(120, ratio_bp=10_000, cap_minor=None, left_minor=-1) == 0


class TestStage:
    def test_follows_the_clock_and_the_money(self):
        def stage(state, left, now):
            return stage_of(
                state, starts_at=NOON, ends_at=NOON + timedelta(1), left_minor=left, now=now
            )

        before, after = NOON - timedelta(1), NOON + timedelta(1)
        assert stage(PoolState.DRAFT, 0, NOON) is Stage.DRAFT
        assert stage(PoolState.FUNDED, 9, before) is Stage.FUNDED
        assert stage(PoolState.FUNDED, 9, NOON) is Stage.RUNNING
        assert stage(PoolState.FUNDED, 0, NOON) is Stage.USED_UP
        assert stage(PoolState.FUNDED, 9, after) is Stage.ENDED
        assert stage(PoolState.ENDED, 0, NOON) is Stage.ENDED

    def test_names_the_last_day(self):
        assert last_day(datetime(2027, 1, 1, tzinfo=UTC)) == date(2026, 12, 31)


class TestShortfall:
    @given(amounts, amounts, amounts)
    def test_is_never_more_than_is_left_nor_than_was_guaranteed(self, guarantee, used, left):
        missing = shortfall(guarantee_minor=guarantee, used_minor=used, left_minor=left)
        assert 0 <= missing <= left
        assert used + missing <= max(guarantee, used)


def row(number, minor, left, line, pool=None):
    return Remainder(number, "project_pending", None, None, line, None, minor, left, pool)


class TestWhatGoesBack:
    @given(
        st.lists(st.integers(1, 100_000), min_size=1, max_size=4),
        st.lists(st.integers(0, 100_000), min_size=1, max_size=4),
        st.lists(st.integers(1, 100_000), min_size=1, max_size=6),
    )
    def test_is_the_line_s_part_and_all_of_it_in_the_end(self, paid, matched, refunds):
        line, pool = uuid.uuid4(), uuid.uuid4()
        left = dict(enumerate([*paid, *matched]))
        whole, total = sum(paid), sum(matched)
        for wanted in [*refunds, whole]:
            rows = [
                row(place, minor, left[place], line, pool if place >= len(paid) else None)
                for place, minor in enumerate([*paid, *matched])
            ]
            there = sum(left[place] for place in range(len(paid)))
            for one, part in take_back(rows, min(wanted, there)):
                left[one.transfer_id] -= part
            assert min(left.values()) >= 0
            stays = sum(left[place] for place in range(len(paid)))
            kept = sum(left[place] for place in range(len(paid), len(left)))
            assert abs(kept * whole - total * stays) <= whole
        assert set(left.values()) == {0}

    def test_leaves_other_lines_alone(self):
        one, other, pool = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        rows = [row(1, 100, 100, one), row(2, 10, 10, one, pool), row(3, 9, 9, other, pool)]
        assert [(back.transfer_id, part) for back, part in take_back(rows, 50)] == [(1, 50), (2, 5)]

    @given(st.integers(0, 10_000), st.integers(1, 10_000))
    def test_is_nothing_of_nothing(self, matched, whole):
        assert match_back(matched, whole=whole, left=whole, back=0) == 0
        assert match_back(matched, whole=whole, left=whole, back=whole) == matched
