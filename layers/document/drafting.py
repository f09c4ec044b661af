"""A plan folder drafted from a text's proposals: records as a planner edits them, and what is left to do.

What the user's own files place is drawn. Of what was read out of the text, only what the user accepts beforehand is;
the rest stands in the folder with its clauses, and with the position proposed for it as a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import shapely
import tomli

from layers.document.clauses import Text
from layers.document.draft import Decision, Draft, Given, Row
from layers.document.draft_parts import district_name, group_of, head, towards
from layers.document.found import Finding, Proposals
from layers.document.period import period
from layers.document.positions import Spot, cut, is_sound, key, matched, stem
from layers.document.records_text import written
from layers.folder import shared
from layers.model.errors import LayersError, word
from layers.model.ids import slug_of

LEAST = 0.5
"""Findings of less confidence are listed for a person, and are no records."""
DISTRICT = "district"
_SOURCE, _SHAPES, _PLACES = "read.source_plan", "read.source_shapes", "read.source_places"
_AROUND_M, _ALONG_M = 800, 500
_AROUND_DEGREES = 0.05
_SHAPES_FILE, _PLACES_FILE = "imported/townships.geojson", "imported/places.geojson"


def drafted(text: Text, proposals: Proposals, given: Given, identifier: str) -> Draft:
    """Draft a plan folder.

    Args:
        text: The plan's text in clauses.
        proposals: What was read out of it.
        given: What the user gives beside.
        identifier: Id of the plan.

    Raises:
        LayersError: ``read.no_district``, ``read.no_period``.
    """
    return _Drafter(text, proposals, given, identifier).made()


class _Drafter:
    """Makes records in the order in which they refer to each other."""

    def __init__(self, text: Text, proposals: Proposals, given: Given, identifier: str) -> None:
        self.text, self.proposals, self.given = text, proposals, given
        self.outline = text.outline()
        years = period(text)
        if not years.last:
            raise LayersError("read.no_period")
        name = given.district or district_name(text)
        if not name:
            raise LayersError("read.no_district")
        self.years, self.name = years, name
        self.draft = Draft(head(text, proposals, identifier, name, given.code, years))
        self._ids: set[str] = {DISTRICT}
        self._townships: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._split: dict[str, list[str]] = {}

    @cached_property
    def kinds(self) -> dict[str, Mapping[str, Any]]:
        """The program's kinds by id."""
        raw = shared.table(shared.KINDS, Path()).read_text("utf-8")
        return {one["id"]: one for one in tomli.loads(raw)["kind"]}

    @cached_property
    def _area(self) -> Any:
        """The district with what lies around it, in degrees; None without boundaries."""
        own = [spot.geometry for spot in self.given.boundaries.found]
        return shapely.buffer(shapely.union_all(own), _AROUND_DEGREES) if own else None

    def made(self) -> Draft:
        """The draft."""
        self._place_townships()
        self._place_zones()
        self._district()
        for finding in sorted(self.proposals.features, key=lambda one: one.start):
            kind = finding.fields.get("kind", "")
            if kind not in ("township", "district") and key(finding.name) not in self._zones:
                self._thing(finding, str(kind))
        self._cores()
        for finding in self.proposals.indicators:
            self._indicator(finding)
        for finding in self.proposals.reviews:
            self._review(finding)
        for finding in self.proposals.targets:
            self._target(finding)
        for row in self.draft.doubtful:  # the ids of what is sure do not hang on them
            kind = str(row.values.get("kind") or ("" if row.table == "target" else "others"))
            row.values["id"] = self._id(kind, str(row.values["name"]) or "x", row.table)
        return self.draft

    # ---- units

    def _place_townships(self) -> None:
        """Those of the boundary file, with their clauses; without a file those that the text names."""
        named = {key(one.name): one for one in self.proposals.features if one.fields.get("kind") == "township"}
        units = [one.name for one in self.given.boundaries.found] or list(self.given.townships)
        names = {key(name): name for name in units}
        if not names:
            names = {found: one.name for found, one in named.items() if one.confidence >= LEAST}
        for found, name in names.items():
            finding, spot = named.get(found), self.given.boundaries.named(name)
            cites = self._cites(finding) or self._cites_of_name(name)
            values: dict[str, Any] = {
                "id": self._id("township", name),
                "name": name,
                "name_en": spot.name_en if spot else "",
                "kind": "township",
                "code": spot.code if spot else "",
                "zone": [],
                "cites": cites,
            }
            if spot is not None:
                self.draft.used.add(_SHAPES_FILE)
                values |= {
                    "geometry": {"file": _SHAPES_FILE, "where": {"name": spot.name}},
                    "accuracy_m": self.given.accuracy_m,
                    "basis": self.given.basis,
                    "sources": [word(_SHAPES, "zh")],
                }
            else:
                values |= self._missing("read.no_boundary")
            if not cites:
                values["context"] = True
                self._decide("read.decide_uncited", name)
            self._townships[found] = values["id"]
            self._add("feature", "townships", values, (), None if spot else finding)
        for found, finding in named.items():
            if found not in names and not any(found.endswith(known) for known in names):
                self._decide("read.decide_township", finding.name, finding.clause)
                self._doubt(finding, "township", self._cites(finding))

    def _cites_of_name(self, name: str) -> list[str]:
        """Clauses that name a township which no rule found."""
        found = [clause.id for clause in self.text.clauses if name in clause.text and not clause.id.isdecimal()]
        return found[:3]

    def _place_zones(self) -> None:
        """Unions of their townships; one that belongs to two is divided by an assumed line."""
        zones = [
            one for one in self.proposals.features if one.fields.get("kind") == "zone" and one.fields.get("members")
        ]
        members: dict[str, list[str]] = {}
        for zone in zones:
            identifier = self._id("zone", zone.name)
            self._zones[key(zone.name)] = identifier
            units: list[str | None] = [self._townships.get(key(name)) for name in zone.fields["members"]]
            members[identifier] = [unit for unit in units if unit]
            for name, unit in zip(zone.fields["members"], units, strict=True):
                if unit is None:
                    self._decide("read.decide_member", name, zone.clause, zone=zone.name)
        for identifier, own in members.items():
            for unit in own:
                self._split.setdefault(unit, []).append(identifier)
        for unit, holders in self._split.items():
            row = self.draft.feature(unit)
            if row is not None:
                row.values["zone"] = [holder.partition("/")[2] for holder in holders]
        self._parts()
        for zone in zones:
            self._zone(zone, members)

    def _parts(self) -> None:
        """The two parts of each township that is divided."""
        shapes = {row.id: self.given.boundaries.named(str(row.values["name"])) for row in self.draft.rows}
        for unit, holders in self._split.items():
            spot = shapes.get(unit)
            if len(holders) < 2:
                continue
            name = next(str(row.values["name"]) for row in self.draft.rows if row.id == unit)
            self._decide("read.decide_split", name, "", zones="、".join(self._zone_name(one) for one in holders))
            if spot is None or len(holders) > 2:
                continue
            one, other = (self._whole(holder, unit, shapes) for holder in holders)
            if one is None or other is None:
                continue
            line = cut(spot.geometry, one, other, float(spot.geometry.centroid.x))
            first, second = (f"part/{unit.partition('/')[2]}-{holder.partition('/')[2]}" for holder in holders)
            keep = [round(value, 6) for value in towards(spot, one)]
            self._part(first, name, holders[0], {"split": unit, "by": {"route": line}, "keep": keep}, unit)
            self._part(second, name, holders[1], {"difference": [unit, first]}, unit)

    def _part(self, identifier: str, name: str, zone: str, geometry: dict[str, Any], unit: str) -> None:
        self._ids.add(identifier)
        of_zone = self._zone_name(zone)
        self._add("feature", "zones", {
            "id": identifier, "name": word("read.part_name", "zh", name=name, zone=of_zone), "kind": "zone_part",
            "zone": [zone.partition("/")[2]], "cites": self._cites(self._zone_finding(zone)), "geometry": geometry,
            "accuracy_m": 3000, "basis": "schematic", "sources": [word(_SOURCE, "zh"), word(_SHAPES, "zh")],
            "known": {"inside": unit}, "assumed": True,
            "note": word("read.part_note", "zh"), "note_en": word("read.part_note", "en"),
        })  # fmt: skip

    def _whole(self, zone: str, unit: str, shapes: Mapping[str, Spot | None]) -> Any:
        """What belongs to a zone for certain, as one shape."""
        own = [
            spot.geometry
            for one, holders in self._split.items()
            if holders == [zone] and one != unit and (spot := shapes.get(one)) is not None
        ]
        return shapely.union_all(own) if own else None

    def _zone(self, zone: Finding, members: Mapping[str, list[str]]) -> None:
        identifier = self._zones[key(zone.name)]
        refs, assumed = [], False
        for unit in members[identifier]:
            part = f"part/{unit.partition('/')[2]}-{identifier.partition('/')[2]}"
            assumed |= part in self._ids
            refs.append(part if part in self._ids else unit)
        drawn = refs and all((row := self.draft.feature(ref)) and row.values.get("geometry") for ref in refs)
        values: dict[str, Any] = {
            "id": identifier, "name": zone.name, "kind": "zone", "zone": [identifier.partition("/")[2]],
            "cites": self._cites(zone),
        }  # fmt: skip
        if drawn:
            values |= {"geometry": {"union": refs}, "sources": [word(_SOURCE, "zh")]}
            if assumed:
                values |= {"note": word("read.zone_note", "zh"), "note_en": word("read.zone_note", "en")}
        else:
            values |= self._missing("read.no_boundary")
        self._add("feature", "zones", values, [self._evidence(zone)], zone)

    def _zone_finding(self, identifier: str) -> Finding | None:
        found = next((name for name, one in self._zones.items() if one == identifier), "")
        return next((one for one in self.proposals.features if key(one.name) == found), None)

    def _zone_name(self, identifier: str) -> str:
        finding = self._zone_finding(identifier)
        return finding.name if finding else identifier

    def _district(self) -> None:
        drawn = [
            unit
            for unit in self._townships.values()
            if (row := self.draft.feature(unit)) and row.values.get("geometry")
        ]
        values: dict[str, Any] = {"id": DISTRICT, "name": self.name, "kind": "district", "code": self.given.code}
        if drawn:
            values |= {"geometry": {"union": drawn}, "accuracy_m": self.given.accuracy_m, "basis": self.given.basis}
        else:
            values |= self._missing("read.no_boundary")
        self._add("feature", "townships", values)

    # ---- things

    def _thing(self, finding: Finding, kind: str) -> None:
        """A named thing, drawn only when it is accepted."""
        cites = self._cites(finding)
        if kind not in self.kinds or finding.confidence < LEAST or not cites:
            self._decide("read.decide_doubtful", finding.name, finding.clause, confidence=round(finding.confidence, 2))
            self._doubt(finding, kind, cites)
            return
        if kind == "zone":
            self._decide("read.decide_zone", finding.name, finding.clause)
            self._doubt(finding, kind, cites)
            return
        values = self._thing_values(finding, kind, cites) | {"id": self._id(kind, finding.name)}
        zone = self._zones.get(key(str(finding.fields.get("zone", ""))))
        comments = [self._evidence(finding)]
        spot, geometry = self._position(finding, kind)
        accepted = self.given.accept is not None and finding.confidence >= self.given.accept
        if geometry and accepted:
            values |= geometry
        elif geometry:
            values |= self._missing("read.not_accepted")
            proposed = {name: value for name, value in geometry.items() if name != "sources"}
            comments += [f"{name} = {written(value)}" for name, value in proposed.items()]
            self._decide("read.decide_accept", finding.name, finding.clause, how=self._how(geometry, spot))
        elif zone and accepted and self._drawn(zone):
            values |= {"geometry": {"within": zone}}
        else:
            values |= self._missing("read.no_position")
            self._decide("read.decide_position", finding.name, finding.clause)
        if self.kinds[kind]["geometry"] == "none":
            values.pop("geometry", None)
        self._add("feature", self._file_of(kind), values, comments, finding, geometry, spot)

    def _thing_values(self, finding: Finding, kind: str, cites: list[str]) -> dict[str, Any]:
        """A named thing's record without its position; the id is given later."""
        return {
            "id": "", "name": finding.name, "kind": kind,
            "aliases": [one for one in finding.fields.get("aliases", ()) if one != finding.name],
            "cites": cites, "status": finding.fields.get("status", ""),
            "lead_units": list(finding.fields.get("lead_units", ())),
        }  # fmt: skip

    def _doubt(self, finding: Finding, kind: str, cites: list[str]) -> None:
        """What a person may make of a finding that is no record yet."""
        values = self._thing_values(finding, kind if kind in self.kinds else "", cites)
        self.draft.doubtful.append(Row("feature", f"features/{self._file_of(kind)}.toml", values, [], finding))

    def _position(self, finding: Finding, kind: str) -> tuple[Spot | None, dict[str, Any]]:
        """What places a thing: the gazetteer, else the township after which it is called or that its sentence names."""
        wanted = str(self.kinds[kind]["geometry"])
        names = (finding.name, *finding.fields.get("aliases", ()))
        spot = self.given.gazetteer.named(*names, wanted=wanted, near=self._area)
        found = self._from_gazetteer(spot, wanted) if spot else {}
        if found:
            return spot, found
        stated = key(str(finding.fields.get("township", "")))
        unit = self._townships.get(stated) or self._called_after(finding.name)
        if unit and self._drawn(unit) and wanted != "none":
            return None, {"geometry": {"within": unit}}
        return None, {}

    def _called_after(self, name: str) -> str | None:
        """The one township whose name, with or without its kind, a thing's name begins with."""
        plain = key(name)
        units = [
            unit
            for township, unit in self._townships.items()
            if plain.startswith((township, stem(township))) and len(stem(township)) > 1 and plain != township
        ]
        return units[0] if len(units) == 1 else None

    def _from_gazetteer(self, spot: Spot, wanted: str) -> dict[str, Any]:
        """A place, line or shape of the gazetteer as a kind's geometry; nothing where it does not fit."""
        dimension = {"Point": 0, "MultiPoint": 0, "LineString": 1, "MultiLineString": 1}.get(spot.geometry.geom_type, 2)
        accuracy = spot.accuracy_m or 1000.0
        shape = {"file": _PLACES_FILE, "where": {"name": spot.name} | ({"at": spot.at} if spot.at else {})}
        sources = [word(_PLACES, "zh")]
        if dimension == 0:
            if wanted in ("line", "none"):
                return {}
            self.draft.places[spot.name] = spot
            place = f"place/{spot.name}"
            if wanted == "point":
                return {"geometry": {"place": spot.name}}
            around = max(accuracy, _AROUND_M)
            geometry: dict[str, Any] = {"buffer": place, "distance_m": around}
            return {"geometry": geometry, "accuracy_m": around, "basis": "schematic", "symbolic": True}
        stated = {"accuracy_m": accuracy, "basis": "schematic", "sources": sources}
        self.draft.shapes[spot.name, spot.at] = spot
        if (dimension, wanted) in ((1, "line"), (2, "polygon")):
            return {"geometry": shape, **stated}
        if (dimension, wanted) == (1, "polygon"):
            return {"geometry": {"buffer": shape, "distance_m": _ALONG_M}, **stated, "symbolic": True}
        return {}

    def _how(self, geometry: Mapping[str, Any], spot: Spot | None) -> str:
        """Where a proposed position comes from, in words."""
        unit = geometry["geometry"].get("within")
        if unit or spot is None:
            row = self.draft.feature(str(unit))
            return word("read.how_within", "zh", name=str(row.values["name"]) if row else unit)
        return matched(spot, "zh")

    def _drawn(self, identifier: str) -> bool:
        row = self.draft.feature(identifier)
        return row is not None and bool(row.values.get("geometry"))

    def _cores(self) -> None:
        """Parts of the structure that the text counts and does not name."""
        for structure in self.proposals.structure:
            for part in structure.fields.get("parts", ()):
                names = [name for name in part["names"] if name]
                if len(names) != part["count"]:
                    about = {"noun": part["noun"], "count": part["count"], "names": "、".join(names) or "—"}
                    self._decide("read.decide_structure", structure.name, structure.clause, **about)

    # ---- figures

    def _indicator(self, finding: Finding) -> None:
        fields_ = finding.fields
        table, _, row = finding.clause.rpartition("-")
        number = re.sub(r"\D", "", table) or "0"
        identifier = f"t{number}-{int(row):02d}" if row.isdecimal() else slug_of(finding.name)
        values: dict[str, Any] = {
            "id": self._free(identifier), "name": finding.name, "unit": fields_.get("unit", ""),
            "domain": fields_.get("domain") or word("read.domain", "zh"), "property": fields_.get("property", ""),
            "cites": [finding.clause],
        }  # fmt: skip
        values |= {name: dict(fields_[name]) for name in ("baseline", "target") if fields_.get(name)}
        values["flags"] = list(fields_.get("flags", ()))
        self._add("indicator", "indicators.toml", values, (), finding)

    def _review(self, finding: Finding) -> None:
        """A row of the last period's results; which way is better is a planner's to say."""
        table, _, row = finding.clause.rpartition("-")
        number = re.sub(r"\D", "", table) or "0"
        identifier = f"t{number}-{int(row):02d}" if row.isdecimal() else slug_of(finding.name)
        values: dict[str, Any] = {"id": self._free(identifier), "name": finding.name}
        values |= {name: value for name, value in finding.fields.items() if name != "flags"}
        if "sum" in finding.fields.get("flags", ()):
            values |= {"note": word("read.note_sum", "zh"), "note_en": word("read.note_sum", "en")}
        self._add("review", "review.toml", values | {"cites": [finding.clause]}, (), finding)

    def _target(self, finding: Finding) -> None:
        fields_ = finding.fields
        has_value = any(fields_.get(name) is not None for name in ("value", "low", "high")) or fields_.get("text")
        names = ("value", "low", "high", "text", "comparator", "unit", "measure", "year")
        values: dict[str, Any] = {"id": "", "name": finding.name}
        values |= {name: fields_[name] for name in names if fields_.get(name) not in (None, "")}
        values |= {"domain": self._chapter(finding.clause), "cites": self._cites(finding)}
        if not finding.name or finding.confidence < LEAST or not has_value or finding.clause.isdecimal():
            said = self.text.whole[finding.start : finding.end]
            self._decide("read.decide_target", finding.name or said, finding.clause, said=said)
            self.draft.doubtful.append(Row("target", "targets.toml", values, [], finding))
            return
        values["id"] = self._id("", finding.name, "target")
        self._add("target", "targets.toml", values, [self._evidence(finding)], finding)

    def _chapter(self, clause: str) -> str:
        """What the chapter of a clause is called, as the domain of its targets."""
        while clause in self.text.by_id and self.text.by_id[clause].part_of:
            clause = self.text.by_id[clause].part_of
        head = clause.partition(".")[0]
        found = self.text.by_id.get(head)
        return found.title[:40] if found and found.title else word("read.domain", "zh")

    # ---- parts

    def _cites(self, finding: Finding | None) -> list[str]:
        """The clauses that can be cited; a chapter's own words cannot."""
        if finding is None:
            return []
        return [cite for cite in finding.fields.get("cites", (finding.clause,)) if not cite.isdecimal()]

    def _missing(self, why: str) -> dict[str, Any]:
        return {"no_geometry": word(why, "zh"), "no_geometry_en": word(why, "en")}

    def _evidence(self, finding: Finding) -> str:
        said = " ".join(self.text.whole[finding.start : finding.end].split())
        return word(
            "read.evidence", "zh", clause=finding.clause, confidence=f"{finding.confidence:.2f}", said=said[:60]
        )

    def _file_of(self, kind: str) -> str:
        """The file of a kind's records: that of the kind's own layer group."""
        return group_of(kind)

    def _add(
        self, table: str, file: str, values: dict[str, Any], comments: Iterable[str] = (),
        finding: Finding | None = None, position: Mapping[str, Any] | None = None, spot: Spot | None = None,
    ) -> None:  # fmt: skip
        path = file if file.endswith(".toml") else f"features/{file}.toml"
        if "geometry" in values and not is_sound(values["geometry"]):
            values.pop("geometry")
            values |= self._missing("read.no_position")
        self.draft.rows.append(Row(table, path, values, list(comments), finding, position or {}, spot))

    def _decide(self, why: str, name: str, clause: str = "", **params: Any) -> None:
        self.draft.decisions.append(Decision(why, name, clause, params))

    def _id(self, kind: str, name: str, table: str = "feature") -> str:
        """The id that a name has already, else one from its pinyin."""
        for known in self.given.ids.get((kind if table == "feature" else table, key(name)), ()):
            if known not in self._ids:  # several of one name have their ids in the order of the folder
                self._ids.add(known)
                return known
        slug = slug_of(stem(name) if kind == "township" else name)
        return self._free(f"{kind}/{slug}" if kind else slug)

    def _free(self, wanted: str) -> str:
        number, identifier = 1, wanted
        while identifier in self._ids:
            number += 1
            identifier = f"{wanted}-{number}"
        self._ids.add(identifier)
        return identifier
