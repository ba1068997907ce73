"""What a product looks like when its name says so: a jug is no bowl."""

import re
from functools import lru_cache

WORDS = {
    # glyph: the words that tell it, in English, French and Italian; the first match wins
    "apron": "apron tablier grembiule",
    "roll": "pencil.roll trousse portamatite",
    "cushion": "cushion pillow coussin oreiller cuscino",
    "duffel": "duffel holdall polochon borsone",
    "washbag": "wash.bag toilet.bag trousse.de.toilette beauty",
    "tealights": "tealights? chauffe-plats?",
    "candles": "candles? bougies? candel[ae]",
    "sack": "bread.bag flour chickpeas? lentils? farine pois.chiches farina ceci "
    "lenticchie flakes paillettes scaglie",
    "jar": "in.brine paste tomatoes jam honey jar saumure confiture miel pomodori miele barattolo "
    "marmellata",
    "tin": "tin boîte.en.métal latta lattina scatoletta",
    "jug": "jug pitcher carafe pichet brocca caraffa",
    "bottle": "cruet oil bottle huile bouteille olio bottiglia oliera",
    "cups": "cups? mugs? tasses? tazz[ae] tazzine",
    "throw": "throw blanket plaid coperta couverture",
    "ribbons": "bookmarks? marque-pages? segnalibri",
    "sheets": "sheets? block bloc feuilles blocco fogli filter.papers?",
}
PATTERNS = [
    (glyph, re.compile(r"\b(?:" + "|".join(words.split()) + r")\b", re.IGNORECASE))
    for glyph, words in WORDS.items()
]
OILS = re.compile(r"\b(?:soap|savon|sapone)\b", re.IGNORECASE)
"""Made of oil, sold in bars: its category knows better than the word."""


@lru_cache(maxsize=4096)
def glyph_of(name: str, glyph: str) -> str:
    """Return the silhouette that a name tells, or the one of its category."""
    told = next((one for one, pattern in PATTERNS if pattern.search(name)), glyph)
    return glyph if told == "bottle" and OILS.search(name) else told
