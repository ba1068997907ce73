"""Build the static files: fonts subset, CSS minified, names hashed, everything compressed.

`python -m marketplace.look.build`; nothing happens when no source has changed.
"""

import gzip
import hashlib
import io
import json
import shutil
from importlib.resources import files
from pathlib import Path

import brotli
import lightningcss
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from marketplace.look.assets import CHECKOUT, build_dir

SOURCES = CHECKOUT / "marketplace" / "static"
COMPRESSED = {".css", ".js", ".svg", ".json", ".map"}
STAMP = ".built-from"

LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,"
    "U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
LATIN_EXT = (
    "U+0100-0130,U+0132-0151,U+0154-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2C60-2C7F,U+A720-A7FF"
)
RANGES = {"latin": LATIN, "latin-ext": LATIN_EXT}

FAMILIES = {
    # family: package, weights kept, the other axes pinned, styles
    "Newsreader": ("fontpkg_newsreader", (400, 600), {"opsz": 20}, ("normal", "italic")),
    "Instrument Sans": ("fontpkg_instrument_sans", (400, 700), {"wdth": 100}, ("normal",)),
}


def build() -> Path:
    """Make every static file that is not there yet; return their folder."""
    target, wanted = build_dir(), _digest_of_sources()
    stamp = target / STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        return target
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    manifest: dict[str, str] = {}
    faces = _fonts(fresh, manifest)
    _write(fresh, manifest, "causeway.css", _minified(faces + _styles()))
    for script in sorted((SOURCES / "js").glob("*.js")):
        _write(fresh, manifest, script.name, script.read_bytes())
    _write(fresh, manifest, "icon.svg", (SOURCES / "icon.svg").read_bytes())
    _documentation(fresh, manifest)
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
    (fresh / STAMP).write_text(wanted)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target


def _digest_of_sources() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in sorted(SOURCES.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(SOURCES)).encode() + file.read_bytes())
    return digest.hexdigest()


def _styles() -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted((SOURCES / "css").glob("*.css")))


def _minified(css: str) -> bytes:
    """Minify, or leave as it is: the binding is young, and a larger file is no misfortune."""
    try:
        return lightningcss.process_stylesheet(css, filename="causeway.css", minify=True).encode()
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return css.encode()


def _fonts(target: Path, manifest: dict[str, str]) -> str:
    """Write each face as WOFF2 and return the rules that name them."""
    rules: list[str] = []
    for family, (package, weights, pinned, styles) in FAMILIES.items():
        for style in styles:
            font = _instance(_font_file(package, italic=style == "italic"), weights, pinned)
            for name, unicodes in RANGES.items():
                known_as = f"{family.lower().replace(' ', '-')}-{style}-{name}.woff2"
                url = _write(target, manifest, known_as, _subset(font, unicodes))
                rules.append(
                    f'@font-face{{font-family:"{family}";src:url("/static/{url}") format("woff2");'
                    f"font-weight:{weights[0]} {weights[1]};font-style:{style};font-display:swap;"
                    f"unicode-range:{unicodes}}}"
                )
    return "\n".join(rules) + "\n"


def _font_file(package: str, *, italic: bool) -> bytes:
    """Return the variable font of a package, the upright or the italic one."""
    fonts = [file for file in Path(str(files(package))).rglob("*.ttf")]
    wanted = [file for file in fonts if ("Italic" in file.name) is italic]
    variable = [file for file in wanted if "[" in file.name] or wanted
    return variable[0].read_bytes()


def _instance(font: bytes, weights: tuple[int, int], pinned: dict[str, int]) -> bytes:
    """Keep one axis of a variable font: half the bytes, nothing that the look uses is lost."""
    loaded = TTFont(io.BytesIO(font), recalcTimestamp=False)
    limited = instancer.instantiateVariableFont(loaded, {"wght": weights, **pinned})
    written = io.BytesIO()
    limited.save(written)
    return written.getvalue()


def _subset(font: bytes, unicodes: str) -> bytes:
    """Keep the glyphs of a range, and the features that the look uses."""
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = [
        "kern",
        "liga",
        "calt",
        "ccmp",
        "locl",
        "mark",
        "mkmk",
        "tnum",
        "lnum",
    ]
    loaded = TTFont(io.BytesIO(font), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(unicodes.replace("U+", "")))
    subsetter.subset(loaded)
    loaded.flavor = "woff2"
    written = io.BytesIO()
    loaded.save(written)
    return written.getvalue()


def _documentation(target: Path, manifest: dict[str, str]) -> None:
    """Copy what the page of the API's documentation needs."""
    dist = Path(str(files("flask_swagger_ui"))) / "dist"
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        _write(target, manifest, f"swagger/{name}", (dist / name).read_bytes())


def _write(target: Path, manifest: dict[str, str], name: str, content: bytes) -> str:
    """Write a file under a name that changes with its content; return that name."""
    stem, dot, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}{dot}{suffix}"
    file = target / hashed
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if file.suffix in COMPRESSED:
        file.with_name(file.name + ".br").write_bytes(brotli.compress(content))
        file.with_name(file.name + ".gz").write_bytes(gzip.compress(content, mtime=0))
    manifest[name] = hashed
    return hashed


if __name__ == "__main__":
    build()
