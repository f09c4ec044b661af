"""Areas and lines of a still picture as paths: what each is painted with, and what looks alike together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.drawing.names import Feature
from layers.style.passes import ORDER, Pass, ground, line_factor, own_colour, passes

DIMMED = 0.13
"""Opacity of lines and areas that step back (the page's ``.pm-dimmed``); points are left out."""


@dataclass(frozen=True)
class Look:
    """How a path is painted, in pixels at the picture's zoom; ``name`` of its pass, ``paper`` for the plan's ground."""

    name: str
    fill: str = ""
    fill_opacity: float = 1.0
    stroke: str = ""
    width: float = 0.0
    opacity: float = 1.0
    dash: str = ""


@dataclass(frozen=True)
class Stroke:
    """One path."""

    d: str
    look: Look


@dataclass
class Looks:
    """What features are painted with at a zoom level; those of one kind, status and colour alike.

    Attributes:
        statuses: Their records by id.
        zoom: The level.
        patterns: Name and colour of the patterns that fills refer to, by id.
    """

    statuses: Mapping[str, Mapping[str, Any]]
    zoom: float
    patterns: dict[str, tuple[str, str]] = field(default_factory=dict)
    _known: dict[tuple[object, ...], list[Look]] = field(default_factory=dict)

    def of(self, feature: Feature, *, grounded: bool, veiled: bool) -> list[Look]:
        """The passes of an area or a line.

        Args:
            feature: It.
            grounded: It is a piece of the ground.
            veiled: It steps back.
        """
        cells = feature.cells
        assumed, color = bool(cells.get("assumed")), own_colour(cells.get("color"))
        key = (cells.get("kind"), cells.get("status"), feature.shape, color, assumed, grounded, veiled)
        found = self._known.get(key)
        if found is None:
            status = self.statuses.get(str(cells.get("status") or ""), {})
            made = passes(feature.kind, status, feature.shape, color=color, assumed=assumed)
            made = ground(made) if grounded and feature.shape == "polygon" else made
            looks = [self._look(one, feature.shape) for one in made]
            found = self._known[key] = [_dimmed(one) for one in looks] if veiled else looks
        return found

    def _look(self, one: Pass, shape: str) -> Look:
        factor = line_factor(self.zoom)
        fill = one.fill
        if one.pattern:
            key = f"pm-first-{one.pattern}-{one.fill.removeprefix('#')}"
            self.patterns[key] = (one.pattern, one.fill)
            fill = f"url(#{key})"
        grows = min(factor, 1.3) if shape == "polygon" and one.name == "stroke" else factor
        width = one.width if one.name == "fill" else one.width * grows
        dash = " ".join(f"{step * factor:.4g}" for step in one.dash)
        return Look(one.name, fill, one.fill_opacity, one.stroke, round(width, 2), one.opacity, dash)


def _dimmed(look: Look) -> Look:
    """What a filter leaves out, as the page has it."""
    return replace(look, fill_opacity=look.fill_opacity * DIMMED, opacity=look.opacity * DIMMED)


Piece = tuple[str, Look, bool, int]
"""A path, how it is painted, whether it goes under others of its pass, and the number of its feature."""


def stacked(pieces: Iterable[Piece], bounds: NDArray[np.float64] | None) -> tuple[Stroke, ...]:
    """Paths pass by pass, so that casings never cut through a neighbour's line; what looks alike is one where it may.

    Args:
        pieces: Feature by feature.
        bounds: Box of each feature, in units: fills that are nowhere near each other are then one path, which is
            quicker to paint; None leaves every fill by itself.
    """
    ordered = sorted(pieces, key=lambda one: (ORDER.index(one[1].name), 0 if one[2] else 1))
    return tuple(_joined(ordered, bounds))


def _joined(pieces: Iterable[Piece], bounds: NDArray[np.float64] | None) -> Iterator[Stroke]:
    held: list[str] = []
    look: Look | None = None
    members: list[int] = []
    for d, own, _under, number in pieces:
        joins = look == own and own.opacity == 1 and (not own.fill or _apart(bounds, members, number))
        if not joins:
            if look is not None:
                yield Stroke("".join(held), look)
            held, members, look = [], [], own
        held.append(d)
        members.append(number)
    if look is not None:
        yield Stroke("".join(held), look)


def _apart(bounds: NDArray[np.float64] | None, members: list[int], number: int) -> bool:
    """Whether a feature's box, with room for an outline, meets none of others."""
    if bounds is None:
        return False
    own, others = bounds[number], bounds[members]
    room = 2.0
    meets = (others[:, :2] - room < own[2:]) & (others[:, 2:] + room > own[:2])
    return not meets.all(axis=1).any()
