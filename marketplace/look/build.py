"""Build the static files: fonts subset, CSS minified, names hashed, everything compressed.

`python -m marketplace.look.build`; nothing happens when no source has changed. What takes long,
fonts and the largest files' compression, is kept in a folder beside the result by its content.
"""

import fcntl
import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import brotli
import lightningcss

from marketplace.look.assets import CHECKOUT, build_dir

SOURCES = CHECKOUT / "marketplace" / "static"
FONTS = Path(__file__).with_name("fonts.py")
PACKAGES = ("brotli", "flask-swagger-ui", "fontpkg-instrument-sans", "fontpkg-newsreader")
"""A new version of one of these makes new files."""

COMPRESSED = {".css", ".js", ".svg", ".json"}
STAMP = ".built-from"


def build() -> Path:
    """Make the static files if a source has changed; return their folder."""
    target = build_dir()
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        wanted = _digest_of_sources()
        stamp = target / STAMP
        if not stamp.exists() or stamp.read_text() != wanted:
            _Builder(target).build()
            stamp.write_text(wanted)
    return target


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Let two that start at the same time build one after the other."""
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest_of_sources() -> str:
    """Return a digest of everything that the result follows from."""
    digest = hashlib.sha256(Path(__file__).read_bytes() + FONTS.read_bytes())
    digest.update(" ".join(version(package) for package in PACKAGES).encode())
    for file in sorted(SOURCES.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(SOURCES)).encode() + file.read_bytes())
    return digest.hexdigest()


class _Builder:
    """One run: writes into a folder of its own, which takes the place of the old one at the end."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.fresh = target.with_name(f"{target.name}.new")
        self.kept = target.with_name(f"{target.name}.kept")
        self.manifest: dict[str, str] = {}

    def build(self) -> None:
        shutil.rmtree(self.fresh, ignore_errors=True)
        self.fresh.mkdir()
        self.kept.mkdir(exist_ok=True)
        self.write("causeway.css", minified(self.fonts() + styles()))
        for script in sorted((SOURCES / "js").glob("*.js")):
            self.write(script.name, script.read_bytes())
        self.write("icon.svg", (SOURCES / "icon.svg").read_bytes())
        self.documentation()
        (self.fresh / "manifest.json").write_text(
            json.dumps(self.manifest, indent=1, sort_keys=True) + "\n"
        )
        shutil.rmtree(self.target, ignore_errors=True)
        self.fresh.rename(self.target)

    def fonts(self) -> str:
        """Write each face and return the rules that name them."""
        names = json.loads(self.keep(self._fonts_key(), self._make_fonts))
        return "".join(
            rule.replace("{url}", f"/static/{self.write(name, (self.kept / name).read_bytes())}")
            for name, rule in names.items()
        )

    def _fonts_key(self) -> str:
        made_by = FONTS.read_bytes() + " ".join(map(version, PACKAGES)).encode()
        return f"fonts-{hashlib.sha256(made_by).hexdigest()}"

    def _make_fonts(self) -> bytes:
        """Cut the fonts; the library for it is loaded only here, since most starts need none."""
        rules: dict[str, str] = {}
        for face in import_module("marketplace.look.fonts").faces():
            (self.kept / face.file_name).write_bytes(face.content)
            rules[face.file_name] = face.rule("{url}")
        return json.dumps(rules).encode()

    def documentation(self) -> None:
        """Copy what the page of the API's documentation needs."""
        dist = Path(str(files("flask_swagger_ui"))) / "dist"
        for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
            self.write(f"swagger/{name}", (dist / name).read_bytes())

    def write(self, name: str, content: bytes) -> str:
        """Write a file under a name that changes with its content; return that name."""
        digest = hashlib.sha256(content).hexdigest()
        stem, dot, suffix = name.rpartition(".")
        hashed = f"{stem}.{digest[:12]}{dot}{suffix}"
        file = self.fresh / hashed
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if file.suffix in COMPRESSED:
            small = self.keep(f"{digest}.br", lambda: brotli.compress(content))
            file.with_name(f"{file.name}.br").write_bytes(small)
            file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(content, mtime=0))
        self.manifest[name] = hashed
        return hashed

    def keep(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return what was made before under this key, or make it now."""
        file = self.kept / key
        if not file.exists():
            file.write_bytes(make())
        return file.read_bytes()


def styles() -> str:
    """Return all of our style sheets in the order of their names."""
    return "\n".join(file.read_text("utf-8") for file in sorted((SOURCES / "css").rglob("*.css")))


def minified(css: str) -> bytes:
    """Minify, or leave as it is: the binding is young, and a larger file is no misfortune."""
    try:
        return lightningcss.process_stylesheet(css, filename="causeway.css", minify=True).encode()
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return css.encode()


if __name__ == "__main__":
    build()
