"""The built bundle in ``static/dist``: hashed addresses, and static files by WhiteNoise."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from webmap.map.compose import Assets

STATIC = Path(__file__).parents[1] / "static"
DIST = STATIC / "dist"
PREFIX = "/static/"

_HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")


@dataclass(frozen=True)
class Bundle:
    """Which address stands for which file of the bundle.

    Attributes:
        addresses: File name in ``static/dist`` → address, with a content hash in its name unless debugging.
        files: Address → file, for the hashed addresses.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """The address of a file of the bundle; the plain one when it has not been built."""
        return self.addresses.get(name, f"{PREFIX}dist/{name}")

    def map_assets(self, root: str) -> Assets:
        """Script and style sheet of the map page, with what stands before our addresses."""
        scripts = tuple(root + self.address(name) for name in ("planmap.js", "engine.js"))
        return Assets(scripts=scripts, styles=(root + self.address("planmap.css"),))


def find(debug: bool = False, folder: Path = DIST) -> Bundle:
    """Look up what has been built.

    Args:
        debug: Leave the names as they are, so that a rebuilt bundle shows at the next reload.
        folder: Where the bundle is.
    """
    if debug or not folder.is_dir():
        return Bundle()
    addresses: dict[str, str] = {}
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".js", ".css", ".svg", ".png"):
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        address = f"{PREFIX}dist/{path.stem}.{digest}{path.suffix}"
        addresses[path.name] = address
        files[address] = path
    return Bundle(addresses, files)


def code_version(folder: Path = Path(__file__).parents[1]) -> str:
    """A hash of everything that shapes a page beside the edition: code, templates, words and bundle."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix in (".py", ".html", ".toml", ".js", ".css") and inside.parts[0] != "frontend":
            digest.update(str(inside).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _add_headers(headers: Headers, path: str, url: str) -> None:  # noqa: ARG001 - WhiteNoise calls it so
    headers["X-Content-Type-Options"] = "nosniff"


def serve_static(app: Flask, bundle: Bundle, debug: bool = False) -> None:
    """Put WhiteNoise before the app: precompressed files, hashed names kept for good, plain ones checked each time."""
    static = WhiteNoise(
        app.wsgi_app,
        autorefresh=debug,
        max_age=0,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: bool(_HASHED.search(url)),
        add_headers_function=_add_headers,
    )
    if STATIC.is_dir():
        static.add_files(str(STATIC), prefix=PREFIX)
    for address, path in bundle.files.items():
        static.add_file_to_dictionary(address, str(path))
    app.wsgi_app = static  # type: ignore[method-assign]
