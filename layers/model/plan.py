"""What a plan folder holds, as frozen records; each keeps where it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo import recipes
from geo.recipes import Recipe
from layers.model.citations import Clauses
from layers.model.errors import Origin, Problem
from layers.model.places import Gazetteer

if TYPE_CHECKING:
    from layers.model.scans import Scan

DISTRICT, ZONE, TOWNSHIP = "district", "zone", "township"
"""The three kinds that carry the structure of every plan; also the levels of indicators."""

GEOMETRIES = ("polygon", "line", "point", "none")


@dataclass(frozen=True, slots=True)
class Named:
    """Anything with an id and a name in two languages."""

    id: str
    name: str
    name_en: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Group(Named):
    """A branch of the layer tree."""


@dataclass(frozen=True, slots=True)
class Term(Named):
    """A word of the plan that is not tied to a kind."""


@dataclass(frozen=True, slots=True)
class Layer(Named):
    """Features shown together.

    Attributes:
        group: Id of the group.
        kinds: Ids of the kinds that the layer shows, all of one geometry type.
        order: Stacking; low is drawn first.
        show: Whether it is visible at first.
        public: Whether it may be on maps for the public.
    """

    group: str
    kinds: tuple[str, ...]
    order: int
    show: bool
    public: bool = False


@dataclass(frozen=True, slots=True)
class View(Named):
    """A named map.

    Attributes:
        layers: Ids of the layers that are on.
        bounds: West, south, east, north in degrees (EPSG:4490), or None.
        fit: Id of the feature to zoom to, or "".
        indicator: Id of the indicator shown at first, or "".
        level: ``zone`` or ``township`` when an indicator is given.
    """

    layers: tuple[str, ...]
    bounds: tuple[float, ...] | None
    fit: str
    indicator: str
    level: str


@dataclass(frozen=True, slots=True)
class Kind(Named):
    """What a feature is.

    Attributes:
        geometry: ``polygon``, ``line``, ``point`` or ``none``.
        cited: Whether features of this kind must cite a clause (ground does not).
        beyond: Whether they lie round the district, for orientation only: nothing points at them, nothing is measured.
        record: The whole record as written, with symbol and label, for ``layers.style.paint``.
    """

    geometry: str
    cited: bool
    beyond: bool
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Status(Named):
    """How far a thing is: built, under construction, planned, in preparation."""

    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Basis(Named):
    """How far a geometry can be trusted.

    Attributes:
        uncertain: The position is rough.
        apart: What is known is a unit, not a place: given by a ``within`` and by nothing else.
        limit_m: What is less accurate, in metres, is no point on this basis; None: no limit.
        least_m: No position on this basis can be finer, in metres; None: any can.
    """

    uncertain: bool
    apart: bool
    limit_m: float | None
    least_m: float | None
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where data come from; ``name`` is what records cite."""

    name: str
    title: str
    title_en: str
    licence: str
    attribution: str
    note: str
    origin: Origin
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a feature's position and is checked against its geometry (references)."""

    inside: tuple[str, ...] = ()
    crosses: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature(Named):
    """One named thing of the plan on the map.

    Attributes:
        zone: Slugs of zones as the plan states them; empty when they follow from the position.
        geometry: The recipe as written, or None.
        recipe: The parsed recipe, or None where there is no geometry.
        accuracy_m: Stated positional uncertainty in metres, or None to take the worst of the inputs.
        basis: Id of the basis, or "" for the default.
        no_geometry: Why there is no geometry.
        symbolic: The shape only marks where the thing is; its size says nothing and is not measured.
        context: Drawn for orientation, not of the plan; not counted among its features.
        same_as_maybe: Ids of features that may be the same thing under another name.
    """

    aliases: tuple[str, ...]
    kind: str
    zone: tuple[str, ...]
    cites: tuple[str, ...]
    status: str
    geometry: Mapping[str, Any] | None
    recipe: Recipe | None
    accuracy_m: float | None
    basis: str
    sources: tuple[str, ...]
    lead_units: tuple[str, ...]
    note: str
    note_en: str
    assumed: bool
    code: str
    color: str
    known: Known
    no_geometry: str
    no_geometry_en: str
    same_as_maybe: tuple[str, ...] = ()
    symbolic: bool = False
    context: bool = False

    @property
    def unit(self) -> str:
        """Id of the polygon that is all that is known of the position; "" where more is known, or nothing."""
        known = None if self.recipe is None else recipes.unit(self.recipe)
        return known if isinstance(known, str) else ""

    @property
    def slug(self) -> str:
        """The id without its prefix: ``central`` of ``zone/central``."""
        return self.id.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Value:
    """A stated value of an indicator.

    Attributes:
        value: The number in the indicator's unit, or None.
        low: Lower end of a range, or None.
        high: Upper end of a range, or None.
        comparator: ``>``, ``>=``, ``<``, ``<=``, ``~`` or "".
        text: Words in place of a number.
    """

    year: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    comparator: str = ""
    text: str = ""
    text_en: str = ""
    flag: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Indicator(Named):
    """A quantity that the plan states for the whole district.

    Attributes:
        aliases: Other names, by which sheets may call it.
        measure: How its target counts, one of ``figures.MEASURES``.
        path: How it is expected to come from base to target, ``linear`` or ``growth``; "" is the plan's way.
        aggregation: How the district's value comes from its parts': ``sum``, ``mean``, ``weighted_mean``, ``ratio``;
            "" where nobody has said.
        weight: Id of the indicator that weighs a ``weighted_mean``, or divides a ``ratio``.
    """

    unit: str
    unit_en: str
    domain: str
    domain_en: str
    property: str
    cites: tuple[str, ...]
    baseline: Value | None
    target: Value | None
    flags: tuple[str, ...]
    better: str
    note: str
    note_en: str
    aliases: tuple[str, ...] = ()
    measure: str = "level"
    path: str = ""
    aggregation: str = ""
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """A value that a plan folder ships, one row of ``observed.csv``: observed, or a base or target of a place.

    Attributes:
        role: ``observed``, ``target`` or ``baseline``.
        period: Code of a year, quarter or month, see ``layers.model.period``.
        scope: Name of the statistical scope; "" is the plan's own.
    """

    indicator: str
    place: str
    role: str
    period: str
    value: float
    source: str
    note: str
    scope: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ComputedIndicator(Named):
    """A quantity computed from geometry; ``method`` names a function in ``layers.measure.indicators``."""

    unit: str
    unit_en: str
    domain: str
    domain_en: str
    method: str
    kinds: tuple[str, ...]
    status: tuple[str, ...]
    distance_m: float | None
    decimals: int
    formula: str
    formula_en: str
    better: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class District:
    """The area that the plan is for; its feature has the id ``district``.

    Attributes:
        official_area_km2: The area that the authorities give, in square kilometres, or None.
        official_area_source: Who gives it.
        official_area_note: Why the area measured on the map differs.
    """

    name: str
    name_en: str
    code: str
    official_area_km2: float | None = None
    official_area_source: str = ""
    official_area_source_en: str = ""
    official_area_note: str = ""
    official_area_note_en: str = ""


IMPRINT_FIELDS = ("compiler", "compiler_en", "approval")
LICENCE_FIELDS = ("licence", "licence_en", "licence_url", "attribution", "attribution_en")
"""Fields of ``plan.toml`` that every file given out repeats."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan folder, read and checked except for its geometry.

    Attributes:
        indicators_note: What holds for all indicators that the plan states.
        licence: Terms on which the plan's data are given out, such as ``CC BY 4.0``; "" when nobody stated any.
        attribution: Whom to name when they are used.
        compiler: Who has made the plan's maps; "" when nobody is to be named.
        approval: Number under which the maps are approved for publishing (审图号); "" when they have none.
        lead_units: English names of lead units, by their names.
        leads: Lead units by the clause that they lead.
        scans: Scanned maps (``layers.model.scans.Scan``).
        surfaces: Accessibility surfaces (``layers.model.surfaces.Surfaces``); None where the folder has no such file.
        texts: The plan's own words by clause; empty where the folder has no text.
        stories: Tours of the map (``layers.model.stories.Story``).
        land_use_level: Level of the classes, 1 or 2, that land use is imported by.
    """

    folder: Path
    data_dir: Path
    id: str
    title: str
    title_en: str
    short_title: str
    short_title_en: str
    edition_note: str
    edition_note_en: str
    period: str
    base_year: int
    target_year: int
    as_of: int
    district: District
    groups: tuple[Group, ...] = ()
    layers: tuple[Layer, ...] = ()
    views: tuple[View, ...] = ()
    terms: tuple[Term, ...] = ()
    outline: Clauses = field(default_factory=Clauses)
    sources: tuple[Source, ...] = ()
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    features: tuple[Feature, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    computed_indicators: tuple[ComputedIndicator, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    statuses: Mapping[str, Status] = field(default_factory=dict)
    bases: Mapping[str, Basis] = field(default_factory=dict)
    ramps: tuple[Mapping[str, Any], ...] = ()
    targets: tuple[Any, ...] = ()
    reviews: tuple[Any, ...] = ()
    claims: tuple[Any, ...] = ()
    warnings: tuple[Problem, ...] = ()
    indicators_note: str = ""
    indicators_note_en: str = ""
    licence: str = ""
    licence_en: str = ""
    licence_url: str = ""
    attribution: str = ""
    attribution_en: str = ""
    compiler: str = ""
    compiler_en: str = ""
    approval: str = ""
    lead_units: Mapping[str, str] = field(default_factory=dict)
    leads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    observed: tuple[Observed, ...] = ()
    course: Mapping[str, Any] = field(default_factory=dict)
    scans: tuple[Scan, ...] = ()
    surfaces: Any = None
    texts: Mapping[str, str] = field(default_factory=dict)
    stories: tuple[Any, ...] = ()
    land_use_level: int = 1

    def scan(self, scan_id: str) -> Any:
        """The scan (``layers.model.scans.Scan``) with this id, or None."""
        return next((one for one in self.scans if one.id == scan_id), None)

    def feature(self, feature_id: str) -> Feature | None:
        """The feature with this id, or None."""
        return next((f for f in self.features if f.id == feature_id), None)

    def of_kind(self, kind: str) -> tuple[Feature, ...]:
        """The features of one kind, in the order of the files."""
        return tuple(f for f in self.features if f.kind == kind)

    def layer_of(self, kind: str) -> Layer | None:
        """The layer that shows a kind, or None."""
        return next((layer for layer in self.layers if kind in layer.kinds), None)
