"""The values of an indicator as columns, for levels of very many places: names once, and no object for each place."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from layers.edition import observations
from layers.edition.observations import LEVELS
from layers.edition.store import Store
from layers.measure.classify import classes
from webmap.api.payloads import shown, texts

_MOST_MADE = 20
"""So many indicators are made ready before anybody asks."""
_SAID = ("flag", "note", "note_en")


@lru_cache(maxsize=8)
def _places(store: Store, level: str) -> dict[str, int]:
    """The places of a level with their numbers: as their layers have them, then those that only have values."""
    for layer, record in store.layers.items():
        if level in record.get("kinds", []):
            store.frame(layer)  # refuses one that is too large to be given whole
    start = f"{level}/"
    own = level == "district"
    frame = store.edition.observations
    valued = frame.loc[frame["level"] == level, "place"].astype(str)
    found = [one for one in store.index if one.startswith(start) or (own and one == level)]
    return {place: number for number, place in enumerate(dict.fromkeys([*found, *valued]))}


def places_payload(store: Store, level: str) -> dict[str, Any]:
    """The places of a level, in the order in which the columns of its indicators count them.

    Args:
        store: The edition.
        level: ``district``, ``zone`` or ``township``.

    Returns:
        ``edition``, ``level``, and lists of the same length: ``place`` (ids), ``name`` and ``name_en``.

    Raises:
        KeyError: No such level.
        LayersError: ``vast.whole``: there are too many of them.
    """
    if level not in LEVELS:
        raise KeyError(level)
    found = list(_places(store, level))
    names = [store.name_of(place) for place in found]
    return {
        "edition": store.hash, "level": level, "place": found,
        "name": [one for one, _english in names], "name_en": [english for _chinese, english in names],
    }  # fmt: skip


def columns_payload(store: Store, indicator: str, level: str) -> dict[str, Any]:
    """What `webmap.api.payloads.indicator_payload` gives, its values as columns.

    Returns:
        The same, but ``columns`` instead of ``values``: ``row`` (numbers of the places as in `places_payload`; null
        where they are 0, 1, 2 …), ``value`` (as many; null where there is none), and ``said``: what is to be said of
        some, each ``flag``, ``note``, ``note_en`` once, with ``at``, their places in these lists (null: all).

    Raises:
        KeyError: No such indicator or level.
        LayersError: ``vast.whole``: there are too many places.
    """
    head, table = shown(store, indicator, level)
    known = _places(store, level)
    rows = [known[place] for place in table["place"].astype(str)]
    numbers = pd.to_numeric(table["value"]).to_numpy(dtype=float, na_value=np.nan)
    there = np.isfinite(numbers)
    values = [value if one else None for value, one in zip(numbers.tolist(), there.tolist(), strict=True)]
    return {
        **head,
        "columns": {"row": None if rows == list(range(len(rows))) else rows, "value": values, "said": _said(table)},
        "classes": classes(numbers[there].tolist(), store.ramp(), head["indicator"]["decimals"]),
    }


def asked_first(store: Store, is_large: Callable[[Store, str], bool]) -> list[str]:
    """Addresses below the API of what the map asks for of levels that it draws from tiles, to be made beforehand.

    Args:
        store: The edition.
        is_large: Whether a layer is drawn from tiles.
    """
    layer_of = {kind: name for name, record in store.layers.items() for kind in record.get("kinds", [])}
    large = [level for level in LEVELS if level in layer_of and is_large(store, layer_of[level])]
    found = [
        f"indicators/{quote(one['id'], safe='')}/{level}/columns"
        for level in large
        for one in observations.indicators(store)
        if one["origin"] != "stated" and level in one["levels"]
    ]
    return [*(f"places/{level}" for level in large), *found[:_MOST_MADE]]


def _said(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Flags and notes, the same ones once."""
    found: dict[tuple[str, ...], list[int]] = {}
    for at, one in enumerate(zip(*(texts(table[name]) for name in _SAID), strict=True)):
        if any(one):
            found.setdefault(one, []).append(at)
    return [
        {**dict(zip(_SAID, one, strict=True)), "at": None if len(at) == len(table) else at} for one, at in found.items()
    ]
