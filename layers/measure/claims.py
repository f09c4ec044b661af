"""图数校核: the figures that a plan states, measured on its own edition, with a verdict.

Each claim names one operation. Lengths and areas are geodesic, by the methods of ``layers.measure.methods``; counts are
of features. What a claim says, what was measured and how it was compared all stand in the edition's table
``claims``; stated and measured values are never mixed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import measure
from geo.crs import CGCS2000
from layers.measure import methods
from layers.measure.features import Features, Shapes, objects
from layers.model.errors import LayersError
from layers.model.figures import Claim, Reading, Review, Target, listed
from layers.model.plan import Plan, Value
from layers.model.tables import join, split

DIFFERS, NOTED, AGREES, UNCHECKED = "differs", "noted", "agrees", "unchecked"
VERDICTS = (DIFFERS, NOTED, AGREES, UNCHECKED)
"""The verdicts, those that want attention first; ``noted``: it does not fit, and by the plan's own words need not."""

READINGS = "readings"
"""Why a claim of several readings is ``noted``: some fit and others do not; beside ``layers.model.figures.CAUSES``."""

COLUMNS = ("id", "kind", "status", "cites", "unit")
"""What claims ask of a feature, besides its geometry."""

TOUCHES = 0.02
"""A place belongs to another when more than this share of it lies there, as for features' zones and townships."""


class ClaimError(LayersError):
    """A claim names something that the plan does not have."""

    catalogue: ClassVar = LayersError.catalogue


@dataclass(frozen=True, slots=True)
class _Measured:
    """A number in the claim's unit (NaN: nothing could be measured) and the features it was measured on."""

    value: float
    features: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """Nothing could be measured."""
        return math.isnan(self.value)


def evaluate(plan: Plan, features: Features) -> list[dict[str, Any]]:
    """Measure every claim of a plan.

    Args:
        plan: Its claims, targets, review and indicators.
        features: The georeferenced features, EPSG:4490, in the order of the layers; columns ``COLUMNS``.

    Returns:
        One record a claim, fields ``layers.model.tables.CLAIM_COLUMNS``. ``difference`` is measured less the nearer
        end of what is stated, in the claim's unit; ``verdict`` is one of ``VERDICTS``. Of several readings
        ``measured_low`` and ``measured_high`` are the ends, ``measured`` and ``difference`` are missing, and
        ``readings`` (JSON) has each with ``name``, ``name_en``, ``operation``, ``measured``, ``fits``, ``features``.

    Raises:
        ClaimError: ``claim.unknown`` when a claim names a feature, target or row that does not exist.
    """
    world = _World.of(plan, features)
    return [_row(claim, [world.measured(claim, one) for one in claim.readings]) for claim in plan.claims]


def fits(claim: Claim, measured: float) -> bool:
    """Whether a measured value passes the claim's test against what is stated.

    Formula:
        with d = tolerance (or tolerance % of the stated value) and s₁ ≤ s₂ the ends of what is stated (s for one
        figure): ``=``: s₁ − d ≤ m ≤ s₂ + d; ``>`` and ``>=``: m ≥ s₁ − d (for ``>`` with d = 0: m > s₁);
        ``<`` and ``<=``: m ≤ s₂ + d (for ``<`` with d = 0: m < s₂).

    Example:
        35 km stated, ±10 %: 33.2 km fits (|33.2 − 35| = 1.8 ≤ 3.5), 30 km does not.
    """
    low, high = claim.span
    share = max(abs(low), abs(high)) / 100 if claim.percent else 1.0
    room = claim.tolerance * share + 1e-9
    strict = claim.tolerance == 0
    if claim.test.startswith(">"):
        return measured >= low - room and not (claim.test == ">" and strict and measured <= low)
    if claim.test.startswith("<"):
        return measured <= high + room and not (claim.test == "<" and strict and measured >= high)
    return low - room <= measured <= high + room


def verdict(claim: Claim, measured: Collection[float]) -> tuple[str, str]:
    """The verdict on a claim, and where it is ``noted``, why.

    Args:
        claim: The claim.
        measured: What each of its readings gave, in its unit; NaN where nothing could be measured.

    Returns:
        ``agrees`` where every reading fits; ``noted`` for ``readings`` where some do, or where what is stated lies
        between them; else ``noted`` for the claim's own cause, or ``differs``. ``unchecked`` without a value.
    """
    found = [value for value in measured if not math.isnan(value)]
    if not found:
        return UNCHECKED, ""
    fitting = [fits(claim, value) for value in found]
    if all(fitting):
        return AGREES, ""
    low, high = claim.span
    if len(found) > 1 and (any(fitting) or (min(found) <= high and max(found) >= low)):
        return NOTED, READINGS
    # An open list can only fall short of what is stated.
    excused = claim.because and (claim.because != "open_list" or max(found) < low)
    return (NOTED, claim.because) if excused else (DIFFERS, "")


def growth_per_year(first: float, last: float, years: int) -> float:
    """Compound growth, per cent a year.

    Formula:
        g = 100 · ((last / first) ^ (1 / years) − 1)

    Example:
        140.5 to 300.03 in five years: 100 · (2.13544^0.2 − 1) = 16.385.
    """
    return 100.0 * ((last / first) ** (1.0 / years) - 1.0)


def review_growth(record: Mapping[str, Any]) -> float | None:
    """Growth of a row of the review between its ends: per cent a year, or the sum of the period where it says so.

    Formula:
        100 · ((result / base) ^ (1 / years) − 1), see ``growth_per_year``; ``result − base``
        where the row is cumulative. None where an end or its year is not known.
    """
    base, result = record.get("base"), record.get("result")
    if base is None or result is None:
        return None
    if record.get("cumulative"):
        return float(result) - float(base)
    first, last = record.get("base_year"), record.get("result_year")
    if first is None or last is None:
        return None
    years = int(last) - int(first)
    if base <= 0 or result <= 0 or years <= 0:
        return None
    return growth_per_year(float(base), float(result), years)


def _row(claim: Claim, found: list[_Measured]) -> dict[str, Any]:
    """One row of the table, measured values rounded to the claim's decimals."""
    values = [math.nan if one.missing else round(one.value, claim.decimals) for one in found]
    value = values[0] if len(values) == 1 else math.nan
    known = [one for one in values if not math.isnan(one)]
    word, because = verdict(claim, [one.value for one in found])
    low, high = claim.span
    stated = math.nan if claim.value is None else claim.value
    return {
        "id": claim.id, "name": claim.name, "name_en": claim.name_en, "cites": join(claim.cites),
        "stated": stated, "stated_low": math.nan if claim.low is None else claim.low,
        "stated_high": math.nan if claim.high is None else claim.high, "comparator": claim.comparator,
        "test": claim.test, "unit": claim.unit, "unit_en": claim.unit_en, "measured": value,
        "measured_low": min(known, default=math.nan), "measured_high": max(known, default=math.nan),
        "difference": round(value - (high if abs(value - high) < abs(value - low) else low), claim.decimals),
        "tolerance": claim.tolerance, "tolerance_percent": claim.percent, "verdict": word, "because": because,
        "self_check": claim.self_check, "operation": claim.readings[0].operation, "reason": claim.reason,
        "reason_en": claim.reason_en, "note": claim.note, "note_en": claim.note_en, "decimals": claim.decimals,
        "features": join(dict.fromkeys(name for one in found for name in one.features)),
        "readings": _readings(claim, found, values),
    }  # fmt: skip


def _readings(claim: Claim, found: list[_Measured], values: list[float]) -> str:
    """Several readings as JSON; "" for one."""
    if len(found) < 2:
        return ""
    rows = [
        {
            "name": reading.name, "name_en": reading.name_en, "operation": reading.operation,
            "measured": None if one.missing else value, "fits": not one.missing and fits(claim, one.value),
            "features": list(one.features),
        }
        for reading, one, value in zip(claim.readings, found, values, strict=True)
    ]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One reading of a claim: what to measure, and whose it is."""

    id: str
    unit: str
    measure: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _World:
    """Everything that a claim may ask for."""

    features: Features
    at: Mapping[str, int]
    targets: Mapping[str, Target]
    reviews: Mapping[str, Review]
    stated: Mapping[tuple[str, str], Value | None]
    outline: Mapping[str, int]

    @classmethod
    def of(cls, plan: Plan, features: Features) -> _World:
        stated = {(one.id, role): getattr(one, role) for one in plan.indicators for role in ("baseline", "target")}
        at = {str(one): number for number, one in enumerate(features["id"])}
        return cls(
            features, at, {one.id: one for one in plan.targets}, {one.id: one for one in plan.reviews}, stated,
            plan.outline,
        )  # fmt: skip

    def measured(self, claim: Claim, reading: Reading) -> _Measured:
        """What one reading of a claim gives."""
        operations: Mapping[str, Callable[[_Asked], _Measured]] = {
            "length_of": self._length, "area_of": self._area, "bank_of": self._bank, "count_of": self._count,
            "touching": self._touching, "share_in": self._share, "items_of": self._items, "names_of": self._names,
            "sum_of": self._sum, "rest_of": self._rest, "ratio_of": self._ratio,
            "growth_of": self._growth, "value_of": self._value,
            "none": lambda _: _Measured(math.nan),
        }  # fmt: skip
        return operations[reading.operation](_Asked(claim.id, claim.unit, reading.measure))

    # ---- of features

    def _chosen(self, claim: _Asked, kinds: object) -> NDArray[np.intp]:
        """Numbers of the features of some kinds that pass the claim's filters."""
        wanted, features = claim.measure, self.features
        chosen = np.ones(len(features), dtype=bool)
        if names := listed(kinds):
            chosen &= features.among("kind", names)
        if ids := listed(wanted.get("ids")):
            self._known(claim, ids)
            chosen &= features.among("id", ids)
        if status := listed(wanted.get("status")):
            chosen &= features.among("status", status)
        if cites := set(listed(wanted.get("cites"))):
            chosen &= np.array([bool(cites & set(split(text))) for text in features["cites"]], dtype=bool)
        return np.flatnonzero(chosen)

    def _shapes(self, which: NDArray[np.intp]) -> Shapes:
        """The geometries that some features have."""
        return self.features.shapes.take(which[~shapely.is_missing(self.features.shapes.geometries[which])])

    def _known(self, claim: _Asked, ids: list[str]) -> None:
        missing = [one for one in ids if one not in self.at]
        if missing:
            raise ClaimError("claim.unknown", claim=claim.id, name="、".join(missing))

    def _place(self, claim: _Asked) -> Shapes | None:
        """The polygon that a claim is limited to, several as one, or None."""
        names = listed(claim.measure.get("inside"))
        if not names:
            return None
        self._known(claim, names)
        return self._joined(self.features.shapes.geometries[[self.at[name] for name in names]])

    @staticmethod
    def _joined(shapes: NDArray[Any]) -> Shapes:
        """Several geometries as one."""
        return Shapes.of([shapely.union_all(shapes)], CGCS2000)

    def _length(self, claim: _Asked) -> _Measured:
        """Kilometres of lines; ``shared = "each"`` counts a stretch once for every line on it."""
        lines = self._shapes(self._chosen(claim, claim.measure["length_of"]))
        place = self._place(claim)
        each = claim.measure.get("shared") == "each"
        groups = [lines.take(np.array([number])) for number in range(len(lines))] if each else [lines]
        total = 0.0
        for group in groups:
            if place is None:
                total += measure.length_m(shapely.union_all(group.geometries), CGCS2000) / methods.KM
            else:
                total += float(methods.line_length(place, group)[0])
        return _Measured(total if len(lines) else math.nan, tuple(lines.ids))

    def _area(self, claim: _Asked) -> _Measured:
        """Square kilometres; overlaps count once."""
        shapes = self._shapes(self._chosen(claim, claim.measure["area_of"]))
        if not len(shapes):
            return _Measured(math.nan)
        place = self._place(claim) or self._joined(shapes.geometries)
        return _Measured(float(methods.area(place, shapes)[0]), tuple(shapes.ids))

    def _bank(self, claim: _Asked) -> _Measured:
        """Kilometres of bank of some water inside a place."""
        shapes = self._shapes(self._chosen(claim, claim.measure["bank_of"]))
        place = self._place(claim)
        if place is None or not len(shapes):
            return _Measured(math.nan)
        return _Measured(float(methods.boundary_length(place, shapes, place.geometries[0])[0]), tuple(shapes.ids))

    def _count(self, claim: _Asked) -> _Measured:
        """Number of features, with or without geometry."""
        rows = self._chosen(claim, claim.measure["count_of"])
        return _Measured(float(len(rows)), tuple(self.features["id"][rows]))

    def _touching(self, claim: _Asked) -> _Measured:
        """Number of features of which more than ``TOUCHES`` lies inside a place; with ``whole``, all but that.

        What is only known to a unit is inside for certain where the whole unit is, and is not counted elsewhere.
        """
        rows = self._chosen(claim, claim.measure["touching"])
        place = self._place(claim)
        if place is None:
            return _Measured(math.nan)
        least = 1.0 - TOUCHES if claim.measure.get("whole") else TOUCHES
        inside = [
            str(name)
            for name, unit in zip(self.features["id"][rows], self.features["unit"][rows], strict=True)
            if self._share_of(self._known_area(name), place.geometries[0]) > (1.0 - TOUCHES if unit else least)
        ]
        return _Measured(float(len(inside)), tuple(inside))

    def _share(self, claim: _Asked) -> _Measured:
        """Share of the features' area (or number, for points) inside a place, per cent."""
        ids = listed(claim.measure["share_in"])
        self._known(claim, ids)
        place = self._place(claim)
        shapes = self._shapes(np.array([self.at[name] for name in ids], dtype=np.intp))
        units = [name for name in ids if self.features["unit"][self.at[name]]]
        if place is None or not (len(shapes) or units):
            return _Measured(math.nan)
        if units and not (shapely.get_dimensions(shapes.geometries) > 0).any():
            # By number: a point lies inside or not, and what is only known to a unit where the whole unit does.
            shares = [self._share_of(self._known_area(name), place.geometries[0]) for name in [*shapes.ids, *units]]
            inside = sum(share > 1.0 - TOUCHES for share in shares)
            return _Measured(100.0 * inside / len(shares), (*shapes.ids, *units))
        joined = shapely.union_all(shapes.geometries)
        return _Measured(100.0 * self._share_of(joined, place.geometries[0]), tuple(shapes.ids))

    def _known_area(self, name: str) -> Any:
        """A feature's geometry, or the polygon that is all that is known of its position."""
        unit = self.features["unit"][self.at[name]]
        return self.features.shapes.geometries[self.at[unit or name]]

    @staticmethod
    def _share_of(shape: Any, place: Any) -> float:
        """Share of a geometry inside a polygon: of area, else of length, else of points."""
        if shape is None or shape.is_empty:
            return 0.0
        if shapely.covers(place, shape):
            return 1.0
        pair = objects([shapely.intersection(shape, place), shape])
        for size in (measure.area_m2, measure.length_m):
            part, whole = size(pair, CGCS2000).tolist()
            if whole > 0:
                return float(part / whole)
        points = shapely.get_num_coordinates(pair)
        return float(points[0] / points[1])

    # ---- of figures

    def _items(self, claim: _Asked) -> _Measured:
        """Number of items of a clause, by the plan's outline."""
        clause = str(claim.measure["items_of"])
        if clause not in self.outline:
            raise ClaimError("claim.unknown", claim=claim.id, name=clause)
        return _Measured(float(self.outline[clause]))

    def _names(self, claim: _Asked) -> _Measured:
        """Number of names that a clause lists; what has no place on the map is counted in the text."""
        return _Measured(float(len(listed(claim.measure["names_of"]))))

    def _sum(self, claim: _Asked) -> _Measured:
        """Sum of some figures; one that is named twice counts twice."""
        return _Measured(sum(self._figure(claim, name) for name in listed(claim.measure["sum_of"])))

    def _rest(self, claim: _Asked) -> _Measured:
        """What some parts leave of a whole, per cent of it.

        Formula:
            100 · (whole − Σ parts) / whole

        Example:
            66 and 750 of 2600 leave 100 · 1784 / 2600 = 68.6 %.
        """
        whole, *parts = (self._figure(claim, name) for name in listed(claim.measure["rest_of"]))
        return _Measured(100.0 * (whole - sum(parts)) / whole if whole else math.nan)

    def _ratio(self, claim: _Asked) -> _Measured:
        """First figure over the second, in per cent where the claim is."""
        first, second = (self._figure(claim, name) for name in listed(claim.measure["ratio_of"]))
        share = first / second if second else math.nan
        return _Measured(share * (100.0 if claim.unit == "%" else 1.0))

    def _growth(self, claim: _Asked) -> _Measured:
        """Growth a year between both ends of a row of the review or an indicator; of several, of their product.

        Shares whose growth is stated as a sum of percentage points give their difference.
        """
        names = listed(claim.measure["growth_of"])
        row = self.reviews.get(names[0]) if len(names) == 1 else None
        if row is not None and row.cumulative:
            first, last, _ = self._ends(claim, names[0])
            return _Measured(last - first)
        factor = 1.0
        for name in names:
            first, last, years = self._ends(claim, name)
            if not (first > 0 and last > 0 and years > 0):
                return _Measured(math.nan)
            factor *= 1.0 + growth_per_year(first, last, years) / 100.0
        return _Measured(100.0 * (factor - 1.0))

    def _ends(self, claim: _Asked, name: str) -> tuple[float, float, int]:
        """First and last value (NaN: none) and the years between; with ``role = "goal"`` a row's last is its goal."""
        role = "goal" if claim.measure.get("role") == "goal" else "result"
        if row := self.reviews.get(name):
            years = row.result_year - row.base_year
            return self._figure(claim, f"{name}:baseline"), self._figure(claim, f"{name}:{role}"), years
        first, last = self._figure(claim, f"{name}:baseline"), self._figure(claim, f"{name}:target")
        ends = [self.stated[name, end] for end in ("baseline", "target")]
        years = ends[1].year - ends[0].year if ends[0] and ends[1] else 0
        return first, last, years

    def _value(self, claim: _Asked) -> _Measured:
        """The figure of another clause."""
        return _Measured(self._figure(claim, str(claim.measure["value_of"])))

    def _figure(self, claim: _Asked, reference: str) -> float:
        """A target's value, a result of the review, or an indicator's target, in its own unit; NaN for words.

        ``name:role`` asks for the ``baseline``, ``goal`` or ``target`` instead; so does the claim's ``role``.
        """
        name, _, role = reference.partition(":")
        role = role or str(claim.measure.get("role", ""))
        found: float | None
        if name in self.targets:
            found = self.targets[name].value
        elif name in self.reviews:
            row = self.reviews[name]
            found = {"baseline": row.base, "goal": row.goal}.get(role, row.result)
        elif (name, role or "target") in self.stated:
            value = self.stated[name, role or "target"]
            found = None if value is None else value.value
        else:
            raise ClaimError("claim.unknown", claim=claim.id, name=reference)
        return math.nan if found is None else found
