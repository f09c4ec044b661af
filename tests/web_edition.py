"""The edition of the invented district of ``trial_folder``, as the builder makes it; and a hostile one."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from trial_folder import write_trial_plan

from layers.build.assemble import build
from layers.edition.file import Edition

HOSTILE = "<img src=x onerror=window.__pwned=1>`${window.__pwned=1}`</script><!--\u2028\u202e"


@cache
def _built(*, figures: bool) -> Edition:
    """Built once in a process: that takes half a second."""
    with tempfile.TemporaryDirectory() as folder:
        return build(write_trial_plan(Path(folder), figures=figures))


def make_edition(*, with_figures: bool = False, **changes: Any) -> Edition:
    """The edition, free to be changed.

    Args:
        with_figures: With targets, the review of the last period and claims.
        changes: Replace its meta, layers, indicators, observations or figures.
    """
    edition = _built(figures=with_figures)
    return Edition(
        **{
            "meta": copy.deepcopy(dict(edition.meta)),
            "layers": {name: frame.copy() for name, frame in edition.layers.items()},
            "indicators": edition.indicators.copy(),
            "observations": edition.observations.copy(),
            "figures": {name: frame.copy() for name, frame in edition.figures.items()},
            "styles": edition.styles.copy(),
            **changes,
        }
    )


def figures_edition() -> Edition:
    """The edition with figures and with offices that lead."""
    return make_edition(with_figures=True)


def hostile_edition() -> Edition:
    """The same edition with every text a person could have written replaced by something hostile."""
    edition = make_edition()
    for frame in edition.layers.values():
        for column in ("name", "name_en", "note", "note_en", "lead_units", "code", "color"):
            frame[column] = HOSTILE
        frame["aliases"] = f"{HOSTILE};{'长' * 10_000}"
        frame.loc[frame["no_geometry"] != "", ["no_geometry", "no_geometry_en"]] = HOSTILE
    meta = copy.deepcopy(edition.meta)
    for field in ("title", "title_en", "short_title", "short_title_en", "period"):
        meta["plan"][field] = HOSTILE
    for table in ("layers", "groups", "views", "statuses", "bases"):
        for record in meta[table]:
            record["name"] = record["name_en"] = HOSTILE
    for source in meta["sources"]:
        source |= dict.fromkeys(("title", "title_en", "licence", "attribution", "note"), HOSTILE)
    edition = replace(edition, meta=meta)
    for frame in (edition.indicators, edition.observations):
        for column in (
            "name",
            "name_en",
            "unit",
            "unit_en",
            "domain",
            "domain_en",
            "formula",
            "note",
            "note_en",
            "text",
            "text_en",
            "target_text",
        ):
            if column in frame.columns:
                frame[column] = HOSTILE
    return edition


def hostile_figures() -> Edition:
    """The hostile edition, its figures hostile too."""
    edition = hostile_edition()
    figures = dict(figures_edition().figures)
    texts = (
        "name",
        "name_en",
        "unit",
        "unit_en",
        "domain",
        "domain_en",
        "note",
        "note_en",
        "reason",
        "reason_en",
        "text",
        "goal_text",
        "lead_units",
    )
    for frame in figures.values():
        for column in texts:
            if column in frame.columns:
                frame[column] = HOSTILE
    return Edition(edition.meta, edition.layers, edition.indicators, edition.observations, figures)
