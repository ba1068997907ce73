import hashlib
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from marketplace.look.art import art_url, draw
from marketplace.look.avatars import avatar, initials, tone
from marketplace.look.bars import bar, split_bar, stage_bar, thin_bar
from marketplace.look.charts import Mark, Series, bar_chart, stepped_chart, ticks
from marketplace.look.icons import ICONS, MARK, icon
from marketplace.look.patterns.ground import PALETTES
from marketplace.look.patterns.naming import WORDS
from marketplace.look.patterns.product import FILLS
from marketplace.look.patterns.silhouettes import SHAPES
from marketplace.look.samples import MONTHS, monthly, running, write_euros
from marketplace.look.svg import element, number

GOLDEN = {
    ("product", ("tidal", "towels", "0", "a-name")): "2195f18ba4da",
    ("product", ("flax", "cups", "1", "a-name")): "a2f7f6ad6f58",
    ("product", ("heather", "notebook", "2", "a-name")): "33f55e710e57",
    ("product", ("madder", "pouch", "3", "a-name")): "c5fcababeba9",
    ("cloth", ("flax", "x")): "7af3712ad429",
    ("topo", ("riwa",)): "9d676b0851e1",
    ("setts", ("band",)): "7f660b3290d2",
}


def every_drawing():
    yield from (draw(kind, parts) for kind, parts in GOLDEN)
    yield from (draw("product", ("slate", glyph, "0", "n")) for glyph in FILLS)
    yield from (icon(name) for name in ICONS)
    yield from (MARK, bar([("held", 1)], 3, label='<&">'), thin_bar([("held", 1)], 3))
    yield split_bar([436, 262, 174], ["€4.36", "€2.62", "€1.74"])
    labels = {"title": "<b>&", "labels": MONTHS, "write": write_euros}
    yield f"<p>{bar_chart(series=monthly(), **labels)}</p>"
    marks = [Mark(2, "1")]
    yield f"<p>{stepped_chart(series=running(), goal=18, goal_text='<', marks=marks, **labels)}</p>"


class TestSilhouette:
    @pytest.mark.parametrize(
        ("name", "category", "glyph"),
        [
            ("Workshop apron", "bowl", "apron"),
            ("Pencil roll", "notebook", "roll"),
            ("Water jug, 1.2 l", "bowl", "jug"),
            ("Caraffa di terracotta", "bowl", "jug"),
            ("Coussin de laine", "towels", "cushion"),
            ("Extra virgin olive oil, 3 l tin", "bottle", "tin"),
            ("Olive oil soap, three bars", "soap", "soap"),
            ("Linen kitchen towels", "towels", "towels"),
            ("Martini glasses", "parcel", "parcel"),
        ],
    )
    def test_lets_a_products_name_tell_what_it_looks_like(self, name, category, glyph):
        assert art_url("product", "slate", category, 0, name).split("/")[4] == glyph

    def test_names_only_what_can_be_drawn(self):
        assert FILLS.keys() >= WORDS.keys()


class TestDraw:
    @pytest.mark.parametrize(("address", "digest"), GOLDEN.items())
    def test_gives_the_same_bytes_for_the_same_address(self, address, digest):
        draw.cache_clear()
        assert hashlib.sha256(draw(*address).encode()).hexdigest()[:12] == digest

    @pytest.mark.parametrize(
        ("kind", "parts"),
        [
            ("nothing", ("x",)),
            ("topo", ()),
            ("product", ("tidal", "towels", "", "x")),
            ("product", ("tidal", "towels", "01", "x")),
            ("product", ("tidal", "towels", "4", "x")),
            ("product", ("gold", "towels", "0", "x")),
            ("product", ("tidal", "yacht", "0", "x")),
            ("cloth", ("gold", "x")),
        ],
    )
    def test_knows_no_other_address(self, kind, parts):
        assert draw(kind, parts) is None

    def test_stays_small(self):
        assert max(len(draw(*address)) for address in GOLDEN) < 20_000

    def test_has_a_silhouette_for_each_material(self):
        assert FILLS.keys() == SHAPES.keys()

    def test_has_no_palette_with_lichen_in_it(self):
        colours = {
            colour for p in PALETTES.values() for colour in (p.ground, p.dark, p.mid, p.light)
        }
        assert "#F4BE3D" not in colours


class TestEveryDrawing:
    def test_is_well_formed_and_has_no_style_and_no_script(self):
        for drawing in every_drawing():
            for node in ET.fromstring(str(drawing)).iter():
                assert not node.tag.endswith(("script", "style", "foreignObject")), drawing
                wrong = [key for key in node.attrib if key == "style" or key.startswith("on")]
                assert not wrong, drawing


class TestArtUrl:
    def test_keeps_addresses_plain(self):
        assert art_url("topo", "Ô <Riwa> / springs") == "/art/topo/riwa-springs.svg"

    def test_names_something_that_can_be_drawn(self):
        parts = art_url("product", "tidal", "tote", 0, "Sac à voile").removesuffix(".svg")
        assert draw("product", tuple(parts.split("/")[3:])) is not None


class TestElement:
    def test_escapes_what_is_not_marked_as_safe(self):
        assert element("p", {"a": '"<'}, "<i>") == '<p a="&#34;&lt;">&lt;i&gt;</p>'

    def test_writes_numbers_short(self):
        assert [number(n) for n in (1.0, 2.5, 100, 1 / 3)] == ["1", "2.5", "100", "0.33"]


class TestBar:
    def test_draws_true_shares_of_the_total(self):
        widths = _widths(bar([("spent", 25), ("held", 50)], 100))
        assert widths == ["100%", "25%", "50%"]

    def test_never_runs_over_its_edge(self):
        assert _widths(bar([("spent", 150), ("held", 50)], 100)) == ["100%", "75%", "25%"]

    def test_draws_nothing_for_nothing(self):
        assert _widths(bar([("spent", 0), ("held", -5)], 0)) == ["100%"]

    def test_is_decoration_without_a_label(self):
        assert 'aria-hidden="true"' in bar([], 1)
        assert 'role="img"' in bar([], 1, label="Half")

    def test_keeps_the_order_of_the_stages(self):
        drawn = stage_bar(spent=1, unspent=1, held=1, goal=9, label="x")
        order = ["bar__goal", "bar__spent", "bar__paid", "bar__held"]
        assert [rect.get("class") for rect in ET.fromstring(drawn)] == order


class TestSplitBar:
    def test_writes_an_amount_only_where_there_is_room(self):
        texts = [e.text for e in ET.fromstring(split_bar([95, 5], ["a", "b"])) if e.tag == "text"]
        assert texts == ["a", None]

    def test_says_all_amounts(self):
        assert 'aria-label="a, b"' in split_bar([95, 5], ["a", "b"])


class TestTicks:
    @pytest.mark.parametrize("most", [0, 1, 4, 5, 6, 99, 100, 101, 12_345, 1_800_000, 10**12])
    def test_are_round_begin_at_zero_and_reach_the_largest(self, most):
        figures = ticks(most)
        assert figures[0] == 0
        assert figures[-1] >= most
        assert len(figures) <= 6
        assert str(figures[1]).rstrip("0") in {"1", "2", "5"}


class TestSteppedChart:
    def test_names_the_end_of_each_line_in_the_wide_drawing_only(self):
        drawn = stepped_chart(title="t", labels=["a"], series=[Series("in", "In", [7])], write=str)
        assert drawn.count(">In<") == 1

    def test_keeps_names_apart(self):
        series = [Series("in", "A", [9]), Series("paid", "B", [9]), Series("spent", "C", [9])]
        drawn = stepped_chart(title="t", labels=["a"], series=series, write=str)
        wide = ET.fromstring(f"<p>{drawn}</p>")[0]
        heights = [float(e.get("y")) for e in wide.iter("text") if e.text in {"A", "B", "C"}]
        assert all(later - before >= 17 for before, later in pairwise(heights))

    @pytest.mark.parametrize("ends", [(300, 290, 285), (30, 2, 1), (9, 5, 0)])
    def test_keeps_names_apart_wherever_the_lines_end(self, ends):
        kinds = [("in", "In"), ("paid", "Paid out"), ("spent", "Spent")]
        series = [Series(*kind, [0, end]) for kind, end in zip(kinds, ends, strict=True)]
        chart = stepped_chart(title="t", labels=["a", "b"], series=series, write=str)
        drawn = ET.fromstring(f"<p>{chart}</p>")[0]  # our own text
        heights = [
            float(one.get("y")) for one in drawn.iter("text") if one.text in dict(kinds).values()
        ]
        assert len(heights) == 3
        assert all(below - above >= 39.9 for above, below in pairwise(heights))
        assert heights[-1] < float(drawn.get("viewBox").split()[3])

    def test_tells_a_goal_far_above_and_draws_a_near_one(self):
        def chart(goal):
            series = [Series("in", "In", [10, 100])]
            return stepped_chart(
                title="t", labels=["a", "b"], series=series, write=str, goal=goal, goal_text="Goal"
            )

        assert 'class="goal"' in chart(300)
        assert 'class="goal"' not in chart(301)
        assert "↑ Goal" in chart(301)
        assert ">400<" not in chart(301)

    def test_can_be_empty(self):
        assert "chart__wide" in stepped_chart(title="t", labels=[], series=[], write=str)


class TestBarChart:
    def test_gives_lichen_its_edge(self):
        drawn = bar_chart(title="t", labels=["a"], series=[Series("in", "In", [7])], write=str)
        assert 'class="a-in edge"' in drawn

    def test_can_be_empty(self):
        assert "chart__wide" in bar_chart(title="t", labels=[], series=[], write=str)


class TestInitials:
    @pytest.mark.parametrize(
        ("name", "letters"),
        [
            ("Marta Bonino", "MB"),
            ("Achieng’ van Odera", "AO"),
            ("Cher", "C"),
            ("", ""),
            ("élise (x)", "É"),
        ],
    )
    def test_are_of_the_first_and_the_last_word(self, name, letters):
        assert initials(name) == letters

    def test_stand_on_a_tone_that_follows_from_the_name(self):
        assert tone("Marta Bonino") == tone("Marta Bonino") < 6

    def test_are_escaped(self):
        assert "<b" not in avatar("Ann X<b")


def _widths(drawn):
    return [rect.get("width") for rect in ET.fromstring(drawn) if rect.tag == "rect"]
