"""An edition without its vast layers, for what is drawn and written from an edition that is held whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from layers import words
from layers.edition import large
from layers.model.errors import LayersError, word
from layers.model.plan import DISTRICT

if TYPE_CHECKING:
    from layers.edition.file import Edition

LEFT_OUT = "left_out"
"""Where an edition's ``meta`` says which layers it is without: ``id``, ``name``, ``name_en``, ``count`` of each."""
UNTOLD = "left_out_stories"
"""Where it says which stories it is without, as no step of them shows any other layer."""


def vast_of(edition: Edition) -> dict[str, int]:
    """The vast layers of an edition that is held whole, with how many features each has."""
    return {name: len(frame) for name, frame in edition.layers.items() if len(frame) > large.VAST}


def lightened(edition: Edition, vast: Mapping[str, int]) -> Edition:
    """The edition without some layers, and without what needs them: values of their places, steps of stories.

    Args:
        edition: The edition; it stays as it is.
        vast: The layers to leave out, with how many features each has.
    """
    if not vast:
        return edition
    kept = {name: edition.layers[name] for name in edition.layers if name not in vast}
    ids = {DISTRICT, *(str(one) for frame in kept.values() for one in frame["id"])}
    records = list(edition.meta["layers"])
    told = [
        {name: str(one.get(name) or "") for name in ("id", "name", "name_en")} | {"count": vast[str(one["id"])]}
        for one in records
        if str(one["id"]) in vast
    ]
    meta = {
        **edition.meta,
        "layers": [one for one in records if str(one["id"]) not in vast],
        "views": [_view(one, kept) for one in edition.meta.get("views", [])],
        LEFT_OUT: told,
    }
    if "stories" in meta:
        meta["stories"] = list(_stories(edition.meta["stories"], ids, vast))
        there = {str(one["id"]) for one in meta["stories"]}
        meta[UNTOLD] = [str(one["id"]) for one in edition.meta["stories"] if str(one["id"]) not in there]
    return replace(
        edition,
        meta=meta,
        layers=kept,
        observations=edition.observations[edition.observations["place"].isin(ids)].reset_index(drop=True),
        figures={name: _of(frame, ids) for name, frame in edition.figures.items()},
    )


def check_told(edition: Edition, story: str) -> None:
    """Refuse a story of which an edition has no step, as all its layers are left out.

    Raises:
        LayersError: ``story.vast``.
    """
    if story in edition.meta.get(UNTOLD, ()):
        raise LayersError("story.vast", value=story[:60])


def said(edition: Edition, lang: str) -> str:
    """What an edition says of the layers that it is without; "" where it is whole."""
    told = [
        word("notice.left_out_each", lang, name=words.name(one, lang), count=f"{one['count']:,}")
        for one in edition.meta.get(LEFT_OUT, ())
    ]
    return word("notice.left_out", lang, layers=told) if told else ""


def _view(view: Mapping[str, Any], kept: Collection[str]) -> dict[str, Any]:
    return {**view, "layers": [one for one in view.get("layers", []) if one in kept]}


def _of(frame: pd.DataFrame, ids: Collection[str]) -> pd.DataFrame:
    """Figures of places that are there, or of none."""
    if "place" not in frame:
        return frame
    places = frame["place"].fillna("").astype(str)
    return frame[places.isin(ids) | (places == "")].reset_index(drop=True)


def _stories(
    stories: Iterable[Mapping[str, Any]], ids: Collection[str], vast: Collection[str]
) -> Iterable[dict[str, Any]]:
    """Tours without the steps that look at a feature that is not there, or show nothing but such layers."""
    for story in stories:
        steps = []
        for step in story["steps"]:
            named = [step.get("feature", ""), *(f"{one}/{step[one]}" for one in ("zone", "township") if step.get(one))]
            layers = [one for one in step.get("layers", []) if one not in vast]
            if all(one in ids for one in named if one) and (layers or not step.get("layers")):
                steps.append({**step, "layers": layers} if layers else dict(step))
        if steps:
            yield {**story, "steps": steps}
