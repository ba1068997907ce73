import pytest

from marketplace.look.build import styles
from marketplace.look.contrast import NEEDED, contrast, tokens

TOKENS = tokens(styles())


class TestContrast:
    def test_of_black_on_white_is_21(self):
        assert contrast("#000000", "#FFFFFF") == pytest.approx(21)

    def test_of_a_colour_on_itself_is_1(self):
        assert contrast("#0E4A54", "#0E4A54") == 1

    def test_of_the_grey_that_just_passes(self):
        assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


class TestTokens:
    def test_finds_both_forms_of_a_colour(self):
        css = "--a: light-dark(#FFFFFF, #000000); --b: #123456;"
        assert tokens(css) == {"a": ("#FFFFFF", "#000000"), "b": ("#123456", "#123456")}

    @pytest.mark.parametrize(("what", "ground", "least"), NEEDED)
    def test_can_be_seen_in_the_light_and_in_the_dark(self, what, ground, least):
        for place, scheme in enumerate(("light", "dark")):
            seen = contrast(TOKENS[what][place], TOKENS[ground][place])
            assert seen >= least, f"{what} on {ground}, {scheme}: {seen:.2f}"

    def test_keep_lichen_for_routed_money(self):
        lichen = set(TOKENS["lichen"])
        alike = {name for name, pair in TOKENS.items() if lichen & set(pair)}
        assert alike == {"lichen", "lichen-edge"}
