"""A layer's look as a MapLibre style: for browsers and programs that draw vector tiles.

One style layer for each class that there is (kind, status, assumed or not) with a plain filter: QGIS does not
understand ``match``, ``case`` and ``interpolate``. Patterns need pictures and become a pale fill; names need fonts,
which a server that asks no other machine would have to carry, and are left to the client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from layers.style.passes import Pass, passes, spot
from layers.style.patterns import PALE

Class = tuple[str, str, bool]
"""Kind, status (or "") and whether the extent is assumed."""


def style(
    name: str,
    title: str,
    shape: str,
    classes: Iterable[Class],
    records: tuple[Mapping[str, Mapping[str, Any]], Mapping[str, Mapping[str, Any]]],
    source: Mapping[str, Any],
) -> dict[str, Any]:
    """A style document.

    Args:
        name: The layer's id, also that of its layer in the tiles.
        title: What it is called.
        shape: ``polygon``, ``line`` or ``point``.
        classes: The classes that the layer has.
        records: Kinds and statuses by id, as in kinds.toml.
        source: The source, as a MapLibre style has it.
    """
    kinds, statuses = records
    layers: list[dict[str, Any]] = []
    for kind, status, assumed in classes:
        record, state = kinds.get(kind, {}), statuses.get(status, {})
        chosen = ["all", ["==", ["get", "kind"], kind], ["==", ["get", "assumed"], assumed]]
        chosen.append(["==", ["get", "status"], status] if status else ["!", ["has", "status"]])
        label = "-".join(part for part in (name, kind, status, "assumed" if assumed else "") if part)
        common = {"source": "planmap", "source-layer": name, "filter": chosen}
        made = [_circle(record, state)] if shape == "point" else _painted(passes(record, state, shape, assumed=assumed))
        layers += [{"id": f"{label}-{number}", **one, **common} for number, one in enumerate(made)]
    return {"version": 8, "name": title, "sources": {"planmap": dict(source)}, "layers": layers}


def _painted(made: Iterable[Pass]) -> list[dict[str, Any]]:
    found = []
    for one in made:
        if one.fill:
            opacity = PALE if one.pattern else one.fill_opacity
            found.append({"type": "fill", "paint": {"fill-color": one.fill, "fill-opacity": opacity}})
        if one.stroke and one.width:
            paint: dict[str, Any] = {"line-color": one.stroke, "line-width": one.width, "line-opacity": one.opacity}
            if one.dash:  # MapLibre counts dashes in widths of the line
                paint["line-dasharray"] = [round(step / one.width, 3) for step in one.dash]
            found.append({"type": "line", "layout": {"line-join": "round", "line-cap": "butt"}, "paint": paint})
    return found


def _circle(record: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    one = spot(record, hollow=bool(state.get("dash")))
    return {
        "type": "circle",
        "paint": {
            "circle-radius": float(record.get("symbol", {}).get("size") or 10) / 2,
            "circle-color": one.fill,
            "circle-stroke-color": one.stroke,
            "circle-stroke-width": one.width,
        },
    }
