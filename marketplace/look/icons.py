"""Icons: 24 grid, strokes of 1.75, drawn for this project; always beside words."""

from functools import cache

from markupsafe import Markup

from marketplace.look.svg import element

ICONS = {
    "alert": Markup('<path d="M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1"/>'),
    "back": Markup('<path d="M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12H9"/>'),
    "basket": Markup(
        '<path d="M3.5 10h17l-1.6 9.2a1 1 0 0 1-1 .8H6.1a1 1 0 0 1-1-.8z"/><path d="M8 10'
        'l3-6M16 10l-3-6M9.5 13.5v3M14.5 13.5v3"/>'
    ),
    "bell": Markup('<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4"/>'),
    "camera": Markup(
        '<path d="M4 8h3.5L9 5.5h6L16.5 8H20v11H4z"/><circle cx="12" cy="13" r="3.3"/>'
    ),
    "check": Markup('<path d="M5 12.5l4.5 4.5L19 7.5"/>'),
    "clock": Markup('<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>'),
    "close": Markup('<path d="M6 6l12 12M18 6 6 18"/>'),
    "doc": Markup('<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>'),
    "down": Markup('<path d="M6 9l6 6 6-6"/>'),
    "download": Markup('<path d="M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14"/>'),
    "eye": Markup(
        '<path d="M2.5 12s3.5-6 9.5-6 9.5 6 9.5 6-3.5 6-9.5 6-9.5-6-9.5-6z"/><circle '
        'cx="12" cy="12" r="2.6"/>'
    ),
    "filter": Markup('<path d="M4 7h16M7 12h10M10 17h4"/>'),
    "globe": Markup(
        '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5'
        'c3 2.5 3.5 5.5 3.5 8.5s-.5 6-3.5 8.5c-3-2.5-3.5-5.5-3.5-8.5s.5-6 3.5-8.5z"/>'
    ),
    "info": Markup('<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.7v.1"/>'),
    "left": Markup('<path d="M19 12H5M11 6l-6 6 6 6"/>'),
    "lock": Markup(
        '<rect x="5" y="10.5" width="14" height="9.5" rx="1.5"/><path d="M8 10.5V8'
        'a4 4 0 0 1 8 0v2.5"/>'
    ),
    "menu": Markup('<path d="M4 7h16M4 12h16M4 17h16"/>'),
    "minus": Markup('<path d="M5 12h14"/>'),
    "pen": Markup('<path d="M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM14 6.5l3.5 3.5"/>'),
    "pin": Markup(
        '<path d="M12 21s-6.5-5.6-6.5-11a6.5 6.5 0 0 1 13 0c0 5.4-6.5 11-6.5 11z"/><re'
        'ct x="10" y="8" width="4" height="4" rx="1"/>'
    ),
    "plus": Markup('<path d="M12 5v14M5 12h14"/>'),
    "receipt": Markup('<path d="M6 3v18l2-1.5 2 1.5 2-1.5 2 1.5 2-1.5 2 1.5V3zM9 8h6M9 12h6"/>'),
    "right": Markup('<path d="M5 12h14M13 6l6 6-6 6"/>'),
    "seal": Markup(
        '<path d="M12 3l7 3v5.5c0 4.5-3 7.7-7 9.5-4-1.8-7-5-7-9.5V6z"/><path d="M8.8 12'
        'l2.4 2.4 4.2-4.6"/>'
    ),
    "search": Markup('<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21"/>'),
    "star": Markup(
        '<path d="M12 3.8l2.5 5.3 5.7.7-4.2 4 1.1 5.8-5.1-2.9-5.1 2.9 1.1-5.8-4.2-4 5.7-.7z"/>'
    ),
    "talk": Markup('<path d="M4 5h16v11H11l-4.5 4V16H4z"/>'),
    "truck": Markup(
        '<path d="M3 6h11v10H3zM14 10h4l3 3v3h-7"/><circle cx="7" cy="17.5" r="1.8"/><circ'
        'le cx="17" cy="17.5" r="1.8"/>'
    ),
    "user": Markup(
        '<circle cx="12" cy="8.5" r="3.8"/><path d="M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"/>'
    ),
}

MARK = Markup(
    '<svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true"><path class="brand__w'
    'ater" d="M2 7q3.5-3 7 0t7 0 7 0 7 0M2 25q3.5-3 7 0t7 0 7 0 7 0"/><path class="br'
    'and__stone" d="M1.5 11.5h5.5a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5H1.5z'
    "M11.5 11.5h5a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-5a1.5 1.5 0 0 1-1.5-1.5"
    "v-6a1.5 1.5 0 0 1 1.5-1.5zM30.5 11.5H27a1.5 1.5 0 0 0-1.5 1.5v6a1.5 1.5 0 0 0 1.5 1.5"
    'h3.5z"/><rect class="brand__stone--lit" x="19.5" y="11.5" width="4.5" heig'
    'ht="9" rx="1.5"/></svg>'
)
"""Three stones on the water, one of them lit."""


@cache
def icon(name: str, cls: str = "") -> Markup:
    """Return an icon, hidden from screen readers: the words beside it say what it means."""
    attributes: dict[str, str | float] = {
        "class": f"icon {cls}".strip(),
        "viewBox": "0 0 24 24",
        "aria-hidden": "true",
        "focusable": "false",
    }
    return element("svg", attributes, ICONS[name])
