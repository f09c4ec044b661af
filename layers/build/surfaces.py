"""Accessibility surfaces of a plan folder: their population raster read, their metadata for the edition."""

from __future__ import annotations

from typing import Any

from geo import raster
from geo.errors import GeoError
from layers.folder.reading import Faults
from layers.measure.features import Features
from layers.measure.surfaces import People, Sources, township_people
from layers.model.errors import Origin
from layers.model.plan import Plan
from layers.model.surfaces import FILE, Surfaces


def people_of(plan: Plan) -> People | None:
    """The population raster, or None where the plan has none.

    Raises:
        GeoError: ``raster.unreadable``, ``raster.no_crs``, ``raster.too_many``.
    """
    given = plan.surfaces.population if plan.surfaces is not None else None
    if given is None or not given.raster:
        return None
    return People(*raster.read_cells(plan.folder / given.raster))


def check_surfaces(plan: Plan, faults: Faults) -> None:
    """The population raster is there and can be read."""
    given = plan.surfaces.population if plan.surfaces is not None else None
    if given is None or not given.raster:
        return
    origin = Origin(FILE)
    if not (plan.folder / given.raster).is_file():
        faults.add(origin, "population.raster", "surface.raster_missing", file=given.raster)
        return
    try:
        people_of(plan)
    except GeoError as error:
        faults.add(origin, "population.raster", error.key, **error.params)


def surfaces_meta(plan: Plan, features: Features) -> dict[str, Any]:
    """What the edition says of its surfaces: definitions, and to what each measures; nothing where there are none."""
    given: Surfaces | None = plan.surfaces
    if given is None or not given.surfaces:
        return {}
    found = [one.as_meta() | _sources_meta(Sources.of(one, features)) for one in given.surfaces]
    meta: dict[str, Any] = {"cell_m": given.cell_m, "surfaces": found}
    people = given.population
    if people is not None:
        known = township_people(people, plan)
        meta["population"] = {
            "from": "raster" if people.raster else "townships", "year": people.year, "townships": len(known),
            "note": people.note, "note_en": people.note_en,
        }  # fmt: skip
    return {"surfaces": meta}


def _sources_meta(found: Sources) -> dict[str, Any]:
    return {"sources": len(found.there), "left_out": found.left_out}
