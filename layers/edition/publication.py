"""Maps for inside use and for the public: which layers go out, and what a map must say of itself.

Whether something may be published is for the law and the operator to say; here it is seen to that only what was marked
goes out, and that no map goes out without its review number or the operator's stated reason for having none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pandas as pd

from layers.edition.file import Edition
from layers.edition.large import Frames
from layers.edition.store import plain
from layers.model.errors import LayersError
from layers.model.tables import join, split

BOUNDED_KINDS = ("district", "township", "zone", "zone_part", "neighbour")
"""Kinds whose outlines a reader takes for administrative boundaries."""
OFFICIAL = "official"
NAMING = ("features", "place", "same_as_maybe", "unit")
"""Columns that hold ids of other features."""
READINGS = "readings"
Frame = TypeVar("Frame", bound=pd.DataFrame)


def released(edition: Edition, number: str = "") -> Edition:
    """What of an edition may go out: its layers and scanned maps that are marked ``public``, and views of them.

    Args:
        edition: All of it.
        number: The review number that its maps bear; "" for the one that the plan states, if any.

    Raises:
        LayersError: ``publication.nothing``: no layer is marked.
    """
    layers = [record for record in edition.meta.get("layers", []) if record.get("public") is True]
    names = {str(record["id"]) for record in layers} & edition.layers.keys()
    if not names:
        raise LayersError("publication.nothing")
    shown = [{**view, "layers": _in(view.get("layers", []), names)} for view in edition.meta.get("views", [])]
    groups = {record.get("group") for record in layers}
    kinds = {kind for record in layers for kind in record.get("kinds", [])}
    sheets = [one for one in edition.meta.get("scans", []) if one.get("public") is True]
    meta = {
        **edition.meta,
        **({"scans": sheets} if "scans" in edition.meta else {}),
        "plan": {**edition.meta["plan"], **({"approval": number} if number else {})},
        "layers": layers,
        "views": [view for view in shown if view["layers"]],
        "groups": [group for group in edition.meta.get("groups", []) if group.get("id") in groups],
        "kinds": [kind for kind in edition.meta.get("kinds", []) if kind.get("id") in kinds],
    }
    if "surfaces" in meta:
        meta["surfaces"] = _surfaces(meta["surfaces"], edition, names)
    gone = {str(one) for name, frame in edition.layers.items() if name not in names for one in frame["id"]}
    kept: Mapping[str, Any] = {name: _without(frame, gone) for name, frame in edition.layers.items() if name in names}
    if isinstance(edition.layers, Frames):  # a vast one is let go again, and read as it goes out
        whole, named = edition.layers.whole, gone & _named(kept.values())
        kept = Frames(kept, lambda name: _without(whole(name), named))
    figures = {name: _without(frame, gone) for name, frame in edition.figures.items()}
    if "stories" in meta:
        meta["stories"] = _stories(edition.meta["stories"], meta, names, gone)
    return replace(edition, meta=meta, layers=kept, figures=figures)


def _named(frames: Iterable[pd.DataFrame]) -> set[str]:
    """Ids of features that other features name."""
    cells = {str(cell) for frame in frames for name in NAMING if name in frame for cell in frame[name].unique()}
    return {one for cell in cells for one in split(cell)}


def _stories(
    stories: Iterable[Mapping[str, Any]], meta: Mapping[str, Any], names: Collection[str], gone: Collection[str]
) -> list[dict[str, Any]]:
    """Tours without the steps that speak of what stays behind: whose view, feature, place or every layer does."""
    views = {view["id"] for view in meta["views"]}

    def goes_out(step: Mapping[str, Any]) -> bool:
        looked_at = {step.get("feature", ""), *(f"{level}/{step.get(level)}" for level in ("zone", "township"))}
        layers = step.get("layers", [])
        return step["view"] in views and not looked_at & set(gone) and (not layers or bool(_in(layers, names)))

    kept = []
    for story in stories:
        steps = [
            {**step, "layers": _in(step["layers"], names)} if step.get("layers") else dict(step)
            for step in story["steps"] if goes_out(step)
        ]  # fmt: skip
        if steps:
            kept.append({**story, "steps": steps})
    return kept


def _surfaces(given: dict[str, Any], edition: Edition, names: Collection[str]) -> dict[str, Any]:
    """The accessibility surfaces whose sources are all in layers that go out: a surface shows where they are."""
    kept = {layer for layer, frame in edition.layers.items() if layer in names for _ in frame["id"]}
    held = {str(one) for layer in kept for one in edition.layers[layer]["id"]}
    there = {str(kind) for layer in kept for kind in edition.layers[layer]["kind"]}
    every = {str(kind) for frame in edition.layers.values() for kind in frame["kind"]}

    def goes_out(one: dict[str, Any]) -> bool:
        if one.get("ids"):
            return held.issuperset(one["ids"])
        return not (set(one.get("kinds") or ()) & every) - there

    return {**given, "surfaces": [one for one in given.get("surfaces", ()) if goes_out(one)]}


def _without(frame: Frame, gone: Collection[str]) -> Frame:
    """A table whose lists of features name none of those that stay behind; the figures themselves are as they were."""
    changes: dict[str, list[Any]] = {}
    for column in NAMING:
        # The word has another meaning in the tables of figures.
        if column in frame and (column != "unit" or "zone_from" in frame):
            changes[column] = [join(one for one in split(cell) if one not in gone) for cell in frame[column]]
    if READINGS in frame:
        changes[READINGS] = [_readings(cell, gone) for cell in frame[READINGS]]
    return frame.assign(**changes) if changes else frame


def _readings(cell: Any, gone: Collection[str]) -> str:
    """The readings of a claim, JSON, likewise."""
    text = str(plain(cell) or "")
    if not text:
        return ""
    found = json.loads(text)
    for one in found:
        listed = one.get("features")
        if isinstance(listed, list):
            one["features"] = [name for name in listed if name not in gone]
        elif listed:
            one["features"] = join(name for name in split(listed) if name not in gone)
    return json.dumps(found, ensure_ascii=False)


def _in(names: Iterable[str], known: Iterable[str]) -> list[str]:
    allowed = set(known)
    return [name for name in names if name in allowed]


def rough_boundaries(edition: Edition) -> bool:
    """Whether a boundary in it is none that an office has given: then a map has to say so."""
    for name in edition.layers:
        look = edition.layers.looked(name) if isinstance(edition.layers, Frames) else None
        if look is not None:
            # A vast layer is looked at by the words of its columns: one that is rough in part counts as rough.
            if set(look.tally("kind")) & set(BOUNDED_KINDS) and look.tally("basis").get(OFFICIAL, 0) < look.count:
                return True
            continue
        frame = edition.layers[name]
        for kind, basis in zip(frame["kind"], frame["basis"], strict=True):
            if str(plain(kind)) in BOUNDED_KINDS and str(plain(basis) or "") != OFFICIAL:
                return True
    return False
