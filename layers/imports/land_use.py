"""Land use put into a plan folder: polygons are matched by their class, and a class is one feature.

Maps of land use have thousands of polygons without names, so there is nothing to match row by row. What each row says
is the class, as a code or in words; the classes, their names and colours are ``layers/land_use.toml``. Only a plan
folder that has land use has the layer: the first import writes layer and kinds beside the records. A plan folder with
``land_use_level = 2`` has a feature for each second-level class; kinds, and colours with them, are of the first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import tomli
from shapely.geometry.base import BaseGeometry

from geo import measure
from geo.crs import CGCS2000
from geo.errors import PlanmapError
from geo.matching import readable
from layers.imports.request import Request
from layers.imports.rows import CODE, NAME, STATED, Matched, Pair, Unknown, column_asked
from layers.imports.texts import Texts
from layers.model.errors import LayersError
from layers.model.ids import slug_of
from layers.model.plan import ZONE, Plan

LAYER = "land_use"
"""The layer's id, in plan folders and for ``planmap import layer``."""
FILE = "features/land_use.toml"
MOST_NAMED = 2000
"""Named pieces of land that may become features of their own."""
_PREFIX = "land_"
_ABOVE_ZONES = 5
_NEAR = 3
_CODE = re.compile(r"(\d{2}|\d{4}|\d{6})(?!\d)\s*(\D*)")
_OF_CODES = re.compile(r"(dm|bm|code|代码|编码)\d?$", re.IGNORECASE)
_GRADE = re.compile(r"^[一二三]类")
_SHARE = 0.5
"""Of the cells of a column so many must be classes for it to be taken for the column of classes."""
_OVERLAP = 0.001
_HECTARE_M2 = 1e4


@dataclass(frozen=True)
class Told:
    """What a file has of a class, or of what is none.

    Attributes:
        code: Two digits of the class, four where the plan goes by the second level, or "" for what is none.
        name: Chinese name of the class, its code where it has none, or what the file says.
        name_en: English name, or what the file says.
        polygons: How many rows.
        area_m2: Their area together, in square metres.
        ids: The features that they become.
    """

    code: str
    name: str
    name_en: str
    polygons: int
    area_m2: float
    ids: tuple[str, ...] = ()


@cache
def standard() -> dict[str, Any]:
    """``layers/land_use.toml``."""
    return tomli.loads((Path(__file__).parents[1] / "land_use.toml").read_text("utf-8"))


@cache
def _classes() -> dict[str, dict[str, Any]]:
    """The classes by code."""
    return {one["code"]: one for one in standard()["class"]}


@cache
def _words() -> dict[str, str]:
    """Codes by what the class, and what lies in it, is called."""
    return {_key(word): one["code"] for one in standard()["class"] for word in (one["name"], *one["also"])}


def class_of(value: str, *, padded: bool = False) -> tuple[str, str]:
    """Codes of the class that a cell says, by its digits and by its words; "" for either that says none.

    Args:
        value: The cell's text.
        padded: The digits may have lost a leading zero, as numbers do.

    Example:
        >>> class_of("070102"), class_of("二类工业用地"), class_of("07 居住用地"), class_of("701", padded=True)
        (('07', ''), ('', '10'), ('07', '07'), ('07', ''))
        >>> class_of("99"), class_of("R2")
        (('', ''), ('', ''))
    """
    digits, said = _parts(value, padded=padded)
    return digits[:2] if digits[:2] in _classes() else "", _words().get(_key(said), "")


def _parts(value: str, *, padded: bool) -> tuple[str, str]:
    """Digits and words of a cell, "" for what it has not."""
    if padded and value.isascii() and value.isdigit() and len(value) % 2:
        value = f"0{value}"
    found = _CODE.fullmatch(value)
    return (found[1], found[2]) if found else ("", value)


@cache
def _second_words() -> dict[str, str]:
    """Codes of second-level classes by what they are called."""
    return {_key(name): code for code, name in standard()["second"].items()}


def second_of(first: str, *cells: str) -> str:
    """The second-level class in a class that one of some cells says; "" where none does.

    Args:
        first: Two digits of the class.
        cells: Texts, the one that counts most first; by its words, then by its digits.

    Example:
        >>> second_of("07", "070102"), second_of("10", "二类工业用地"), second_of("08", "图书与展览用地", "080301")
        ('0701', '1001', '0803')
        >>> second_of("07", "07"), second_of("07", "0799"), second_of("07", "1001")
        ('', '0799', '')
    """
    for cell in cells:
        digits, said = _parts(cell, padded=True)
        for found in (_second_words().get(_key(said), ""), digits[:4]):
            if len(found) == 4 and found.startswith(first):
                return found
    return ""


def wanted(plan: Plan, layer_id: str | None) -> bool:
    """Whether an import into a layer is one of land use: the plan has no layer of that name, or one made by this."""
    own = next((one for one in plan.layers if one.id == LAYER), None)
    return layer_id == LAYER and (own is None or all(kind in _kinds() for kind in own.kinds))


@cache
def _kinds() -> dict[str, str]:
    """Codes by kind."""
    return {_PREFIX + one["id"]: one["code"] for one in standard()["class"]}


class LandUse:
    """The classes of a file on their way into a plan folder.

    Args:
        plan: The plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.notes: list[PlanmapError] = []
        self.names: dict[str, tuple[str, str]] = {}
        self._code_of: dict[str, str] = {}
        self._second_of: dict[str, str] = {}
        self._areas: Mapping[int, float] = {}
        self._others: Mapping[str, list[int]] = {}
        self._matched = Matched((), (), (), "", "")

    def match(self, frame: gpd.GeoDataFrame, request: Request) -> Matched:
        """The feature of each row: that of its class, or one of its own where the stated column of names has one.

        Args:
            frame: The rows, degrees.
            request: ``code_field`` (the column of classes, as codes or in words), ``name_field`` and ``match``
                (what the file says, and a class) count here.

        Raises:
            LayersError: ``import.field``, ``land_use.no_classes``, ``land_use.match_unknown``, ``land_use.many_names``.
        """
        columns = {
            str(name): [readable(cell) for cell in frame[name]] for name in frame.columns if name != frame.geometry.name
        }
        numbers = {str(name) for name in frame.columns if name in frame and pd.api.types.is_numeric_dtype(frame[name])}
        stated = {said: self._stated(code) for said, code in request.match.items()}
        column, further = self._columns(columns, numbers, request, stated)
        name_field = column_asked(request.name_field, columns) if request.name_field else ""
        pairs: list[Pair] = []
        others: dict[str, list[int]] = defaultdict(list)
        for row, said in enumerate(columns[column]):
            by_code, by_words = class_of(said, padded=column in numbers or bool(request.code_field))
            code = stated.get(said) or by_words or by_code
            if not code:
                others[said].append(row)
                continue
            how = STATED if said in stated else NAME if by_words else CODE
            name = columns[name_field][row] if name_field and name_field != column else ""
            second = ""
            if self.plan.land_use_level > 1:
                cells = (said, columns[further][row]) if further else (said,)
                second = second_of(code, *((request.match[said],) if said in stated else ()), *cells)
            pairs.append(Pair(row, self._id(code, second, name), how, said))
        if len(self.names) > MOST_NAMED:
            raise LayersError("land_use.many_names", field=name_field, count=len(self.names), most=MOST_NAMED)
        self._compare(columns, column, further)
        self._areas = dict(enumerate(np.abs(measure.area_m2(np.asarray(frame.geometry.array, dtype=object), CGCS2000))))
        self._others = others
        unknown = tuple(Unknown(found[0], said, _near(said)) for said, found in others.items())
        kept = tuple(one.id for one in self.plan.features if one.kind in _kinds() and one.id not in self.names)
        if kept:
            self.notes.append(LayersError("land_use.kept", ids=list(kept)))
        self._matched = Matched(tuple(pairs), unknown, kept, name_field, column)
        return self._matched

    def told(self) -> tuple[Told, ...]:
        """Classes of the file with count and area, then what is none, the largest first."""
        rows: dict[str, list[Pair]] = defaultdict(list)
        for pair in self._matched.pairs:
            rows[self._second_of.get(pair.id) or self._code_of[pair.id]].append(pair)
        found = [
            Told(code, *_called(code), len(of), self._sum(one.row for one in of),
                 tuple(dict.fromkeys(one.id for one in of)))
            for code, of in sorted(rows.items())
        ]  # fmt: skip
        others = [Told("", said, said, len(of), self._sum(of)) for said, of in self._others.items()]
        return (*found, *sorted(others, key=lambda one: -one.area_m2))

    def check(self, new: Mapping[str, BaseGeometry]) -> None:
        """Note where polygons lie on one another: their areas together are more than what they cover."""
        covered = shapely.union_all(list(new.values()))
        area = abs(float(measure.area_m2(covered, CGCS2000)))
        given = self._sum(pair.row for pair in self._matched.pairs)
        if given - area > _OVERLAP * area:
            self.notes.append(
                LayersError("land_use.overlap", given_ha=_hectares(given), covered_ha=_hectares(area))
            )  # fmt: skip

    def write(self, texts: Texts, new: Mapping[str, BaseGeometry], record: Mapping[str, Any], path: str) -> None:
        """Records of the features, and what they need: kinds, the layer, its group.

        Args:
            texts: Take the records.
            new: Shapes by id.
            record: Fields that all have: accuracy, basis, sources.
            path: The file with the shapes.
        """
        for identifier in sorted(new, key=lambda one: (self._code_of[one], one)):
            code, (name, name_en) = self._code_of[identifier], self.names[identifier]
            rows = [pair.row for pair in self._matched.pairs if pair.id == identifier]
            values = {
                "name": name, "name_en": name_en, "kind": _PREFIX + _classes()[code]["id"],
                "geometry": {"file": path, "where": {"id": identifier}}, **record,
                "code": self._second_of.get(identifier) or code,
                **self._noted(identifier, len(rows), self._sum(rows)),
            }  # fmt: skip
            values = {field: value for field, value in values.items() if value != ""}
            known = self.plan.feature(identifier)
            if known is None:
                texts.add(FILE, {"id": identifier, **values})
            else:
                texts.set(known.origin.file, identifier, values)
        self._write_layer(texts, dict.fromkeys(self._code_of[one] for one in new))

    def _write_layer(self, texts: Texts, codes: Mapping[str, None]) -> None:
        """Kinds that the plan does not have yet, and the layer that shows them."""
        common, kinds = standard()["kind"], [_PREFIX + _classes()[code]["id"] for code in sorted(codes)]
        for code in sorted(codes):
            one = _classes()[code]
            if _PREFIX + one["id"] not in self.plan.kinds:
                symbol = {"fill": one["fill"], **common["symbol"]}
                named = {"id": _PREFIX + one["id"], "name": one["name"], "name_en": one["name_en"]}
                texts.add("kinds.toml", {**named, **common, "symbol": symbol}, "kind")
        own = next((one for one in self.plan.layers if one.id == LAYER), None)
        if own is not None:
            order = {kind: number for number, kind in enumerate(_kinds())}
            every = sorted({*own.kinds, *kinds}, key=order.__getitem__)
            if every != list(own.kinds):
                texts.set("plan.toml", LAYER, {"kinds": every}, "layer")
            return
        group, layer = standard()["group"], standard()["layer"]
        if group["id"] not in {one.id for one in self.plan.groups}:
            texts.add("plan.toml", group, "group")
        below = max((one.order for one in self.plan.layers if ZONE in one.kinds), default=0)
        place = {"group": group["id"], "kinds": kinds, "order": below + _ABOVE_ZONES, "show": False}
        texts.add("plan.toml", {**layer, **place}, "layer")

    def _noted(self, identifier: str, polygons: int, area_m2: float) -> dict[str, str]:
        """What a record says of the polygons that it is made of."""
        first, second = self._code_of[identifier], self._second_of.get(identifier, "")
        about, (name, name_en), (first_name, first_en) = standard(), _called(second or first), _called(first)
        said = {
            "code": second or first, "first": first, "polygons": polygons, "area_ha": f"{_hectares(area_m2):,.2f}"
        }  # fmt: skip
        key = "note_second" if second else "note"
        return {
            "note": about[key].format(**said, name=name, first_name=first_name),
            "note_en": about[f"{key}_en"].format(**said, name=name_en, first_name=first_en),
        }

    def _id(self, code: str, second: str, name: str) -> str:
        """Id of the feature of a class, or of a name in it."""
        identifier = f"{LAYER}/{_classes()[code]['id'].replace('_', '-')}" + (f"-{second}" if second else "")
        if name:
            first, number = f"{identifier}-{slug_of(name)}", 1
            identifier = first
            while self.names.get(identifier, (name, ""))[0] != name:
                number += 1
                identifier = f"{first}-{number}"
        self.names[identifier] = (name, "") if name else _called(second or code)
        self._code_of[identifier] = code
        if second:
            self._second_of[identifier] = second
        return identifier

    def _columns(
        self, columns: Mapping[str, list[str]], numbers: set[str], request: Request, stated: Mapping[str, str]
    ) -> tuple[str, str]:
        """The column of classes, and another one that says them in the other way."""
        if request.code_field:
            return column_asked(request.code_field, columns), ""
        counts: dict[str, tuple[int, int]] = {}
        for name, values in columns.items():
            given = [value for value in values if value]
            codes_here = name not in numbers or bool(_OF_CODES.search(name))
            found = [class_of(value, padded=name in numbers) for value in given]
            by_words = sum(bool(words) or value in stated for value, (_, words) in zip(given, found, strict=True))
            by_code = sum(bool(code) for code, _ in found) if codes_here else 0
            counts[name] = tuple(one if one >= _SHARE * len(given) else 0 for one in (by_code, by_words))  # type: ignore[assignment]
        words = max(counts, key=lambda one: counts[one][1], default="")
        # A column that is called so before others: serial numbers have two digits too.
        codes = max(
            counts, key=lambda one: (bool(_OF_CODES.search(one)) and counts[one][0], counts[one][0]), default=""
        )
        has_words, has_codes = bool(words) and counts[words][1] > 0, bool(codes) and counts[codes][0] > 0
        if not has_words and not has_codes:
            said = [next((value for value in values if value), "–") for values in columns.values()]
            raise LayersError("land_use.no_classes", file=request.shown, fields=list(columns), said=said[:5])
        if has_words:
            return words, codes if has_codes and codes != words else ""
        return codes, ""

    def _compare(self, columns: Mapping[str, list[str]], column: str, further: str) -> None:
        """Note where codes say other classes than the words: they may be of another classification."""
        if not further:
            return
        rows = [
            (row, said, code) for row, (said, code) in enumerate(zip(columns[column], columns[further], strict=True))
            if class_of(said)[1] and class_of(code, padded=True)[0] not in ("", class_of(said)[1])
        ]  # fmt: skip
        if rows:
            row, said, code = rows[0]
            self.notes.append(
                LayersError("land_use.codes_differ", field=further, count=len(rows), row=row + 1, said=said, code=code)
            )

    def _stated(self, said: str) -> str:
        """The code of a class that the user states: its code, its name, or the id of its kind."""
        by_code, by_words = class_of(said)
        code = by_code or by_words or _kinds().get(said, "")
        if not code:
            raise LayersError("land_use.match_unknown", said=said, near=list(_near(said)))
        return code

    def _sum(self, rows: Any) -> float:
        return float(sum(self._areas[row] for row in rows))


def _called(code: str) -> tuple[str, str]:
    """Chinese and English name of a class; of the second level its Chinese one, or its code where none is known."""
    if code in _classes():
        return _classes()[code]["name"], _classes()[code]["name_en"]
    name = standard()["second"].get(code, code)
    return name, name


def _near(said: str) -> tuple[str, ...]:
    """Codes of classes that are called alike."""
    close = get_close_matches(_key(said), list(_words()), n=_NEAR, cutoff=0.5)
    return tuple(dict.fromkeys(_words()[one] for one in close))


def near_names() -> dict[str, str]:
    """Names by code, for what is shown beside what is no class."""
    return {code: one["name"] for code, one in _classes().items()}


def _key(word: str) -> str:
    """A class's name without what only some write: spaces, the grade, 用地."""
    return _GRADE.sub("", "".join(readable(word).split())).removesuffix("用地")


def _hectares(area_m2: float) -> float:
    return round(area_m2 / _HECTARE_M2, 2)
