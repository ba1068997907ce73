"""The tree: whatever the definition says of it, and nothing else, can be proved."""

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marketplace.proofs.rules import tree
from marketplace.proofs.verify import (
    Wrong,
    check_consistency,
    climb,
    consistency_path,
    leaf_hash,
    node_hash,
    tile_path,
)
from tests.proofs.trees import entries, flipped, held_of, path_of, proof_of, root_of

# The eight inputs of the well-known test of RFC 6962's tree; the roots follow from the definition.
KNOWN = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]


def climbed(entry, index, size, path):
    return climb(leaf_hash(entry), index, size, path, node_hash)


class TestTree:
    def test_has_the_roots_that_everybody_knows(self):
        assert root_of([]).hex() == (
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        assert root_of(KNOWN[:1]).hex() == (
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        )
        assert root_of(KNOWN).hex() == (
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        )
        for size in range(len(KNOWN) + 1):
            edge = tree.Frontier()
            list(edge.append(map(leaf_hash, KNOWN[:size])))
            assert edge.root() == root_of(KNOWN[:size])

    @pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_793])
    def test_fills_tiles(self, size):
        leaves = [number.to_bytes(4, "big") for number in range(size)]
        edge = tree.Frontier()
        tiles = list(edge.append(map(leaf_hash, leaves)))
        assert edge.root() == root_of(leaves)
        assert [(one.level, one.index) for one in tiles if one.level == 0] == [
            (0, index) for index in range(size // 256)
        ]
        assert sum(one.level == 1 for one in tiles) == size // 65_536
        for one in tiles:
            wide = 256 ** (one.level + 1)
            assert one.root == root_of(leaves[one.index * wide : (one.index + 1) * wide])

    @given(entries, st.data())
    def test_goes_on_where_it_stopped(self, leaves, data):
        first = data.draw(st.integers(0, len(leaves)))
        edge = tree.Frontier()
        list(edge.append(map(leaf_hash, leaves[:first])))
        again = tree.Frontier(first, edge._rows)
        list(again.append(map(leaf_hash, leaves[first:])))
        assert again.root() == root_of(leaves)


class TestInclusion:
    @given(entries, st.data())
    def test_is_proved_by_the_path_of_the_definition(self, leaves, data):
        index = data.draw(st.integers(0, len(leaves) - 1))
        path = tree.inclusion_path(index, len(leaves), held_of(leaves).at)
        assert path == path_of(index, leaves)
        assert climbed(leaves[index], index, len(leaves), path) == root_of(leaves)

    @pytest.mark.parametrize("size", [257, 600, 70_000])
    def test_is_proved_across_tiles(self, size):
        leaves = [number.to_bytes(4, "big") for number in range(size)]
        held, root = held_of(leaves), root_of(leaves)
        for index in (0, 1, 255, 256, size // 2, size - 2, size - 1):
            wanted = tree.Wanted()
            tree.inclusion_path(index, size, wanted.at)
            assert len(wanted.tiles) <= 6
            path = tree.inclusion_path(index, size, held.at)
            assert climbed(leaves[index], index, size, path) == root

    @given(entries, st.data())
    def test_fails_with_any_bit_flipped(self, leaves, data):
        index = data.draw(st.integers(0, len(leaves) - 1))
        bit = data.draw(st.integers(0, 10_000))
        path = path_of(index, leaves)
        place = data.draw(st.integers(-1, len(path) - 1))
        if place < 0:
            assume(leaves[index])
            leaf, steps = flipped(leaves[index], bit), path
        else:
            leaf, steps = leaves[index], [*path]
            steps[place] = flipped(path[place], bit)
        assert climbed(leaf, index, len(leaves), steps) != root_of(leaves)

    @given(entries, st.data())
    def test_fails_at_another_place_or_with_another_path(self, leaves, data):
        assume(len(set(leaves)) == len(leaves) > 2)
        index, other = data.draw(st.permutations(range(len(leaves))))[:2]
        path = path_of(index, leaves)
        for steps, place in ((path, other), (path[:-1], index), ([*path, bytes(32)], index)):
            with suppress(Wrong):
                assert climbed(leaves[index], place, len(leaves), steps) != root_of(leaves)
        for place in (-1, len(leaves)):
            with pytest.raises(Wrong):
                climbed(leaves[index], place, len(leaves), path)

    @given(entries)
    def test_fails_with_two_siblings_swapped(self, leaves):
        assume(len(leaves) > 3 and len(set(leaves)) == len(leaves))
        path = path_of(0, leaves)
        path[0], path[1] = path[1], path[0]
        assert climbed(leaves[0], 0, len(leaves), path) != root_of(leaves)


class TestConsistency:
    @given(entries, st.data())
    def test_is_proved_by_the_path_of_the_definition(self, leaves, data):
        old = data.draw(st.integers(1, len(leaves)))
        path = consistency_path(old, len(leaves), held_of(leaves).at)
        assert path == proof_of(old, leaves)
        check_consistency(old, root_of(leaves[:old]), len(leaves), root_of(leaves), path)

    @given(entries, st.data())
    def test_fails_with_any_bit_flipped(self, leaves, data):
        assume(len(leaves) > 1)
        old = data.draw(st.integers(1, len(leaves) - 1))
        bit = data.draw(st.integers(0, 255))
        given_ = [root_of(leaves[:old]), root_of(leaves), *proof_of(old, leaves)]
        place = data.draw(st.integers(0, len(given_) - 1))
        given_[place] = flipped(given_[place], bit)
        with pytest.raises(Wrong):
            check_consistency(old, given_[0], len(leaves), given_[1], given_[2:])

    @given(entries, st.data())
    def test_fails_after_an_old_leaf_was_changed_left_out_or_put_in(self, leaves, data):
        assume(len(leaves) > 2)
        old = data.draw(st.integers(1, len(leaves) - 1))
        place = data.draw(st.integers(0, old - 1))
        for forged in (
            [*leaves[:place], leaves[place] + b"!", *leaves[place + 1 :]],
            [*leaves[:place], *leaves[place + 1 :]],
            [*leaves[:place], b"put in", *leaves[place:]],
        ):
            assume(len(forged) >= old and forged[:old] != leaves[:old])
            with pytest.raises(Wrong):
                check_consistency(
                    old,
                    root_of(leaves[:old]),
                    len(forged),
                    root_of(forged),
                    proof_of(old, forged),
                )

    @given(entries)
    def test_fails_for_a_log_that_went_back(self, leaves):
        assume(len(leaves) > 1)
        roots = root_of(leaves), root_of(leaves[:-1])
        with pytest.raises(Wrong, match="shorter"):
            check_consistency(len(leaves), roots[0], len(leaves) - 1, roots[1], [])

    @given(entries)
    def test_fails_for_two_views_of_one_size(self, leaves):
        other = [*leaves[:-1], leaves[-1] + b"!"]
        with pytest.raises(Wrong, match="two roots"):
            check_consistency(len(leaves), root_of(leaves), len(leaves), root_of(other), [])

    def test_wants_no_proof_from_nothing(self):
        empty = root_of([])
        check_consistency(0, empty, 3, root_of([b"a", b"b", b"c"]), [])
        with pytest.raises(Wrong):
            check_consistency(0, empty, 3, root_of([b"a"]), [empty])


class TestTilePath:
    def test_is_the_one_of_the_specification(self):
        assert tile_path(0, 1_234_067, 256) == "tile/0/x001/x234/067"
        assert tile_path("entries", 1_234_067, 8) == "tile/entries/x001/x234/067.p/8"
        assert tile_path(1, 0, 17) == "tile/1/000.p/17"

    @given(st.integers(0, 10**9), st.integers(1, 256))
    def test_is_read_as_it_is_written(self, index, width):
        place = tile_path(3, index, width).removeprefix("tile/3/")
        assert tree.read_place(place) == (index, width)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "7",
            "0007",
            "x000/001",
            "x001",
            "001/002",
            "000.p/0",
            "000.p/256",
            "000.p/01",
            "../1",
        ],
    )
    def test_is_not_read_when_written_otherwise(self, text):
        assert tree.read_place(text) is None

    def test_has_a_level_from_0_to_63(self):
        assert [tree.read_level(text) for text in ("0", "63")] == [0, 63]
        assert [tree.read_level(text) for text in ("64", "00", "-1", "x", "²")] == [None] * 5

    def test_knows_how_wide_tiles_are(self):
        """The example of the specification: a tree of 70 000."""
        assert [tree.widest(70_000, 0, index) for index in (272, 273, 274)] == [256, 112, 0]
        assert [tree.widest(70_000, 1, index) for index in (0, 1, 2)] == [256, 17, 0]
        assert tree.widest(70_000, 2, 0) == 1
        assert (tree.widest(256, 0, 0), tree.widest(256, 1, 0)) == (256, 1)
