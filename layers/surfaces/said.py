"""Surfaces in words: bands, what is measured to and how far that can be trusted, values by place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from layers import words
from layers.edition.observations import LEVELS, observations
from layers.edition.store import plain
from layers.measure.surfaces import PREFIX
from layers.model.errors import word
from layers.model.surfaces import Surface
from layers.surfaces.made import Made, unit_decimals


def said(surface: Surface, lang: str, field: str) -> str:
    """A field with an ``_en`` twin in a language."""
    return str((getattr(surface, f"{field}_en") if lang == "en" else "") or getattr(surface, field))


def limit_name(surface: Surface, limit: float, lang: str) -> str:
    """A limit as people read it: 500 米, 10 minutes."""
    return word(f"surface.limit_{surface.unit}", lang, value=f"{limit:g}")


def band_names(surface: Surface, lang: str) -> list[str]:
    """What each band is called, the nearest first."""
    ends = [limit_name(surface, limit, lang) for limit in surface.limits]
    between = [
        word("surface.band_between", lang, low=f"{low:g}", high=high)
        for low, high in zip(surface.limits, ends[1:], strict=False)
    ]
    return [word("surface.band_first", lang, high=ends[0]), *between, word("surface.band_last", lang, low=ends[-1])]


def facts(made: Made, lang: str) -> list[tuple[str, str]]:
    """Heading and text of everything that a reader has to know about a surface, the gravest first."""
    surface, store = made.surface, made.store
    kinds = [words.name(store.kinds.get(kind, {"name": kind, "id": kind}), lang) for kind in surface.kinds]
    statuses = [words.name(store.statuses.get(one, {"name": one, "id": one}), lang) for one in surface.status]
    joint = word("surface.joint", lang)
    what = joint.join(kinds) or word("surface.chosen", lang)
    if statuses:
        what = word("surface.of_status", lang, what=what, status=joint.join(statuses))
    there = len(made.sources.there)
    found = [("to", word("surface.to", lang, what=what, count=there))]
    if made.sources.left_out:
        found.append(("left_out", word("surface.left_out", lang, n=made.sources.left_out)))
    if not made.there:
        found.insert(0, ("nothing", word("surface.nothing_said", lang)))
        return [(word(f"surface.head_{name}", lang), text) for name, text in found]
    if surface.speed_kmh is not None:
        text = word("surface.speed", lang, speed=f"{surface.speed_kmh:g}", detour=f"{surface.detour:g}")
        reach = joint.join(
            word("surface.reach", lang, limit=limit_name(surface, one, lang), metres=f"{surface.metres(one):,.0f}")
            for one in surface.limits
        )
        close = "." if lang == "en" else "。"
        found.append(("assumption", _sentences([said(surface, lang, "assumption"), text, f"{reach}{close}"], lang)))
    found.append(("accuracy", _accuracy(made, lang)))
    found.append(("method", word("surface.method", lang, cell=f"{made.cell_m:g}", crs=made.plane.name)))
    if any(one.endswith("_people") for one in columns(made)):
        found.append(("people", _people(made, lang)))
    if surface.note:
        found.append(("note", said(surface, lang, "note")))
    return [(word(f"surface.head_{name}", lang), text) for name, text in found]


def _people(made: Made, lang: str) -> str:
    """Whose people are counted, and how they are spread."""
    given = made.store.edition.meta["surfaces"].get("population") or {}
    year = word("surface.people_year", lang, year=str(given["year"])) if given.get("year") else ""
    text = word(f"surface.people_{given.get('from', 'townships')}", lang, year=year)
    return _sentences([text, words.said(given, lang, "note")], lang)


def caution(made: Made, lang: str) -> str:
    """What has to stand beside the legend: the assumption, and that positions are schematic."""
    parts = [said(made.surface, lang, "assumption")] if made.surface.speed_kmh is not None else []
    return _sentences([*parts, *_doubts(made, lang)], lang)


def _sentences(parts: Sequence[str], lang: str) -> str:
    """Sentences one after the other, as the language does it."""
    return (" " if lang == "en" else "").join(part for part in parts if part)


def _doubts(made: Made, lang: str) -> list[str]:
    """Why the surface is no better than its sources."""
    first = made.surface.metres(made.surface.limits[0])
    found = [] if made.sure else [word("surface.schematic", lang)]
    if made.accuracy_m is not None and made.accuracy_m > first:
        found.append(word("surface.finer", lang, metres=f"{made.accuracy_m:,.0f}"))
    return found


def _accuracy(made: Made, lang: str) -> str:
    """How far the sources can be trusted, and so the surface."""
    names = made.store.bases
    bases = word("surface.joint", lang).join(
        word("surface.basis", lang, name=words.name(names.get(basis, {"name": basis, "id": basis}), lang), count=count)
        for basis, count in made.bases.items()
    )
    parts = [word("surface.accuracy", lang, bases=bases)]
    if made.accuracy_m is not None:
        parts.append(word("surface.accuracy_worst", lang, metres=f"{made.accuracy_m:,.0f}"))
    return _sentences([*parts, *_doubts(made, lang)], lang)


def indicator_ids(made: Made) -> list[str]:
    """Ids of the surface's indicators that the edition has, in its order."""
    start = f"{PREFIX}_{made.surface.id}_"
    ends = [f"{limit:g}{made.surface.unit}{end}" for limit in made.surface.limits for end in ("", "_people")]
    own = {f"{start}{end}" for end in (*ends, "mean")}
    return [one for one in made.store.indicator_ids if one in own]


def columns(made: Made) -> list[str]:
    """The surface's indicators in the order of a table: shares of area, of people, the mean."""
    start, have = f"{PREFIX}_{made.surface.id}_", set(indicator_ids(made))
    names = [f"{start}{limit:g}{made.surface.unit}" for limit in made.surface.limits]
    wanted = [*names, *(f"{name}_people" for name in names), f"{start}mean"]
    return [name for name in wanted if name in have]


def column_name(made: Made, indicator: str, lang: str) -> str:
    """What a column of the table is called."""
    surface = made.surface
    if indicator.endswith("_mean"):
        return word("surface.column_mean", lang, unit=word(f"surface.unit_{surface.unit}", lang))
    people = indicator.endswith("_people")
    end = indicator.removesuffix("_people").rpartition("_")[2].removesuffix(surface.unit)
    key = "surface.column_people" if people else "surface.column_area"
    return word(key, lang, limit=limit_name(surface, float(end), lang))


def places(made: Made) -> list[dict[str, Any]]:
    """Values by place as records ``level, place, name, name_en, assumed, values`` (by indicator)."""
    store = made.store
    found: dict[str, dict[str, Any]] = {}
    for indicator in columns(made):
        for level in LEVELS:
            for row in observations(store, indicator, level):
                place = str(row["place"])
                name, name_en = store.name_of(place)
                one = found.setdefault(
                    place, {"level": level, "place": place, "name": name, "name_en": name_en, "assumed": False,
                            "values": {}}
                )  # fmt: skip
                one["values"][indicator] = plain(row.get("value"))
                one["assumed"] |= bool(plain(row.get("flag")))
    return sorted(found.values(), key=lambda one: LEVELS.index(one["level"]))


def table(made: Sequence[Made], lang: str) -> list[dict[str, Any]]:
    """Values of some surfaces as rows of a file, a row a place, headings in a language; None where nothing is known."""
    rows: dict[str, dict[str, Any]] = {}
    for one in made:
        for place in places(one):
            row = rows.setdefault(
                place["place"],
                {
                    word("surface.column_level", lang): word(f"surface.level_{place['level']}", lang),
                    word("surface.column_id", lang): place["place"],
                    word("surface.column_place", lang): place["name_en"] if lang == "en" else place["name"],
                    word("surface.column_assumed", lang): word("surface.yes", lang) if place["assumed"] else "",
                },
            )
            colon = ": " if lang == "en" else "："
            row |= {
                f"{said(one.surface, lang, 'name')}{colon}{column_name(one, name, lang)}": place["values"].get(name)
                for name in columns(one)
            }
    return list(rows.values())


def as_json(made: Made) -> dict[str, Any]:
    """A surface for programs."""
    surface = made.surface
    return surface.as_meta() | {
        "unit": surface.unit,
        "made": made.there,
        "sources": [str(one) for one in made.sources.there["id"]],
        "left_out": made.sources.left_out,
        "bases": dict(made.bases),
        "accuracy_m": made.accuracy_m,
        "schematic": not made.sure,
        "cell_m": made.cell_m,
        "reach_m": [round(surface.metres(limit), 1) for limit in surface.limits],
        "bands": band_names(surface, "en"),
        "colours": made.colours if made.there else [],
        "indicators": columns(made),
        "places": places(made),
    }


def shown_value(value: float | None, indicator: str, surface: Surface) -> str:
    """A value as people read it."""
    if value is None or math.isnan(value):
        return words.NONE
    decimals = unit_decimals(surface) if indicator.endswith("_mean") else 1
    return words.number(value, decimals)


def headings(made: Made, lang: str) -> Sequence[str]:
    """Headings of a table in a terminal or on a page: the place, then the columns."""
    return [word("surface.column_place", lang), *(column_name(made, one, lang) for one in columns(made))]
