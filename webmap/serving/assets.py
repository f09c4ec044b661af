"""The built bundle in ``static/dist``: hashed addresses, and its files served from memory."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.exceptions import MethodNotAllowed

from webmap.serving.encode import Encoded, answer, entity_tag

STATIC = Path(__file__).parents[1] / "static"
DIST = STATIC / "dist"
PREFIX = "/static/"

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
"""Files of the bundle that are served, by suffix."""

INLINE = ("first.js", "engine.js", "icons.json", "planmap.css", "plan-map.js")
"""Files of the bundle that go into pages, or have an address of their own."""

FOR_GOOD = "public, max-age=31536000, immutable"
_HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")


@dataclass(frozen=True)
class Assets:
    """Where the bundle is: addresses of its style sheets, in loading order."""

    styles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """Which address stands for which file of the bundle.

    Attributes:
        texts: Contents of what goes into pages, by file name; read anew each time while debugging.
        addresses: File name in ``static/dist`` → address, with a content hash in its name unless debugging.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A file that goes into pages as it is; "" when it has not been built."""
        if self.texts:
            return self.texts.get(name, "")
        path = DIST / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def address(self, name: str) -> str:
        """The address of a file of the bundle; the plain one when it has not been built."""
        return self.addresses.get(name, f"{PREFIX}dist/{name}")

    @property
    def icons(self) -> dict[str, str]:
        """Path data of the icons that kinds may name."""
        return dict(json.loads(self.text("icons.json") or "{}"))

    @property
    def stamp(self) -> str:
        """Tells this build of the map's program from others; "" while debugging, or when it has not been built."""
        found = _HASHED.search(self.addresses.get("planmap.js", ""))
        return found[0].split(".")[1] if found else ""

    def map_assets(self, root: str) -> Assets:
        """The map page's style sheet, with what stands before our addresses."""
        return Assets(styles=(root + self.address("planmap.css"),))


def find(debug: bool = False, folder: Path | None = None) -> Bundle:
    """Look up what has been built.

    Args:
        debug: Leave the names as they are, so that a rebuilt bundle shows at the next reload.
        folder: Where the bundle is, if not in its usual place.
    """
    folder = folder or DIST
    if debug or not folder.is_dir():
        return Bundle()
    addresses: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in TYPES:
            addresses[path.name] = _hashed(path, path.read_bytes())
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in INLINE if (folder / name).is_file()}
    return Bundle(addresses, texts)


def load(folder: Path) -> dict[str, Encoded]:
    """The bundle's files in memory, by address, in the encodings that the set-up made of them.

    Held by content: who rebuilds the bundle under a running server changes nothing of what it serves.

    Args:
        folder: Where the bundle is.
    """
    found: dict[str, Encoded] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix not in TYPES:
            continue
        body = path.read_bytes()
        zipped, squeezed = (_packed(path.with_name(path.name + suffix)) for suffix in (".gz", ".br"))
        for address in (f"{PREFIX}dist/{path.name}", _hashed(path, body)):
            headers = {"Cache-Control": FOR_GOOD} if _HASHED.search(address) else {}
            found[address] = Encoded(body, zipped, squeezed, entity_tag(body, address), TYPES[path.suffix], headers)
    return found


def _packed(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _hashed(path: Path, body: bytes) -> str:
    return f"{PREFIX}dist/{path.stem}.{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"


def serve_static(app: Flask, debug: bool = False) -> None:
    """Serve the bundle: hashed names kept for good, plain ones checked each time.

    Args:
        app: The application.
        debug: Read the files anew for each request.
    """
    held = {} if debug else load(DIST)

    @app.before_request
    def static() -> Response | None:
        if not request.path.startswith(PREFIX):
            return None
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        files = load(DIST) if debug else held
        if request.path not in files:
            abort(404)
        return answer(request, files[request.path], ranges=True)
