"""One reader per record of the plan folder's TOML files; each returns the record or None with its faults noted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from geo import recipes
from geo.errors import GeoError
from geo.recipes import Recipe
from layers.folder.reading import Faults, Record
from layers.model import plan as model
from layers.model.citations import Clauses
from layers.model.definitions import IndicatorError, check_definition
from layers.model.errors import WARNING, LayersError, Origin
from layers.model.figures import MEASURES
from layers.model.ids import COLOR, FEATURE_ID, SLUG
from layers.model.tables import AGGREGATIONS, PATHS
from layers.style.symbols import StyleError, parse_kind

_COMPARATORS = (">", ">=", "<", "<=", "~")
_YEARS = {"low": 1949, "high": 2100}
PERCENT = ("%", "%", "％")
ABSENT_PERCENT_FLAGS = ("growth", "above_100")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a feature's fields may name."""

    kinds: Mapping[str, model.Kind]
    statuses: Collection[str]
    bases: Collection[str]
    sources: Collection[str]
    outline: Clauses
    unsound_kinds: Collection[str] = ()


def read_names(record: Record, *, slug: bool = True) -> tuple[str, str, str]:
    """Id, name and English name, which every record has; ``slug`` allows no slash in the id."""
    identifier = record.text("id", required=True)
    if identifier and not (SLUG if slug else FEATURE_ID).fullmatch(identifier):
        record.fault("id", "id.pattern", value=identifier)
        identifier = ""
    name, name_en = record.text("name", required=True), record.text("name_en")
    if name and not name_en and not record.has("name_en"):
        record.faults.add(record.origin, "name_en", "field.no_english", severity=WARNING, name=name)
    return identifier, name, name_en or name


def read_cites(record: Record, outline: Clauses) -> tuple[str, ...]:
    """Citations that the outline knows."""
    kept = []
    for text in record.texts("cites"):
        try:
            kept.append(outline.validate(text).text)
        except LayersError as error:
            record.fault("cites", error.key, **error.params)
    return tuple(kept)


def kind(raw: Any, origin: Origin, faults: Faults) -> model.Kind | None:
    """A ``[[kind]]``; its symbol and label are the business of ``layers.style.paint``."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    geometry = record.text("geometry", required=True, choices=model.GEOMETRIES)
    cited, beyond = record.flag("cited", default=True), record.flag("beyond")
    if not record.bad:
        try:
            parse_kind(raw)
        except StyleError as error:
            record.fault("symbol", error.key, **error.params)
    return None if record.bad else model.Kind(*names, origin, geometry, cited, beyond, dict(raw))


def status(raw: Any, origin: Origin, faults: Faults) -> model.Status | None:
    """A ``[[status]]``."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    return None if record.bad else model.Status(*names, origin, dict(raw))


def basis(raw: Any, origin: Origin, faults: Faults) -> model.Basis | None:
    """A ``[[basis]]``."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    uncertain, apart = record.flag("uncertain"), record.flag("apart")
    limit = record.number("limit_m", low=0.0, high=1e6)
    least = record.number("least_m", low=0.0, high=1e6)
    return None if record.bad else model.Basis(*names, origin, uncertain, apart, limit, least, dict(raw))


def district(record: Record) -> model.District:
    """The ``district`` table of ``plan.toml``; the caller finishes the record."""
    about = record.text("name", required=True), record.text("name_en"), record.text("code")
    area = record.number("official_area_km2", low=0.01, high=1e7)
    source = record.text("official_area_source", required=area is not None)
    words = [record.text(f"official_area_{name}", note=True) for name in ("source_en", "note", "note_en")]
    return model.District(*about, area, source, *words)


def lead_units(record: Record) -> dict[str, str]:
    """The table ``lead_units`` of ``plan.toml``: English names by name."""
    inner = record.record("lead_units")
    if inner is None:
        return {}
    names = {name: inner.text(name, required=True) for name in record.table("lead_units") or ()}
    record.bad |= not inner.finish()
    return names


def leads(record: Record) -> dict[str, tuple[str, ...]]:
    """The table ``leads`` of ``plan.toml``: the units that lead each clause, in the plan's order."""
    inner = record.record("leads")
    if inner is None:
        return {}
    units = {clause: inner.texts(clause, required=True) for clause in record.table("leads") or ()}
    record.bad |= not inner.finish()
    return units


def group(raw: Any, origin: Origin, faults: Faults) -> model.Group | None:
    """A ``[[group]]`` of the layer tree."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    return model.Group(*names, origin) if record.finish() else None


def term(raw: Any, origin: Origin, faults: Faults) -> model.Term | None:
    """A ``[[term]]``: a word of the plan."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    return model.Term(*names, origin) if record.finish() else None


def layer(
    raw: Any, origin: Origin, faults: Faults, groups: Collection[str], kinds: Mapping[str, model.Kind | None]
) -> model.Layer | None:
    """A ``[[layer]]``: features of one geometry type, shown together."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    shown_in = record.text("group", required=True, choices=groups)
    of = record.texts("kinds", required=True, known=kinds, unknown="kind.unknown")
    order = record.integer("order", required=True, low=0, high=100_000)
    show = record.flag("show")
    public = record.flag("public")
    if names[0] in RESERVED_TABLES or names[0].startswith(("gpkg_", "rtree_", "sqlite_")):
        record.fault("id", "layer.reserved", value=names[0])
    found = [kinds[one] for one in of]
    types = sorted({one.geometry for one in found if one is not None})
    if len(types) > 1:
        record.fault("kinds", "layer.mixed", types="、".join(types))
    record.finish()
    return model.Layer(*names, origin, shown_in, of, order, show, public) if names[0] and of else None


RESERVED_TABLES = (
    "indicators", "observations", "targets", "reviews", "claims", "layer_styles", "planmap_meta", "qgis_projects",
    "all", "clauses",
)  # fmt: skip
"""Names of the edition's other tables, and the word for all layers in download addresses."""


def view(raw: Any, origin: Origin, faults: Faults, layers: Collection[str]) -> model.View | None:
    """A ``[[view]]``: a named map."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    shown = record.texts("layers", required=True, known=layers, unknown="layer.unknown")
    bounds: tuple[float, ...] | None = None
    if record.has("bounds"):
        corners = record.tables("bounds")
        if len(corners) == 4 and all(isinstance(c, int | float) and not isinstance(c, bool) for c in corners):
            bounds = tuple(float(c) for c in corners)
            if not (-180 <= bounds[0] < bounds[2] <= 180 and -90 <= bounds[1] < bounds[3] <= 90):
                record.fault("bounds", "view.bounds")
        else:
            record.fault("bounds", "view.bounds")
    fit, indicator = record.text("fit"), record.text("indicator")
    level = record.text("level", choices=(model.DISTRICT, model.ZONE, model.TOWNSHIP))
    record.finish()
    return model.View(*names, origin, shown, bounds, fit, indicator, level) if names[0] else None


def source(raw: Any, origin: Origin, faults: Faults) -> model.Source | None:
    """A ``[[source]]``."""
    record = Record(raw, origin, faults)
    fields: dict[str, Any] = {name: record.text(name, required=True) for name in ("name", "title")}
    fields |= {name: record.text(name) for name in ("title_en", "licence")}
    fields |= {name: record.text(name, note=True) for name in ("attribution", "note")}
    for extra in ("name_en", "licence_en", "attribution_en", "note_en", "url", "accessed"):
        record.text(extra, note=True)
    return model.Source(origin=origin, record=dict(raw), **fields) if record.finish() else None


def feature(raw: Any, origin: Origin, faults: Faults, words: Vocabulary) -> model.Feature | None:
    """A ``[[feature]]``, except for what can only be seen beside other features."""
    record = Record(raw, origin, faults)
    names = read_names(record, slug=False)
    of_kind = record.text("kind", required=True)
    if of_kind and of_kind not in words.kinds and of_kind not in words.unsound_kinds:
        record.texts("kind", known=words.kinds, unknown="kind.unknown", one=True)
    aliases, zone = record.texts("aliases"), record.texts("zone")
    cites = read_cites(record, words.outline)
    symbolic, context = record.flag("symbolic"), record.flag("context")
    # What the plan does not speak of, drawn for orientation, has nothing to cite.
    if of_kind in words.kinds and words.kinds[of_kind].cited and not context and not record.has("cites"):
        record.fault("cites", "feature.no_citation", kind=words.kinds[of_kind].name)
    state = record.text("status", choices=words.statuses)
    accuracy = record.number("accuracy_m", low=0.0, high=1e6)
    trust = record.text("basis", choices=words.bases)
    sources = record.texts("sources", known=words.sources, unknown="source.unknown")
    units = record.texts("lead_units")
    note, note_en = record.text("note", note=True), record.text("note_en", note=True)
    assumed, code, color = record.flag("assumed"), record.text("code"), record.text("color")
    if color and not COLOR.fullmatch(color):
        record.fault("color", "feature.color", value=color)
    known = _known(record)
    missing, missing_en = record.text("no_geometry", note=True), record.text("no_geometry_en", note=True)
    twins = record.texts("same_as_maybe")
    geometry = record.table("geometry")
    recipe = _recipe(record, geometry)
    _geometry_or_reason(record, words.kinds.get(of_kind), missing, recipe)
    record.finish()
    if not names[0] or of_kind not in words.kinds:
        return None  # a record with other faults is kept, so that what follows from it is looked at in the same round
    return model.Feature(
        *names,
        origin,
        aliases,
        of_kind,
        zone,
        cites,
        state,
        geometry,
        recipe,
        accuracy,
        trust,
        sources,
        units,
        note,
        note_en,
        assumed,
        code,
        color,
        known,
        missing,
        missing_en,
        twins,
        symbolic,
        context,
    )


def _recipe(record: Record, geometry: Mapping[str, Any] | None) -> Recipe | None:
    """The parsed recipe, or None with the fault noted."""
    if geometry is None:
        return None
    try:
        return recipes.parse(geometry)
    except GeoError as error:
        record.fault("geometry", error.key, **error.params)
        return None


def _geometry_or_reason(record: Record, of_kind: model.Kind | None, missing: str, recipe: Recipe | None) -> None:
    """A feature has either a recipe or a reason why it has none."""
    if record.has("geometry") and missing:
        record.fault("no_geometry", "feature.geometry_and_reason")
    elif not record.has("geometry") and not missing:
        record.fault("geometry", "feature.no_geometry")
    if recipe is not None:
        _unit_alone(record, of_kind, recipe)
    if of_kind is not None and of_kind.geometry == "none" and record.has("geometry"):
        record.fault("geometry", "feature.kind_without_geometry", kind=of_kind.name)


def _unit_alone(record: Record, of_kind: model.Kind | None, recipe: Recipe) -> None:
    """What is only known to lie in a polygon names that polygon, and is not made a point by a detour."""
    known = recipes.unit(recipe)
    if known is not None and not isinstance(known, str):
        record.fault("geometry", "feature.unit_unnamed")
    elif known == model.DISTRICT:
        record.fault("geometry", "feature.unit_district")
    elif known is None and of_kind is not None and of_kind.geometry == "point" and recipes.uses_within(recipe):
        record.fault("geometry", "feature.unit_hidden")


_NOTHING_KNOWN = model.Known()


def _known(record: Record) -> model.Known:
    """The ``known`` table: references that the geometry is checked against."""
    inner = record.record("known")
    if inner is None:
        return _NOTHING_KNOWN
    known = model.Known(
        inner.texts("inside", one=True), inner.texts("crosses", one=True), inner.texts("ends", one=True, twice=True)
    )
    record.bad |= not inner.finish()
    return known


def indicator(raw: Any, origin: Origin, faults: Faults, outline: Clauses) -> model.Indicator | None:
    """A stated ``[[indicator]]`` with its baseline and target."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    words: dict[str, Any] = {name: record.text(name, required=True) for name in ("unit", "domain")}
    words |= {f"{name}_en": record.english(name) for name in ("unit", "domain")}
    words["property"] = record.text("property", required=True, choices=("expected", "binding"))
    words["cites"] = read_cites(record, outline)
    if not record.has("cites"):
        record.fault("cites", "feature.no_citation", kind="indicator")
    words["flags"] = flags = record.texts("flags")
    words["better"] = record.text("better", choices=("higher", "lower"))
    words |= {name: record.text(name, note=True) for name in ("note", "note_en")}
    words["aliases"], words["weight"] = record.texts("aliases"), record.text("weight")
    words["measure"] = record.text("measure", choices=MEASURES) or "level"
    words["path"] = record.text("path", choices=PATHS)
    words["aggregation"] = record.text("aggregation", choices=AGGREGATIONS)
    words |= {name: _value(record, name, words["unit"], flags) for name in ("baseline", "target")}
    if words["baseline"] is None and words["target"] is None:
        record.fault("target", "indicator.no_value")
    if not record.finish():
        return None
    return model.Indicator(*names, origin, **words)


def _value(record: Record, name: str, unit: str, flags: Collection[str]) -> model.Value | None:
    """A ``baseline`` or ``target`` table."""
    inner = record.record(name)
    if inner is None:
        return None
    year = inner.integer("year", required=True, **_YEARS)
    value, low, high = (inner.number(part) for part in ("value", "low", "high"))
    comparator = inner.text("comparator", choices=_COMPARATORS)
    text, text_en = inner.text("text"), inner.text("text_en")
    flag, note = inner.text("flag"), inner.text("note", note=True)
    if (low is None) != (high is None) or (low is not None and high is not None and low > high):
        inner.fault(name, "indicator.range")
    if value is None and low is None and not text and not inner.bad:
        inner.fault(name, "indicator.no_value")
    for number in (value, low, high):
        if number is None:
            continue
        if unit in PERCENT and not set(flags) & set(ABSENT_PERCENT_FLAGS) and not 0 <= number <= 100:
            inner.fault(name, "indicator.percent", value=number)
        elif number < 0 and unit not in PERCENT and "may_be_negative" not in flags:
            inner.fault(name, "indicator.negative", value=number, unit=unit)
    record.bad |= not inner.finish()
    return model.Value(year, value, low, high, comparator, text, text_en, flag, note)


def computed_indicator(
    raw: Any, origin: Origin, faults: Faults, kinds: Mapping[str, model.Kind], statuses: Collection[str]
) -> model.ComputedIndicator | None:
    """A ``[[indicator]]`` of ``computed_indicators.toml``."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    words: dict[str, Any] = {name: record.text(name, required=True) for name in ("unit", "domain", "method")}
    words["unit_en"] = record.english("unit")
    words["domain_en"] = record.text("domain_en")
    words["kinds"] = record.texts("kinds", known=kinds, unknown="kind.unknown", one=True)
    words["status"] = record.texts("status", known=statuses, one=True) if record.has("status") else ()
    words["distance_m"] = record.number("distance_m", low=0.0, high=1e6)
    words["decimals"] = record.integer("decimals", low=0, high=6, default=1)
    words["formula"] = record.text("formula", required=True, note=True)
    words["formula_en"] = record.text("formula_en", note=True)
    words["better"] = record.text("better", choices=("higher", "lower"))
    every = (model.DISTRICT, model.ZONE, model.TOWNSHIP)
    words["levels"] = record.texts("levels", known=every) or every
    if not record.finish():
        return None
    definition = model.ComputedIndicator(*names, origin, **words)
    try:
        check_definition(definition)
    except IndicatorError as error:
        record.fault("method", error.key, **error.params)
        return None
    return definition
