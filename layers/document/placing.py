"""What accepting a finding needs of a plan folder beside its record: a layer for its kind, its place, its source."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from layers.document.draft_parts import layout
from layers.document.positions import geojson
from layers.document.proposed import Item, spot_of
from layers.imports.texts import Texts, added_source
from layers.model import tables
from layers.model.errors import LayersError, word
from layers.model.plan import Plan

SHAPES = "imported/places.geojson"
PLACES = "places.csv"
_HEADER = ("name", "name_en", "aliases", "lon", "lat", "datum", "accuracy_m", "basis", "township", "source")
_ROUGH_M = 1000.0


class Folder:
    """A plan folder whose texts are about to be changed.

    Args:
        plan: The folder's records.
        texts: Takes the changes.
    """

    def __init__(self, plan: Plan, texts: Texts) -> None:
        self.plan, self.texts = plan, texts

    def layered(self, kind: str) -> None:
        """See that a kind stands in a layer of the plan: that of a drafted folder where it stands in none yet."""
        if kind not in self.plan.kinds or any(kind in layer.kinds for layer in self.plan.layers):
            return
        drafted = layout()
        wanted = next((one for one in drafted["layer"] if kind in one["kinds"]), None)
        if wanted is None:  # the check says that it has none
            return
        own = next((one for one in self.plan.layers if one.id == wanted["id"]), None)
        if own is not None:
            self.texts.set("plan.toml", own.id, {"kinds": [*own.kinds, kind]}, "layer")
            return
        group = next((one for one in drafted["group"] if one["id"] == wanted["group"]), None)
        if group is not None and not any(one.id == group["id"] for one in self.plan.groups):
            self.texts.add("plan.toml", group, "group")
        self.texts.add("plan.toml", {**wanted, "kinds": [kind]}, "layer")

    def missing(self) -> dict[str, str]:
        """Why a feature has no position."""
        return {"no_geometry": word("read.no_position", "zh"), "no_geometry_en": word("read.no_position", "en")}

    def sourced(self, name: str) -> str:
        """See that a source of one of the names that reading gives is in the folder; the name."""
        key = next(
            (one for one in ("read.source_places", "read.source_shapes", "read.source_plan")
             if word(one, "zh") == name), ""
        )  # fmt: skip
        about = {"name": name, "title": word(f"{key}_title", "zh"), "title_en": word(f"{key}_title", "en")}
        if key in ("", "read.source_plan"):
            about = {"name": name, "title": self.plan.title or name}
        return added_source(self.texts, [one.name for one in self.plan.sources], about)


def placed(folder: Folder, item: Item) -> dict[str, bytes | None]:
    """The files that an accepted position needs: the gazetteer's row or shape, and its source.

    Raises:
        LayersError: ``import.text`` when a file cannot be changed without harm.
    """
    for name in item.position.get("sources", ()):
        folder.sourced(str(name))
    if item.spot is None:
        return {}
    recipe = item.position["geometry"]
    if "place" in recipe or str(recipe.get("buffer", "")).startswith("place/"):
        return _row(folder, item)
    return _shape(folder, item)


def _row(folder: Folder, item: Item) -> dict[str, bytes | None]:
    spot = spot_of(item.spot or {})
    if any(one.name == spot.name for one in folder.plan.gazetteer.places):
        return {}
    path = folder.texts.folder / PLACES
    raw = path.read_bytes() if path.is_file() else b""
    try:
        text = raw.decode("utf-8-sig") or ",".join(_HEADER) + "\n"
    except UnicodeDecodeError as error:
        raise LayersError("import.text", file=PLACES) from error
    header = [one.strip() for one in next(csv.reader(io.StringIO(text)), [])]
    point = spot.geometry.centroid
    values = {
        "name": spot.name, "name_en": spot.name_en, "aliases": tables.join(spot.aliases), "lon": f"{point.x:.6f}",
        "lat": f"{point.y:.6f}", "datum": "cgcs2000", "accuracy_m": f"{spot.accuracy_m or _ROUGH_M:g}",
        "basis": "schematic", "source": folder.sourced(word("read.source_places", "zh")),
    }  # fmt: skip
    ending = "\r\n" if "\r\n" in text else "\n"
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=ending).writerow([values.get(name, "") for name in header])
    bom = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    text = text if text.endswith(("\n", "\r")) else text + ending
    return {PLACES: bom + (text + out.getvalue()).encode("utf-8")}


def _shape(folder: Folder, item: Item) -> dict[str, bytes | None]:
    spot = spot_of(item.spot or {})
    path = folder.texts.folder / SHAPES
    if not path.is_file():
        return {SHAPES: geojson([spot], "planmap read --gazetteer")}
    try:
        raw = path.read_text("utf-8-sig")
        rows = json.loads(raw)["features"]
        known = any(_is(one, spot.name, spot.at) for one in rows)
    except (ValueError, KeyError, TypeError) as error:
        raise LayersError("import.text", file=SHAPES) from error
    if known:
        return {}
    line = geojson([spot], "").decode("utf-8").split("\n")[1]
    head, mark, tail = raw.rpartition("]")
    if not mark:
        raise LayersError("import.text", file=SHAPES)
    body = head.rstrip()
    joint = "" if body.endswith("[") else ","
    text = f"{body}{joint}\n{line}\n]{tail}"
    if len(json.loads(text)["features"]) != len(rows) + 1:
        raise LayersError("import.text", file=SHAPES)
    return {SHAPES: text.encode("utf-8")}


def _is(feature: Any, name: str, at: str) -> bool:
    about = feature["properties"]
    return about.get("name") == name and (about.get("at") or "") == at
