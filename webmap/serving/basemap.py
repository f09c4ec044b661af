"""The operator's base map: which tiles, from where, in which datum. Off unless the settings name one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from webmap.serving.errors import WebError

URL, ATTRIBUTION = "PLANMAP_BASEMAP_URL", "PLANMAP_BASEMAP_ATTRIBUTION"
DATUM = "PLANMAP_BASEMAP_DATUM"
DATUMS = ("wgs84", "gcj02")
"""Datums that tiles of a Web Mercator grid come in; CGCS 2000 tiles are within a metre of WGS 84."""

LONGEST_URL, LONGEST_ATTRIBUTION = 1000, 200
_WRITTEN = ("{z}", "{x}", "{y}")
_EXAMPLE = "https://tiles.example.gov.cn/img/{z}/{x}/{y}.png"
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_SPELLED = re.compile(r"[A-Za-z0-9._~:/?#@!$&()*+=%{}\[\]-]+")
"""What an address is spelled with; no ``;``, ``,``, quotes, blanks or controls, which a policy would take apart."""


@dataclass(frozen=True)
class Basemap:
    """Tiles in the usual Web Mercator grid (256 pixels, zoom 0 is one tile, y from the north).

    Attributes:
        url: Address of a tile with ``{z}``, ``{x}`` and ``{y}``; a path alone is on this server's own host.
        attribution: Who made the tiles, as text.
        max_zoom: Closest zoom there are tiles of; closer ones are enlarged.
        datum: One of `DATUMS`.
    """

    url: str
    attribution: str
    max_zoom: int
    datum: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as a Content-Security-Policy names them; empty for this server's own.

        Example:
            >>> Basemap("https://a.example:8443/t/{z}/{x}/{y}.png", "甲", 18, "wgs84").origin
            'https://a.example:8443'
        """
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def read(values: Mapping[str, str], max_zoom: int) -> Basemap | None:
    """The base map that the settings name, or None.

    Args:
        values: Texts of the settings by their names.
        max_zoom: That setting, checked.

    Raises:
        WebError: An address, attribution or datum that cannot be used.
    """
    url, attribution, datum = values[URL], values[ATTRIBUTION], values[DATUM].lower()
    if datum not in DATUMS:
        raise WebError("setting.bad_basemap_datum", name=DATUM, value=values[DATUM][:60], choices=list(DATUMS))
    if not url:
        return None
    _check_url(url)
    if not attribution:
        raise WebError("setting.no_basemap_attribution", name=ATTRIBUTION)
    if len(attribution) > LONGEST_ATTRIBUTION or not attribution.isprintable():
        raise WebError("setting.bad_basemap_attribution", name=ATTRIBUTION, limit=LONGEST_ATTRIBUTION)
    return Basemap(url, attribution, max_zoom, datum)


def _check_url(url: str) -> None:
    """A web address or a path of our own host, with each of z, x and y once, none of them in the host.

    Raises:
        WebError: It is not.
    """
    shown = url[:120]
    rest = re.sub(r"\{[zxy]\}", "", url)
    if any(url.count(place) != 1 for place in _WRITTEN) or "{" in rest or "}" in rest:
        raise WebError("setting.bad_basemap_places", name=URL, value=shown, places=list(_WRITTEN), example=_EXAMPLE)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebError("setting.bad_basemap_url", name=URL, value=shown) from None
    own = url.startswith("/") and not url.startswith("//")
    named = (
        parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.hostname or "")) and "@" not in parts.netloc
    )
    spelled = len(url) <= LONGEST_URL and bool(_SPELLED.fullmatch(url)) and not parts.fragment
    if not spelled or not (own or named) or port == 0:
        raise WebError("setting.bad_basemap_url", name=URL, value=shown)
