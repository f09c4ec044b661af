"""oEmbed 1.0 (oembed.com): what an editor shows in place of an address of a map that somebody pastes."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from layers import words
from layers.edition.store import Store
from webmap.map.embed import PARAMETERS
from webmap.serving.asking import Wanted
from webmap.serving.page import heading
from webmap.serving.problems import BadParameterError, NotKnownError

WIDTH, HEIGHT = 800, 500
"""Pixels of the frame, when the editor sets no limit."""
KEPT_S = 3600
"""Seconds for which an editor may keep the answer."""
_HASH = re.compile(r"[A-Za-z0-9\-._~%/:;,=&+!*'()@]{0,3000}")
_IN_EMBED = frozenset(one.name for one in PARAMETERS) - {"view", "width", "height"}


def answer(store: Store, wanted: Wanted, origin: str) -> dict[str, Any]:
    """What oEmbed says of an address.

    Args:
        store: The edition.
        wanted: ``url``, ``maxwidth``, ``maxheight`` (0 for no limit), ``lang``.
        origin: Scheme and host of our own addresses.

    Raises:
        NotKnownError: The address is none of a map of ours.
    """
    view_id, query, mark = _map_of(store, wanted)
    lang = query.get("lang", wanted.lang)
    width = min(WIDTH, int(wanted["maxwidth"]) or WIDTH)
    height = min(HEIGHT, int(wanted["maxheight"]) or HEIGHT)
    plan = words.name(store.plan, lang, "short_title")
    title = f"{plan} · {words.name(store.views[view_id], lang)}"
    source = f"{origin}{wanted.root}/embed/{quote(view_id, safe='')}"
    source += (f"?{urlencode(query, safe=',:/')}" if query else "") + (f"#{mark}" if mark else "")
    frame = (
        f'<iframe src="{escape(source)}" title="{escape(title)}" width="{width}" height="{height}"'
        ' style="border:0;max-width:100%" loading="lazy" allowfullscreen></iframe>'
    )
    picture = f"{origin}{wanted.root}/picture/{quote(view_id, safe='')}.png?{urlencode({'lang': lang, 'width': width})}"
    return {
        "version": "1.0", "type": "rich", "title": title, "html": frame, "width": width, "height": height,
        "provider_name": heading(store.plan, lang)["plan_title"], "provider_url": f"{origin}{wanted.root}/",
        "cache_age": KEPT_S, "thumbnail_url": picture, "thumbnail_width": width,
        "thumbnail_height": round(width * 3 / 4),
    }  # fmt: skip


def _map_of(store: Store, wanted: Wanted) -> tuple[str, dict[str, str], str]:
    """View, parameters and hash part of an embed that shows what an address shows; only what we know is kept."""
    url = wanted["url"]
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NotKnownError("error.not_our_map", value=url[:120]) from None
    path = parts.path or "/"
    embedded = re.fullmatch(rf"{re.escape(wanted.root)}/embed/([^/]+)", path)
    given = dict(parse_qsl(parts.query))
    view_id = unquote(embedded[1]) if embedded else given.get("view") or store.default_view
    ours = embedded or path == f"{wanted.root}/"
    if not ours or view_id not in store.views or parts.scheme not in ("", "http", "https"):
        raise NotKnownError("error.not_our_map", value=url[:120])
    return view_id, _checked(store, given), parts.fragment if _HASH.fullmatch(parts.fragment) else ""


def _checked(store: Store, given: dict[str, str]) -> dict[str, str]:
    """The parameters that an embed takes, as far as their values are right."""
    found = {}
    for one in PARAMETERS:
        if one.name in _IN_EMBED and given.get(one.name):
            try:
                found[one.name] = one.read(store, given[one.name])
            except BadParameterError:
                continue
    return found
