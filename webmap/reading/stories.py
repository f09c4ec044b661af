"""What the pages of stories say: the list, and one story step by step, each with what the map is to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from layers import words
from layers.drawing.asked import Asked
from layers.drawing.tour import asked_of, bounds_of, place_of
from layers.edition.observations import observed_years
from layers.edition.store import Bounds, Store
from layers.model.plan import ZONE
from layers.model.prose import Piece, pieces
from layers.report.story import PAPER
from webmap.reading.rows import Rows, Values
from webmap.serving.addresses import with_query


def stories_values(rows: Rows) -> Values:
    """All stories."""
    found = [
        {
            "name": words.name(story, rows.lang),
            "summary": words.said(story, rows.lang, "summary"),
            "url": rows.url("story", name),
            "count": rows.t("story.count", count=len(story["steps"])),
            "steps": [words.name(step, rows.lang, "title") for step in story["steps"]],
            "picture": _picture(rows, story["steps"][0]),
        }
        for name, story in rows.store.stories.items()
    ]
    return {"stories": found}


def story_values(rows: Rows, name: str, *, frames: bool) -> Values:
    """One story.

    Args:
        rows: The edition's look-ups.
        name: Id of the story.
        frames: Whether a map may stand in a frame.
    """
    story = rows.store.stories[name]
    count = len(story["steps"])
    steps = [_step(rows, step, number, count) for number, step in enumerate(story["steps"], start=1)]
    files = f"{rows.base}/documents/story-{name}"
    return {
        "title": words.name(story, rows.lang),
        "summary": words.said(story, rows.lang, "summary"),
        "steps": steps,
        "frame": with_query(f"{rows.base}/embed/{story['steps'][0]['view']}", lang=rows.asked) if frames else "",
        "files": [
            {"label": rows.t(f"story.as_{suffix}"), "url": with_query(f"{files}.{suffix}", lang=rows.asked)}
            for suffix in ("pdf", "pptx")
        ],
        "page_url": rows.url("story", name),
        "embed_url": with_query(f"{rows.base}/story/{name}/embed", lang=rows.asked),
        "all_url": rows.url("story"),
    }


def _step(rows: Rows, step: Mapping[str, Any], number: int, count: int) -> Values:
    title = words.name(step, rows.lang, "title")
    return {
        "id": f"step-{number}",
        "title": title,
        "place": rows.t("story.place", number=number, count=count),
        "blocks": blocks(pieces(words.said(step, rows.lang, "text"))),
        "cites": rows.cites(step.get("cites", ())),
        "picture": _picture(rows, step),
        "alt": rows.t("story.map", name=title),
        "map": state(rows.store, step),
        "map_url": _map_url(rows, step),
    }


def state(store: Store, step: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's map shows at a step, in the words of its messages (``docs/embed``)."""
    view = store.views[step["view"]]
    indicator = step.get("indicator") or view["indicator"]
    level = (step.get("level") if step.get("indicator") else view["level"]) or ZONE
    place = place_of(step)
    return {
        "view": step["view"],
        "bounds": _sides(bounds_of(store, step) or view["bounds"]),
        "layers": list(step.get("layers") or view["layers"]),
        "indicator": {"id": indicator, "level": level} if indicator else None,
        "year": step.get("year") or None,
        "select": place if place in store.index else None,
    }


def blocks(said: Sequence[Piece]) -> list[dict[str, Any]]:
    """Paragraphs and lists, for the template."""

    def kind(piece: Piece) -> str:
        return "p" if not piece.depth else "ol" if piece.number else "ul"

    found = []
    for is_, group in groupby(said, kind):
        items = [
            {"runs": piece.runs, "number": piece.number, "depth": piece.depth} for piece in group
        ]  # the runs' texts are escaped by the template
        found.append({"is": is_, "items": items})
    return found


def _picture(rows: Rows, step: Mapping[str, Any]) -> str:
    """The step's figure, as the documents have it."""
    paper = "x".join(f"{side:g}" for side in PAPER)
    return figure_url(rows.base, asked_of(rows.store, step, rows.lang, paper), rows.asked)


def figure_url(base: str, asked: Asked, lang: str | None) -> str:
    """The address of a figure."""
    return with_query(
        f"{base}/figures/{asked.view}.svg", layers=asked.layers, extent=asked.extent, indicator=asked.indicator,
        year=asked.year, select=asked.selection, paper=asked.paper, lang=lang,
    )  # fmt: skip


def _map_url(rows: Rows, step: Mapping[str, Any]) -> str:
    """The map as the step has it, to be explored."""
    shown = state(rows.store, step)
    parts = [f"layers={','.join(shown['layers'])}", f"bounds={','.join(map(str, shown['bounds']))}"]
    if shown["indicator"]:
        seen = f":quantiles:observed:{shown['year']}" if _is_observed(rows.store, shown) else ""
        parts.append(f"ind={shown['indicator']['id']}:{shown['indicator']['level']}{seen}")
    if shown["select"]:
        parts.append(f"sel={shown['select']}")
    return f"{with_query(f'{rows.base}/', view=shown['view'], lang=rows.asked)}#{'&'.join(parts)}"


def _is_observed(store: Store, shown: Mapping[str, Any]) -> bool:
    asked = shown["indicator"]
    return bool(shown["year"]) and shown["year"] in observed_years(store, asked["id"], asked["level"])


def _sides(bounds: Bounds | Iterable[Iterable[float]]) -> list[float]:
    (south, west), (north, east) = bounds
    return [west, south, east, north]
