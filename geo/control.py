"""Control points of a scanned map: the fit, its errors, what to doubt, and how accurate that is which is read off.

Pure arithmetic on pixels and metres of a metric CRS; transformations are those of `geo.transformation`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.errors import GeoError
from geo.transformation import LEAST, PARAMETERS, Array, Transformation, solve

MOST_POINTS = 500
"""More control points than this are refused: each is left out once."""
MARGIN = 0.8
"""A transformation of more freedom must bring the error at held-back points below this part of the affine one's."""
SCALE_TOLERANCE = 0.05
_COLLINEAR = 0.08
_CLUSTERED = 0.2
_SAME_PX = 1.0
_SAME_M = 0.5
_SWAPPED = 0.25
_MOST_PAIRS = 40
_FINE_PX = 0.25
"""Errors below this part of a pixel are nobody's mistake."""
_CONFIDENCE = 0.95
_ONE_SIDED = 1.6449
"""The 95 % quantile of the normal distribution."""


@dataclass(frozen=True)
class Sheet:
    """What is known of a scan beside its points.

    Attributes:
        width: Pixels.
        height: Pixels.
        dpi: Pixels an inch of paper, or None.
        scale: The printed scale's denominator (50 000 of 1:50 000), or None.
        line_px: Width of the lines that are read off, pixels.
    """

    width: int
    height: int
    dpi: float | None = None
    scale: float | None = None
    line_px: float = 0.0


@dataclass(frozen=True)
class Fit:
    """A transformation with what is known of its errors.

    Attributes:
        residuals_m: East and north, fitted minus given, metres (n, 2).
        residuals_px: The same in pixels, x right and y down (n, 2).
        left_out_m: The error at each point when it is left out of the fit (n, 2); None with too few points.
        own_m: Stated accuracy of the control points themselves, root mean square, metres.
        line_m: Width of the lines that are read off, metres.
        accuracy_m: Of anything read off the sheet, see `stated_accuracy`; None where nothing can be said.
        scale: Denominator of the scale that the fit gives, or None without dpi.
        turned: Degrees by which the sheet's up is turned from north, clockwise.
        doubts: What should be looked at.
    """

    transformation: Transformation
    residuals_m: Array
    residuals_px: Array
    left_out_m: Array | None
    own_m: float
    line_m: float
    accuracy_m: float | None
    scale: float | None
    turned: float
    doubts: tuple[GeoError, ...]

    @property
    def rmse_m(self) -> float:
        """Root mean square of the residuals, metres; nothing of a spline, which goes through its points."""
        return rms(self.residuals_m)

    @property
    def left_out_rmse_m(self) -> float | None:
        """Root mean square of the errors at points that were left out, metres."""
        return None if self.left_out_m is None else rms(self.left_out_m)


def fit(
    pixels: Any, ground: Any, kind: str, sheet: Sheet, own_m: Sequence[float] = (), names: Sequence[str] = ()
) -> Fit:
    """Fit control points, with errors and doubts.

    Args:
        pixels: (n, 2), x right and y down from the picture's outer corner.
        ground: (n, 2), metres of a metric CRS.
        kind: A key of ``geo.transformation.LEAST``.
        sheet: Size, resolution and scale of the picture.
        own_m: Accuracy of each point's coordinate, metres; none: exact.
        names: What doubts call the points; none: their numbers from 1.

    Raises:
        GeoError: ``control.too_many``, ``control.outside``, and those of `solve`.
    """
    pixels, ground = np.asarray(pixels, dtype=float).reshape(-1, 2), np.asarray(ground, dtype=float).reshape(-1, 2)
    names = list(names) or [str(number) for number in range(1, len(pixels) + 1)]
    if len(pixels) > MOST_POINTS:
        raise GeoError("control.too_many", count=len(pixels), limit=MOST_POINTS)
    for name, (x, y) in zip(names, pixels, strict=True):
        if not (0 <= x <= sheet.width and 0 <= y <= sheet.height):
            raise GeoError(
                "control.outside", point=name, px=float(x), py=float(y), width=sheet.width, height=sheet.height
            )
    found = solve(pixels, ground, kind)
    residuals = found.ground(pixels) - ground
    errors = left_out(pixels, ground, kind)
    own, line = rms(np.asarray(own_m, dtype=float)[:, None]) if len(own_m) else 0.0, sheet.line_px * found.pixel_m()
    slopes = found.slopes(pixels)
    flat = np.abs(np.linalg.det(slopes)) < 1e-12
    if flat.any():
        raise GeoError("control.flat")
    in_pixels = np.linalg.solve(slopes, residuals[..., None])[..., 0]
    scale = None if sheet.dpi is None else found.pixel_m() * sheet.dpi / 0.0254
    doubts = _doubts(pixels, ground, found, errors, sheet, scale, names)
    accuracy = None if errors is None else stated_accuracy(errors, PARAMETERS[kind], own, line)
    return Fit(found, residuals, in_pixels, errors, own, line, accuracy, scale, turned(found), tuple(doubts))


def rms(errors: Array) -> float:
    """Root mean square of the lengths of errors.

    Example:
        >>> rms(np.array([[3.0, 4.0], [0.0, 5.0]]))
        5.0
    """
    return float(np.sqrt((np.asarray(errors, dtype=float) ** 2).sum(axis=1).mean()))


def left_out(pixels: Any, ground: Any, kind: str) -> Array | None:
    """The error at each control point of the fit that was made without it.

    Residuals shrink with every parameter and are nothing at all for a spline; this does not: it is what happens at a
    point that the fit has not seen.

    Returns:
        Metres east and north, (n, 2); None where the points are too few to leave one out, or the rest are on a line.
    """
    pixels, ground = np.asarray(pixels, dtype=float), np.asarray(ground, dtype=float)
    if len(pixels) <= LEAST[kind]:
        return None
    errors = np.empty_like(ground)
    every = np.arange(len(pixels))
    for number in every:
        rest = every != number
        try:
            without = solve(pixels[rest], ground[rest], kind)
        except GeoError:
            return None
        errors[number] = without.ground(pixels[number : number + 1])[0] - ground[number]
    return errors


def stated_accuracy(errors: Array, parameters: int, own_m: float = 0.0, line_m: float = 0.0) -> float | None:
    """How far off, at 95 %, a thing may be that is read off the sheet.

    A = √((k·R)² + c² + (w/2)²), where R is the root mean square of the errors at points left out, c the accuracy of the
    control points' own coordinates, w the width of the lines that are read off (their middle may be anywhere in them),
    and k takes R to 95 %: of two independent normal errors k = √(−ln 0.05) = 1.7308 (FGDC-STD-007.3-1998, NSSDA) when R
    is known well. From few points R itself is uncertain: it is taken as large as it may be at a confidence of 95 %,
    R·√(v/χ²), with v = 2n − parameters and χ² the 5 % quantile of that many degrees of freedom (a tolerance interval as
    in ISO 16269-6; the quantile by Wilson and Hilferty 1931, v·(1 − 2/(9v) − 1.6449·√(2/(9v)))³).

    Args:
        errors: Metres, (n, 2), from `left_out`.
        parameters: Free numbers of the transformation.
        own_m: c, metres.
        line_m: w, metres.

    Returns:
        Metres; None where there are no more numbers than parameters.

    Example:
        Ten points, affine: v = 14, χ² = 6.56 (6.57 in tables), k = 1.7308·√(14/6.56) = 2.53.

        >>> round(stated_accuracy(np.array([[3.0, 4.0]] * 10), 6), 1)
        12.6
        >>> round(stated_accuracy(np.array([[3.0, 4.0]] * 500_000), 6), 2)
        8.66
    """
    free = 2 * len(errors) - parameters
    if free <= 0:
        return None
    spread = 2 / (9 * free)
    quantile = free * (1 - spread - _ONE_SIDED * math.sqrt(spread)) ** 3
    factor = math.sqrt(-math.log(1 - _CONFIDENCE) * free / quantile)
    return math.sqrt((factor * rms(errors)) ** 2 + own_m**2 + (line_m / 2) ** 2)


def compare(pixels: Any, ground: Any) -> dict[str, float]:
    """The error at held-back points, root mean square in metres, of each transformation that can leave one out."""
    found = {}
    for kind in LEAST:
        try:
            errors = left_out(pixels, ground, kind)
        except GeoError:
            continue
        if errors is not None:
            found[kind] = rms(errors)
    return found


def better(errors: dict[str, float]) -> list[str]:
    """The transformations of more freedom that `compare` has found worth offering: held-back points get better.

    Args:
        errors: From `compare`.

    Returns:
        Of polynomials and spline those whose error is below ``MARGIN`` of the affine one's, the best first.

    Example:
        >>> better({"affine": 10.0, "polynomial2": 9.0, "tps": 4.0})
        ['tps']
    """
    affine = errors.get("affine")
    if affine is None:
        return []
    kinds = [one for one in ("polynomial2", "polynomial3", "tps") if errors.get(one, math.inf) < MARGIN * affine]
    return sorted(kinds, key=lambda one: errors[one])


def turned(found: Transformation) -> float:
    """Degrees by which the sheet's up is turned from north, clockwise positive, −180 to 180."""
    east, north = found.slopes(found.middle[None])[0] @ np.array([0.0, -1.0])
    return math.degrees(math.atan2(east, north))


def _doubts(
    pixels: Array, ground: Array, found: Transformation, errors: Array | None, sheet: Sheet, scale: float | None,
    names: Sequence[str],
) -> list[GeoError]:  # fmt: skip
    """Everything that makes a fit doubtful, each with what it was found in."""
    doubts = [*_twice(pixels, ground, names), *_spread(pixels, sheet)]
    if errors is None:
        doubts.append(GeoError("control.no_check", count=len(pixels), kind=found.kind, wanted=LEAST[found.kind] + 1))
    if np.linalg.det(found.slopes(found.middle[None])[0]) > 0:
        doubts.append(GeoError("control.mirrored"))
    elif abs(turned(found)) > 90:
        doubts.append(GeoError("control.upside_down", degrees=round(turned(found))))
    if _folds(found, sheet):
        doubts.append(GeoError("control.folds", kind=found.kind))
    if scale is not None and sheet.scale is not None and abs(scale / sheet.scale - 1) > SCALE_TOLERANCE:
        doubts.append(GeoError("control.scale", printed=round(sheet.scale), fitted=round(scale),
                               percent=round(abs(scale / sheet.scale - 1) * 100)))  # fmt: skip
    fine = _FINE_PX * found.pixel_m()
    pair = _swapped(pixels, ground, fine)
    if pair is not None:
        doubts.append(GeoError("control.swapped", first=names[pair[0]], second=names[pair[1]]))
    elif errors is not None and (worst := _outlier(pixels, ground, found.kind, errors, fine)) is not None:
        number, before, after = worst
        doubts.append(
            GeoError("control.outlier", point=names[number], before_m=round(before, 1), after_m=round(after, 1))
        )
    if errors is not None and found.kind not in ("similarity", "affine"):
        plain = left_out(pixels, ground, "affine")
        if plain is not None and rms(errors) > MARGIN * rms(plain):
            doubts.append(GeoError("control.needless", kind=found.kind, error_m=round(rms(errors), 1),
                                   affine_m=round(rms(plain), 1)))  # fmt: skip
    return doubts


def _twice(pixels: Array, ground: Array, names: Sequence[str]) -> list[GeoError]:
    """Points that stand twice: in the picture, or on the ground."""
    found = []
    for first in range(len(pixels)):
        for second in range(first + 1, len(pixels)):
            near = np.hypot(*(pixels[first] - pixels[second])) < _SAME_PX
            same = np.hypot(*(ground[first] - ground[second])) < _SAME_M
            if near or same:
                found.append(GeoError("control.twice", first=names[first], second=names[second]))
    return found[:5]


def _spread(pixels: Array, sheet: Sheet) -> list[GeoError]:
    """Points on a line, or in a corner of the sheet."""
    if len(pixels) < 3:
        return []
    sizes = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
    if sizes[1] < _COLLINEAR * sizes[0]:
        return [GeoError("control.collinear")]
    share = shapely.convex_hull(shapely.MultiPoint(pixels)).area / (sheet.width * sheet.height)
    return [GeoError("control.clustered", percent=round(share * 100))] if share < _CLUSTERED else []


def _folds(found: Transformation, sheet: Sheet) -> bool:
    """Whether the picture is turned over somewhere: two of its places lie on one of the ground's."""
    if found.kind in ("similarity", "affine"):
        return False
    across, down = np.meshgrid(np.linspace(0, sheet.width, 24), np.linspace(0, sheet.height, 24))
    signs = np.sign(np.linalg.det(found.slopes(np.column_stack([across.ravel(), down.ravel()]))))
    return len(np.unique(signs)) > 1


def _swapped(pixels: Array, ground: Array, fine: float) -> tuple[int, int] | None:
    """Two points whose coordinates, exchanged, make the affine errors a quarter of what they are; or None."""
    if not 5 <= len(pixels) <= _MOST_PAIRS:
        return None
    now = _affine_rms(pixels, ground)
    if now < fine:
        return None
    best, pair = now, None
    for first in range(len(pixels)):
        for second in range(first + 1, len(pixels)):
            turned_round = ground.copy()
            turned_round[[first, second]] = ground[[second, first]]
            error = _affine_rms(pixels, turned_round)
            if error < best:
                best, pair = error, (first, second)
    return pair if best < _SWAPPED * now else None


def _affine_rms(pixels: Array, ground: Array) -> float:
    terms = np.column_stack([np.ones(len(pixels)), pixels])
    return rms(terms @ np.linalg.lstsq(terms, ground, rcond=None)[0] - ground)


def _outlier(pixels: Array, ground: Array, kind: str, errors: Array, fine: float) -> tuple[int, float, float] | None:
    """The point without which the error is less than half: its number, the error with it and without; or None."""
    before = rms(errors)
    if before < fine:
        return None
    order = np.argsort(-np.hypot(*errors.T))[:5]
    found: tuple[int, float, float] | None = None
    for number in order.tolist():
        rest = np.arange(len(pixels)) != number
        after = left_out(pixels[rest], ground[rest], kind)
        if after is not None and rms(after) < 0.5 * before and (found is None or rms(after) < found[2]):
            found = (number, before, rms(after))
    return found
