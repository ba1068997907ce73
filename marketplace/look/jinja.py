"""What the look gives to every template."""

from marketplace.look.art import art_url
from marketplace.look.assets import asset_url
from marketplace.look.avatars import avatar
from marketplace.look.bars import bar, split_bar, stage_bar, thin_bar
from marketplace.look.charts import bar_chart, stepped_chart
from marketplace.look.icons import MARK, icon


def globals_for_templates() -> dict[str, object]:
    """Return the functions that draw, under the names that templates call them by."""
    return {
        "MARK": MARK,
        "art_url": art_url,
        "asset": asset_url,
        "avatar": avatar,
        "bar": bar,
        "bar_chart": bar_chart,
        "icon": icon,
        "split_bar": split_bar,
        "stage_bar": stage_bar,
        "stepped_chart": stepped_chart,
        "thin_bar": thin_bar,
    }
