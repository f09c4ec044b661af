"""Settings of the server: one table, each with a name, a default and a sentence of help (in the catalogue)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from layers.model.publication import MODES, PLAIN, Publication
from webmap.serving import basemap, messages
from webmap.serving.basemap import Basemap
from webmap.serving.errors import WebError

DATABASES = ("postgresql://", "postgres://")
"""How the address of a database begins, which may stand in place of an edition's file."""
READING = ("open", "closed")
"""Who may read: everybody, or those who are signed in."""


@dataclass(frozen=True)
class Setting:
    """A setting as an operator sees it: the name of an environment variable, and its default."""

    name: str
    default: str

    def help(self, lang: str) -> str:
        """What it is for, in a sentence."""
        return messages.text(lang, f"settings.{self.name.lower()}")


SETTINGS: tuple[Setting, ...] = (
    Setting("PLANMAP_EDITION", ""),
    Setting("PLANMAP_DATA_DIR", "data"),
    Setting("HOST", "127.0.0.1"),
    Setting("PORT", "8000"),
    Setting("PLANMAP_WORKERS", "2"),
    Setting("PLANMAP_PREFIX", ""),
    Setting("PLANMAP_ORIGIN", ""),
    Setting("PLANMAP_CONNECTIONS", "2000"),
    Setting("PLANMAP_READ_TIMEOUT", "15"),
    Setting("PLANMAP_SEND_TIMEOUT", "30"),
    Setting("PLANMAP_KEEP_EDITIONS", "10"),
    Setting("PLANMAP_OPEN_EDITIONS", "8"),
    Setting("PLANMAP_CACHE_DIR", ""),
    Setting("PLANMAP_CACHE_MB", "512"),
    Setting("PLANMAP_FIGURE_PROCESSES", "1"),
    Setting("PLANMAP_FIGURE_QUEUE", "8"),
    Setting("PLANMAP_FIGURE_TIMEOUT", "60"),
    Setting("PLANMAP_FIGURE_MB", "3072"),
    Setting("PLANMAP_DOCUMENT_PROCESSES", "1"),
    Setting("PLANMAP_DOCUMENT_QUEUE", "4"),
    Setting("PLANMAP_FRAME_ANCESTORS", "*"),
    Setting("PLANMAP_MESSAGE_ORIGINS", "*"),
    Setting("PLANMAP_LINKS", ""),
    Setting("PLANMAP_PEOPLE", ""),
    Setting("PLANMAP_READING", "open"),
    Setting("PLANMAP_PROXIES", "0"),
    Setting("PLANMAP_PLAN", ""),
    Setting("PLANMAP_UPLOAD_MB", "200"),
    Setting("PLANMAP_MAPS", PLAIN),
    Setting("PLANMAP_MAP_NUMBER", ""),
    Setting("PLANMAP_MAP_EXEMPT", ""),
    Setting("PLANMAP_BASEMAP_URL", ""),
    Setting("PLANMAP_BASEMAP_ATTRIBUTION", ""),
    Setting("PLANMAP_BASEMAP_MAX_ZOOM", "18"),
    Setting("PLANMAP_BASEMAP_DATUM", "wgs84"),
    Setting("PLANMAP_LEDGER", ""),
)
"""Every setting there is; docs/operator.md documents each one."""


@dataclass(frozen=True)
class Settings:
    """The settings' values, checked."""

    edition: Path | None = None
    database: str = ""
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    prefix: str = ""
    origin: str = ""
    connections: int = 2000
    read_timeout: int = 15
    send_timeout: int = 30
    keep_editions: int = 10
    open_editions: int = 8
    cache_dir: Path | None = None
    cache_mb: int = 512
    figure_processes: int = 1
    figure_queue: int = 8
    figure_timeout: int = 60
    figure_mb: int = 3072
    document_processes: int = 1
    document_queue: int = 4
    frame_ancestors: str = "*"
    message_origins: tuple[str, ...] = ("*",)
    links: Path | None = None
    publication: Publication = field(default_factory=Publication)
    basemap: Basemap | None = None
    ledger: str = ""
    people: Path | None = None
    reading: str = READING[0]
    proxies: int = 0
    plans: tuple[Path, ...] = ()
    upload_mb: int = 200
    edit: bool = False
    debug: bool = False

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from a mapping such as ``os.environ``.

        Raises:
            WebError: A value is not what the setting takes; says which and what it takes.

        Example:
            >>> Settings.read({"PORT": "8080"}).port
            8080
        """
        values = {item.name: environ.get(item.name, "").strip() or item.default for item in SETTINGS}
        ancestors = values["PLANMAP_FRAME_ANCESTORS"]
        if any(character in ancestors for character in ";,\r\n"):
            raise WebError("setting.bad_frame_ancestors", name="PLANMAP_FRAME_ANCESTORS", value=ancestors)
        cache_dir = values["PLANMAP_CACHE_DIR"]
        edition = values["PLANMAP_EDITION"]
        return cls(
            edition=Path(edition) if edition and not edition.startswith(DATABASES) else None,
            database=edition if edition.startswith(DATABASES) else "",
            data_dir=Path(values["PLANMAP_DATA_DIR"]),
            host=values["HOST"],
            port=_number("PORT", values["PORT"], 0, 65535),
            workers=_number("PLANMAP_WORKERS", values["PLANMAP_WORKERS"], 1, 64),
            prefix=_prefix(values["PLANMAP_PREFIX"]),
            origin=_origin(values["PLANMAP_ORIGIN"]),
            connections=_number("PLANMAP_CONNECTIONS", values["PLANMAP_CONNECTIONS"], 16, 100_000),
            read_timeout=_number("PLANMAP_READ_TIMEOUT", values["PLANMAP_READ_TIMEOUT"], 1, 600),
            send_timeout=_number("PLANMAP_SEND_TIMEOUT", values["PLANMAP_SEND_TIMEOUT"], 1, 600),
            keep_editions=_number("PLANMAP_KEEP_EDITIONS", values["PLANMAP_KEEP_EDITIONS"], 0, 10_000),
            open_editions=_number("PLANMAP_OPEN_EDITIONS", values["PLANMAP_OPEN_EDITIONS"], 2, 10_000),
            cache_dir=Path(cache_dir) if cache_dir else None,
            cache_mb=_number("PLANMAP_CACHE_MB", values["PLANMAP_CACHE_MB"], 1, 1_000_000),
            figure_processes=_number("PLANMAP_FIGURE_PROCESSES", values["PLANMAP_FIGURE_PROCESSES"], 1, 64),
            figure_queue=_number("PLANMAP_FIGURE_QUEUE", values["PLANMAP_FIGURE_QUEUE"], 0, 64),
            figure_timeout=_number("PLANMAP_FIGURE_TIMEOUT", values["PLANMAP_FIGURE_TIMEOUT"], 1, 3600),
            figure_mb=_number("PLANMAP_FIGURE_MB", values["PLANMAP_FIGURE_MB"], 1024, 1_000_000),
            document_processes=_number("PLANMAP_DOCUMENT_PROCESSES", values["PLANMAP_DOCUMENT_PROCESSES"], 1, 16),
            document_queue=_number("PLANMAP_DOCUMENT_QUEUE", values["PLANMAP_DOCUMENT_QUEUE"], 0, 64),
            frame_ancestors=ancestors,
            message_origins=_origins("PLANMAP_MESSAGE_ORIGINS", values["PLANMAP_MESSAGE_ORIGINS"]),
            links=Path(values["PLANMAP_LINKS"]) if values["PLANMAP_LINKS"] else None,
            publication=_publication(values),
            basemap=basemap.read(
                values, _number("PLANMAP_BASEMAP_MAX_ZOOM", values["PLANMAP_BASEMAP_MAX_ZOOM"], 1, 22)
            ),
            ledger=values["PLANMAP_LEDGER"],
            people=Path(values["PLANMAP_PEOPLE"]) if values["PLANMAP_PEOPLE"] else None,
            reading=_choice("PLANMAP_READING", values["PLANMAP_READING"], READING),
            proxies=_number("PLANMAP_PROXIES", values["PLANMAP_PROXIES"], 0, 8),
            plans=tuple(Path(one) for one in values["PLANMAP_PLAN"].split(os.pathsep) if one),
            upload_mb=_number("PLANMAP_UPLOAD_MB", values["PLANMAP_UPLOAD_MB"], 1, 1900),
        )


def _prefix(text: str) -> str:
    """A path without the slash at its end; ``/`` is none."""
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise WebError("setting.bad_prefix", name="PLANMAP_PREFIX", value=text)
    return path


def _origin(text: str) -> str:
    """Scheme and host, without the slash at its end."""
    origin = text.rstrip("/")
    if origin and not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+", origin):
        raise WebError("setting.bad_origin", name="PLANMAP_ORIGIN", value=text)
    return origin


_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def _publication(values: Mapping[str, str]) -> Publication:
    """How maps go out."""
    mode = _choice("PLANMAP_MAPS", values["PLANMAP_MAPS"], MODES)
    found = Publication(mode, values["PLANMAP_MAP_NUMBER"], values["PLANMAP_MAP_EXEMPT"])
    found.check()
    return found


def _origins(name: str, text: str) -> tuple[str, ...]:
    """Origins as browsers write them; ``*`` is any, ``null`` that of a page from disk, ``none`` nobody."""
    origins = tuple(dict.fromkeys(text.split()))
    if origins == ("none",):
        return ()
    for one in origins:
        if one not in ("*", "null") and not _ORIGIN.fullmatch(one):
            raise WebError("setting.bad_message_origins", name=name, value=one)
    return origins


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise WebError("setting.bad_choice", name=name, value=text, choices=list(choices))
    return text


def _number(name: str, text: str, low: int, high: int) -> int:
    if text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    raise WebError("setting.bad_number", name=name, value=text, low=low, high=high)
