"""Icons: 24 grid, strokes of 1.75, drawn for this project; always beside words."""

from functools import cache

from markupsafe import Markup

ICONS = {
    "alert": ('<path d="M12 4 2.800 19.500h18.400zM12 10v4.500M12 17v.1"/>'),
    "back": ('<path d="M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12H9"/>'),
    "basket": (
        '<path d="M3.5 10h17l-1.6 9.2a1 1 0 0 1-1 .8H6.100a1 1 0 0 1-1-.8z"/><path d="M8 10l3-6M16 10l-3-6M9.500 13.500v3M14.500 13.500v3"/>'
    ),
    "bell": ('<path d="M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4"/>'),
    "camera": (
        '<path d="M4 8h3.500L9 5.500h6L16.500 8H20v11H4z"/><circle cx="12" cy="13" r="3.300"/>'
    ),
    "check": ('<path d="M5 12.500l4.500 4.500L19 7.500"/>'),
    "clock": ('<circle cx="12" cy="12" r="8.500"/><path d="M12 7v5l3.500 2"/>'),
    "close": ('<path d="M6 6l12 12M18 6 6 18"/>'),
    "doc": ('<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>'),
    "down": ('<path d="M6 9l6 6 6-6"/>'),
    "download": ('<path d="M12 4v11M7.500 11 12 15.500 16.500 11M5 20h14"/>'),
    "eye": (
        '<path d="M2.500 12s3.500-6 9.500-6 9.500 6 9.500 6-3.500 6-9.500 6-9.500-6-9.500-6z"/><circle cx="12" cy="12" r="2.600"/>'
    ),
    "filter": ('<path d="M4 7h16M7 12h10M10 17h4"/>'),
    "globe": (
        '<circle cx="12" cy="12" r="8.500"/><path d="M3.500 12h17M12 3.500c3 2.500 3.500 5.500 3.500 8.500s-.5 6-3.500 8.500c-3-2.500-3.500-5.500-3.500-8.500s.5-6 3.500-8.500z"/>'
    ),
    "info": ('<circle cx="12" cy="12" r="8.500"/><path d="M12 11v5.500M12 7.700v.1"/>'),
    "left": ('<path d="M19 12H5M11 6l-6 6 6 6"/>'),
    "lock": (
        '<rect x="5" y="10.500" width="14" height="9.500" rx="1.500"/><path d="M8 10.500V8a4 4 0 0 1 8 0v2.500"/>'
    ),
    "menu": ('<path d="M4 7h16M4 12h16M4 17h16"/>'),
    "minus": ('<path d="M5 12h14"/>'),
    "pen": ('<path d="M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19zM14 6.500l3.500 3.500"/>'),
    "pin": (
        '<path d="M12 21s-6.500-5.600-6.500-11a6.500 6.500 0 0 1 13 0c0 5.400-6.500 11-6.500 11z"/><rect x="10" y="8" width="4" height="4" rx="1"/>'
    ),
    "plus": ('<path d="M12 5v14M5 12h14"/>'),
    "receipt": (
        '<path d="M6 3v18l2-1.500 2 1.500 2-1.500 2 1.500 2-1.500 2 1.500V3zM9 8h6M9 12h6"/>'
    ),
    "right": ('<path d="M5 12h14M13 6l6 6-6 6"/>'),
    "seal": (
        '<path d="M12 3l7 3v5.500c0 4.500-3 7.700-7 9.500-4-1.800-7-5-7-9.500V6z"/><path d="M8.800 12l2.400 2.400 4.200-4.600"/>'
    ),
    "search": ('<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21"/>'),
    "star": (
        '<path d="M12 3.800l2.500 5.300 5.700.7-4.200 4 1.100 5.800-5.100-2.900-5.100 2.900 1.100-5.800-4.200-4 5.700-.7z"/>'
    ),
    "talk": ('<path d="M4 5h16v11H11l-4.500 4V16H4z"/>'),
    "truck": (
        '<path d="M3 6h11v10H3zM14 10h4l3 3v3h-7"/><circle cx="7" cy="17.500" r="1.800"/><circle cx="17" cy="17.500" r="1.800"/>'
    ),
    "user": (
        '<circle cx="12" cy="8.500" r="3.800"/><path d="M4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500"/>'
    ),
}

MARK = Markup(
    '<svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true">'
    '<path class="brand__water" d="M2 7q3.500-3 7 0t7 0 7 0 7 0M2 25q3.500-3 7 0t7 0 7 0 7 0"/>'
    '<path class="brand__stone" d="M1.500 11.500h5.500a1.500 1.500 0 0 1 1.500 1.500v6a1.500 1.500 0 0 1-1.500 1.500H1.500zM11.500 11.500h5a1.500 1.500 0 0 1 1.500 1.500v6a1.500 1.500 0 0 1-1.500 1.500h-5a1.500 1.500 0 0 1-1.500-1.500v-6a1.500 1.500 0 0 1 1.500-1.500zM30.500 11.500H27a1.500 1.500 0 0 0-1.500 1.500v6a1.500 1.500 0 0 0 1.500 1.500h3.500z"/>'
    '<rect class="brand__stone--lit" x="19.500" y="11.500" width="4.500" height="9" rx="1.500"/>'
    "</svg>"
)
"""Three stones on the water, one of them lit."""


@cache
def icon(name: str, cls: str = "") -> Markup:
    """Return an icon, hidden from screen readers: the words beside it say what it means."""
    classes = f"icon {cls}".strip()
    return Markup(
        f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f"{ICONS[name]}</svg>"
    )
