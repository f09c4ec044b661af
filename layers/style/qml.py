"""Write a layer's style as a QML document that QGIS 3.22 and later read.

Every layer gets a rule-based renderer (one rule per kind, and per status where lines and points differ by
it) and rule-based labels. Pixels at 96 dpi become millimetres, label sizes become points, so that the look
is the same on the screen and in a print layout. A colour in a feature's column ``color`` overrides the
kind's.
"""

from __future__ import annotations

import math
import uuid
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from layers.style.qml_labels import label_settings
from layers.style.qml_scale import ground_denominator
from layers.style.qml_symbols import SYMBOL_TYPE, Drawing, Rule, edges_of, new_symbol, symbol_layers
from layers.style.qml_xml import QGIS_DOCTYPE, document, quoted
from layers.style.spine import strips
from layers.style.symbols import Kind, Status

VERSION = "3.22.16"
_CATEGORIES = "LayerConfiguration|Symbology|Labeling"

MARGIN = 0.5
"""Zooms that a name is seen longer than on the page: a window in QGIS has any scale."""


def qml(
    kinds: Sequence[Kind],
    statuses: Sequence[Status],
    features: pd.DataFrame | None = None,
    *,
    pinned: bool = True,
    ground: bool = False,
    bases: Sequence[Mapping[str, Any]] = (),
    latitude: float = 0.0,
    form: Iterable[ET.Element] = (),
) -> str:
    """Write the style of one layer.

    Args:
        kinds: The layer's kinds; those without geometry are left out.
        statuses: All statuses, in the order of the legend.
        features: The layer, to leave out rules that no feature needs; None keeps every rule.
        pinned: Put names of areas at the columns ``label_lon``, ``label_lat`` (degrees) of each feature.
        ground: As in `look`.
        bases: As in `look`.
        latitude: As in `look`.
        form: What else the style says: of columns, forms and map tips.

    Returns:
        A QML document (text, UTF-8), the same for the same arguments.
    """
    drawn = [kind for kind in kinds if kind.geometry != "none"]
    more = list(form)
    root = ET.Element(
        "qgis",
        version=VERSION,
        styleCategories=_CATEGORIES + ("|Fields|Forms|MapTips|AttributeTable" if more else ""),
        labelsEnabled="1" if any(kind.label.size > 0 for kind in drawn) else "0",
        hasScaleBasedVisibilityFlag="0",
        minScale="100000000",
        maxScale="0",
    )
    root.extend(look(kinds, statuses, features, pinned=pinned, ground=ground, bases=bases, latitude=latitude))
    if not more:
        ET.SubElement(root, "previewExpression").text = '"name"'
    root.extend(more)
    ET.SubElement(root, "layerGeometryType").text = str(_geometry_code(drawn))
    return document(root, QGIS_DOCTYPE)


def look(
    kinds: Sequence[Kind],
    statuses: Sequence[Status],
    features: pd.DataFrame | None = None,
    *,
    pinned: bool = True,
    ground: bool = False,
    bases: Sequence[Mapping[str, Any]] = (),
    latitude: float = 0.0,
) -> Iterator[ET.Element]:
    """Write how one layer is drawn and named: the elements that a style and a project have in common.

    Args:
        kinds: The layer's kinds; those without geometry are left out.
        statuses: All statuses, in the order of the legend.
        features: The layer, to leave out rules that no feature needs; None keeps every rule.
        pinned: Put names of areas at the columns ``label_lon``, ``label_lat`` (degrees) of each feature.
        ground: It is ground: pieces that touch are one thing to the eye.
        bases: Records of the bases; those that are ``uncertain`` get a circle.
        latitude: Of the plan in degrees: widths, sizes and limits follow the scale as on the page, whose projection
            stretches towards the poles.
    """
    drawn = [kind for kind in kinds if kind.geometry != "none"]
    labelled = [kind for kind in drawn if kind.label.size > 0]
    frame = edges_of(features) if ground and pinned else ""
    uncertain = tuple(str(one["id"]) for one in bases if one.get("uncertain"))
    yield _renderer(list(_rules(drawn, statuses, features)), Drawing(latitude, ground, frame, uncertain, pinned))
    if labelled:
        yield _labeling(labelled, features, pinned, latitude)
    for tag, value in (("blendMode", "0"), ("featureBlendMode", "0"), ("layerOpacity", "1")):
        element = ET.Element(tag)
        element.text = value
        yield element


def _geometry_code(kinds: Sequence[Kind]) -> int:
    """QGIS's number of a geometry type: 0 points, 1 lines, 2 polygons, 4 none."""
    codes = {"point": 0, "line": 1, "polygon": 2}
    return codes.get(kinds[0].geometry, 4) if kinds else 4


def _rules(kinds: Sequence[Kind], statuses: Sequence[Status], features: pd.DataFrame | None) -> Iterator[Rule]:
    """Split the layer's features so that each falls under one rule, whatever its status."""
    columns = None if features is None else _Columns(features)
    for kind in kinds:
        own = None if columns is None else columns.of(kind)
        condition = f'"kind" = {quoted(kind.id)}'
        if kind.geometry in ("line", "point"):
            present = _present(statuses, own)
            for status in present:
                yield Rule(kind, status, False, f'{condition} AND "status" = {quoted(status.id)}')
            others = ", ".join(quoted(status.id) for status in present)
            rest = f" AND coalesce(\"status\", '') NOT IN ({others})" if others else ""
            if own is None or not present or not own.statuses <= {status.id for status in present}:
                yield Rule(kind, None, False, condition + rest)
        elif kind.geometry == "polygon" and not kind.symbol.pattern and _any_assumed(own):
            yield Rule(kind, None, False, condition + ' AND NOT coalesce("assumed", false)')
            yield Rule(kind, None, True, condition + ' AND coalesce("assumed", false)')
        else:
            yield Rule(kind, None, False, condition)


class _Columns:
    """The columns of a layer that rules follow from, taken once for all of its kinds."""

    def __init__(self, features: pd.DataFrame) -> None:
        self._kinds = features["kind"].to_numpy(dtype=object)
        self._features = features

    def of(self, kind: Kind) -> _Used:
        """What the features of a kind use."""
        own = np.flatnonzero(self._kinds == kind.id)
        if kind.geometry == "polygon":
            return _Used(frozenset(), bool(self._assumed[own].any()))
        return _Used(frozenset(self._statuses[own].tolist()), False)

    @cached_property
    def _statuses(self) -> Any:
        return self._features["status"].to_numpy(dtype=object)

    @cached_property
    def _assumed(self) -> Any:
        return self._features["assumed"].fillna(False).to_numpy(dtype=bool)


class _Used(NamedTuple):
    """Of a kind's features: their statuses, and whether any is assumed."""

    statuses: frozenset[str]
    assumed: bool


def _present(statuses: Sequence[Status], used: _Used | None) -> list[Status]:
    return list(statuses) if used is None else [status for status in statuses if status.id in used.statuses]


def _any_assumed(used: _Used | None) -> bool:
    return used is None or used.assumed


def _renderer(rules: Sequence[Rule], drawing: Drawing) -> ET.Element:
    root = ET.Element("renderer-v2", type="RuleRenderer", forceraster="0", enableorderby="0", referencescale="-1")
    # Symbol levels draw the casings of all lines first, so that crossings stay open, and fills before all outlines.
    root.set("symbollevels", "1" if any(rule.kind.geometry != "point" for rule in rules) else "0")
    tree = ET.SubElement(root, "rules", key=_key("root"))
    symbols = ET.SubElement(root, "symbols")
    for place, rule in enumerate(rules):
        name = str(place)
        entry = {"symbol": name, "key": _key(rule.condition), "label": rule.label, "filter": rule.condition}
        ET.SubElement(tree, "rule", entry)
        symbol = new_symbol(SYMBOL_TYPE[rule.kind.geometry], name)
        symbol.extend(symbol_layers(rule, drawing))
        symbols.append(symbol)
    return root


def _labeling(kinds: Sequence[Kind], features: pd.DataFrame | None, pinned: bool, latitude: float) -> ET.Element:
    root = ET.Element("labeling", type="rule-based")
    tree = ET.SubElement(root, "rules", key=_key("labels"))
    for kind in kinds:
        condition = f'"kind" = {quoted(kind.id)}'
        spines = strips(kind, features)
        found = [(condition, {})] if not spines else [
            (f'{condition} AND "id" IN ({", ".join(map(quoted, spines))})', spines),
            (f'{condition} AND "id" NOT IN ({", ".join(map(quoted, spines))})', {}),
        ]  # fmt: skip
        for filtered, lines in found:
            rule = {
                "key": _key(f"label {filtered}"),
                "description": kind.name,
                "filter": filtered,
                # Seen from min_zoom on, and until the zoom after max_zoom begins, with half a zoom's margin. QGIS
                # reads whole numbers only: a decimal point loses the limit.
                "scalemaxdenom": str(math.ceil(ground_denominator(kind.label.min_zoom - MARGIN, latitude))),
                "scalemindenom": str(math.floor(ground_denominator(kind.label.max_zoom + 1 + MARGIN, latitude))),
            }
            settings = label_settings(kind, pinned=pinned, latitude=latitude, spines=lines)
            ET.SubElement(tree, "rule", rule).append(settings)
    return root


def _key(text: str) -> str:
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, text)}}}"
