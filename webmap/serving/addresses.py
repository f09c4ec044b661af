"""Addresses of pages, with the language kept in them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from webmap.serving.messages import HTML_LANGUAGE, LANGUAGES, text

if TYPE_CHECKING:
    from webmap.serving.asking import Wanted


def with_query(path: str, **params: str | None) -> str:
    """An address with the parameters that have a value.

    Example:
        >>> with_query("/", view="transport", lang=None)
        '/?view=transport'
    """
    given = {key: value for key, value in params.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def asked_for(lang: str) -> str | None:
    """The ``lang`` parameter for a language: None for the default, which needs none."""
    return None if lang == LANGUAGES[0] else lang


def page_urls(root: str, lang: str, data: str | None = None) -> dict[str, str]:
    """``CONFIG.urls`` for pages under a root (see ``webmap.map.compose``).

    Args:
        root: What stands before every address.
        lang: Language of the pages.
        data: What stands before the addresses of data, so that they are of the page's own edition; ``root`` if None.
    """
    asked = asked_for(lang)
    site, shelf, _plan = root.partition("/p/")
    above = re.sub(r"/e/[0-9a-f]{8,64}$", "", root)
    return {
        "catalogue": with_query(f"{site}/", lang=asked) if shelf else "",
        "api": f"{root if data is None else data}/api",
        "ogc": f"{root if data is None else data}/ogc",
        "download": f"{root}/download",
        "figures": f"{root if data is None else data}/figures",
        "embed": f"{root}/embed",
        "picture": f"{root}/picture",
        "element": f"{root}/plan-map.js",
        "standalone": f"{root}/standalone",
        "start": with_query(f"{root}/start", lang=asked),
        "about": with_query(f"{root}/about", lang=asked),
        "list": with_query(f"{root}/list", lang=asked),
        "claims": with_query(f"{root}/claims", lang=asked),
        "progress": with_query(f"{root}/progress", lang=asked),
        "map": with_query(f"{root}/", lang=asked),
        "surface": f"{root}/surface",
        "surface_data": f"{root if data is None else data}/surface",
        "editions": with_query(f"{root}/editions", lang=asked),
        "admin": with_query(f"{above}/admin", lang=asked),
        "origin": "",
    }


def other_language(wanted: Wanted) -> dict[str, str]:
    """The link to the same page in the other language: its declared parameters are kept, nothing else."""
    return language_link(wanted.lang, lambda other: wanted.address(lang=other))


def language_link(lang: str, address: Callable[[str], str]) -> dict[str, str]:
    """A link to the other language.

    Args:
        lang: The page's own.
        address: Of the page in a language.
    """
    other = next(item for item in LANGUAGES if item != lang)
    return {
        "url": address(other),
        "lang": other,
        "html_lang": HTML_LANGUAGE[other],
        "label": text(other, "nav.this_language"),
    }


def zoom_for(bounds: Sequence[Sequence[float]], width_px: int = 900, height_px: int = 640) -> float:
    """The zoom level at which bounds fit a map of the given size in pixels (256-pixel Mercator world at zoom 0).

    Only a start: the map is fitted to the bounds once its real size is known.

    Example:
        >>> zoom_for([[0.0, 0.0], [0.0, 360.0]], width_px=256)
        0.0
    """
    (south, west), (north, east) = bounds

    def mercator(lat: float) -> float:
        return math.asinh(math.tan(math.radians(max(-85.0, min(85.0, lat)))))

    across = max((east - west) / 360.0, 1e-9)
    up = max((mercator(north) - mercator(south)) / (2 * math.pi), 1e-9)
    zoom = min(math.log2(width_px / 256 / across), math.log2(height_px / 256 / up), 17.0)
    return max(0.0, math.floor(zoom * 4) / 4)
