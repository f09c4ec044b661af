"""Short links: an address of a map kept with the edition that it was made of and a digest of what it shows.

One small file a link, in the folder ``links`` beside the editions (or ``PLANMAP_LINKS``): text that a backup takes
along. Who may make them is the operator, with ``planmap link``; a server only reads them. The id is made of the
content, so that the same address of the same edition has one link.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from geo.files import atomic_path
from layers.edition.observations import LEVELS
from layers.edition.store import Store
from webmap.api import payloads
from webmap.serving.encode import json_bytes
from webmap.serving.problems import BadParameterError

FOLDER = "links"
LONGEST_ADDRESS = 4000
"""Characters of a kept address."""
LARGEST_FILE = 64 * 1024
ID = re.compile(r"[a-z2-7]{10}")

_PLAIN = re.compile(r"/(?!/)[!-\[\]-~]*")
"""A path with query and hash part as browsers write them: no blank, no backslash, nothing beyond ASCII."""
_MAP_PATH = re.compile(r"/(?:embed/([^/]+))?")
_MOUNTED = re.compile(r"(?:.*?/p/([^/]+))?(?:/e/[0-9a-f]{8,64})?(?=/(?:embed/[^/]+)?$)")


@dataclass(frozen=True)
class Link:
    """A short link.

    Attributes:
        id: What it is called in ``/s/<id>``.
        plan: The plan that it is of, as in addresses; empty for the only one.
        edition: Content hash of the edition that it was made of.
        address: From the plan's root: ``/?view=…#…`` or ``/embed/…``.
        made: Day it was made, ``YYYY-MM-DD``.
        shows: Digest of each thing that is shown: ``layer/<id>``, ``indicator/<id>/<level>``.
    """

    id: str
    plan: str
    edition: str
    address: str
    made: str
    shows: Mapping[str, str]

    @property
    def embeds(self) -> bool:
        """Whether it is of a map for a frame."""
        return self.address.startswith("/embed/")


def folder_of(edition: Path | None, setting: Path | None) -> Path | None:
    """Where links are kept: the setting, else beside the edition's file; None when it came from no file."""
    return setting or (edition.parent / FOLDER if edition is not None else None)


def make(store: Store, address: str, made: str, *, plan: str = "") -> Link:
    """A link to an address of an edition's map, not written yet.

    Args:
        store: The edition.
        address: As a browser shows it, whole or from the server's root on.
        made: Today, ``YYYY-MM-DD``.
        plan: What the plan is called in addresses.

    Raises:
        BadParameterError: It is no address of this plan's map, or names a view, layer or indicator that is not there.
    """
    kept = _from_root(address.strip(), plan)
    shows = {name: digest_of(store, name) for name in shown(store, kept)}
    missing = [name for name, digest in shows.items() if not digest]
    if missing:
        raise BadParameterError("error.link_shows_nothing", value=missing[0][:60])
    told = "\n".join((plan, store.hash, kept)).encode()
    key = base64.b32encode(hashlib.sha256(told).digest())[:10].decode("ascii").lower()
    return Link(key, plan, store.hash, kept, made, shows)


def _from_root(address: str, plan: str) -> str:
    """The address from the plan's root on.

    Raises:
        BadParameterError: It is longer than anything of ours, or no address of a map of the plan.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    mounted = _MOUNTED.match(parts.path)
    before = mounted[0] if mounted else ""
    of_plan = unquote(mounted[1]) if mounted and mounted[1] else ""
    path = parts.path[len(before) :]
    whole = path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    sound = len(whole) <= LONGEST_ADDRESS and _PLAIN.fullmatch(whole) and _MAP_PATH.fullmatch(path)
    if not sound or (of_plan and plan and of_plan != plan):
        raise BadParameterError("error.link_no_map", value=address[:120])
    return whole


def shown(store: Store, address: str) -> list[str]:
    """What an address shows: ``layer/<id>`` and ``indicator/<id>/<level>``, with what the edition does not have.

    Raises:
        BadParameterError: The view is unknown.
    """
    parts = urlsplit(address)
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    marks = dict(part.split("=", 1) for part in parts.fragment.split("&") if "=" in part)
    path = _MAP_PATH.fullmatch(parts.path)
    named = unquote(path[1]) if path and path[1] else query.get("view", "") or store.default_view
    if named not in store.views:
        raise BadParameterError("error.unknown_view", value=named[:60], choices=list(store.views))
    view = store.views[named]
    listed = marks.get("layers", query.get("layers"))
    layers = [unquote(one) for one in listed.split(",") if one] if listed is not None else list(view["layers"])
    whole_state = "layers" in marks or "map" in marks
    usual = "" if whole_state else ":".join(str(view.get(key) or "") for key in ("indicator", "level"))
    indicator, level = [*unquote(marks.get("ind") or query.get("indicator") or usual).split(":"), ""][:2]
    found = [f"layer/{name}" for name in layers]
    if indicator and indicator != "none":
        found.append(f"indicator/{indicator}/{level or 'zone'}")
    return list(dict.fromkeys(found))


def digest_of(store: Store, name: str) -> str:
    """A digest of what the page is given of a layer or an indicator; "" when the edition does not have it."""
    what, _, key = name.partition("/")
    payload: Any = None
    if what == "layer" and key in store.layers:
        payload = payloads.layer_payload(store, key)
    if what == "indicator":
        indicator, _, level = key.rpartition("/")
        if indicator in store.indicator_ids and level in LEVELS:
            payload = payloads.indicator_payload(store, indicator, level)
    return hashlib.sha256(json_bytes(payload)).hexdigest()[:16] if payload is not None else ""


def changed(link: Link, digest: Callable[[str], str]) -> list[str]:
    """What a link shows that is not in an edition as it was.

    Args:
        link: The link.
        digest: Gives `digest_of` of the edition.
    """
    return [name for name, before in link.shows.items() if digest(name) != before]


def write(folder: Path, link: Link) -> Path:
    """Keep a link; one that is kept already stays as it is.

    Raises:
        GeoError: The folder cannot be written.
    """
    path = folder / f"{link.id}.json"
    if read(folder, link.id) is None:
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(asdict(link), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def read(folder: Path | None, key: str) -> Link | None:
    """A kept link; None when there is none of that id, or its file has been spoilt."""
    if folder is None or not ID.fullmatch(key):
        return None
    try:
        with (folder / f"{key}.json").open("rb") as file:
            found = json.loads(file.read(LARGEST_FILE))
        link = Link(**{name: found[name] for name in Link.__dataclass_fields__})
        texts = [link.id, link.plan, link.edition, link.address, link.made, *link.shows, *link.shows.values()]
        sound = link.id == key and all(isinstance(text, str) for text in texts) and _PLAIN.fullmatch(link.address)
        return link if sound and re.fullmatch("[0-9a-f]{8,64}", link.edition) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def address_of(link: Link, origin: str, prefix: str, plan: str) -> str:
    """What to pass on: where the server is reached, as far as the settings say.

    Args:
        link: The link.
        origin: Scheme and host, or "".
        prefix: Path that the server is under, or "".
        plan: The plan's name where there are several, or "".
    """
    return f"{origin}{prefix}{f'/p/{quote(plan)}' if plan else ''}/s/{link.id}"
