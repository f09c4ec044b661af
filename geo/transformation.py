"""Transformations of the plane from pixels to metres: similarity, affine, polynomials, thin-plate spline.

Pixels count from the outer corner of the picture's first pixel, x to the right and y down, as GDAL's geotransforms do:
the middle of the first pixel is (0.5, 0.5). Ground is metres east and north of a metric CRS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.errors import GeoError

Array = np.ndarray[Any, Any]

LEAST = {"similarity": 2, "affine": 3, "polynomial2": 6, "polynomial3": 10, "tps": 3}
"""The transformations, each with the number of points that it needs."""
PARAMETERS = {"similarity": 4, "affine": 6, "polynomial2": 12, "polynomial3": 20, "tps": 6}
"""Free numbers of each, for both axes; of a spline those of its affine part."""
_ORDER = {"affine": 1, "polynomial2": 2, "polynomial3": 3}
_RANK = 1e-9
"""Singular values below this part of the largest are none."""
_ROUNDS = 30
_CLOSE = 1e-10
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Transformation:
    """A transformation with its numbers; made by `solve`.

    Attributes:
        kind: A key of ``LEAST``.
        middle: What is taken from pixels before they are divided by ``size``, (2,).
        size: Pixels to numbers about one.
        origin: What is added to the result, metres (2,).
        coefficients: One row a term, one column an axis, metres.
        knots: Points of a spline in the scaled plane, (k, 2); none of the others.
    """

    kind: str
    middle: Array
    size: float
    origin: Array
    coefficients: Array
    knots: Array

    def ground(self, pixels: Any) -> Array:
        """Metres of pixels.

        Args:
            pixels: (n, 2), x right and y down.

        Returns:
            (n, 2), metres east and north.

        Example:
            >>> given = [[0, 0], [100, 0], [0, 100]]
            >>> t = solve(given, [[500, 900], [700, 900], [500, 700]], "affine")
            >>> t.ground([[50, 50]]).round(6).tolist()
            [[600.0, 800.0]]
        """
        scaled = (_pairs(pixels) - self.middle) / self.size
        parts = np.array_split(scaled, max(1, -(-len(scaled) // _AT_ONCE)))
        return np.vstack([self._terms(part)[0] @ self.coefficients for part in parts]) + self.origin

    def slopes(self, pixels: Any) -> Array:
        """How the ground changes with the pixels: (n, 2, 2), metres a pixel, rows east and north, columns x and y."""
        scaled = (_pairs(pixels) - self.middle) / self.size
        _, by_x, by_y = self._terms(scaled)
        return np.stack([by_x @ self.coefficients, by_y @ self.coefficients], axis=-1) / self.size

    def pixels(self, ground: Any) -> Array:
        """Pixels of metres: the inverse, by Newton's method from the affine part.

        Args:
            ground: (n, 2), metres east and north.

        Returns:
            (n, 2); NaN where the method finds none.
        """
        wanted = _pairs(ground)
        found = self._first_guess(wanted)
        for _ in range(_ROUNDS):
            short = wanted - self.ground(found)
            slopes = self.slopes(found)
            flat = np.abs(np.linalg.det(slopes)) < 1e-12
            slopes[flat] = np.eye(2)
            step = np.linalg.solve(slopes, short[..., None])[..., 0]
            step[flat] = np.nan
            found = found + step
            if not np.any(np.abs(step) > _CLOSE * self.size):
                break
        lost = ~(np.hypot(*(wanted - self.ground(found)).T) < 1e-6 * self.size * self.pixel_m())
        found[lost] = np.nan
        return found

    def pixel_m(self) -> float:
        """Metres of one pixel in the middle of the points, as the side of a square of the same area."""
        return float(np.sqrt(abs(np.linalg.det(self.slopes(self.middle[None])[0]))))

    def _first_guess(self, wanted: Array) -> Array:
        slopes = self.slopes(self.middle[None])[0]
        if abs(np.linalg.det(slopes)) < 1e-12:
            raise GeoError("control.flat")
        return self.middle + (wanted - self.ground(self.middle[None])) @ np.linalg.inv(slopes).T

    def _terms(self, scaled: Array) -> tuple[Array, Array, Array]:
        """The terms at points of the scaled plane, and how they change with x and with y."""
        if self.kind == "similarity":
            return _similarity(scaled)
        if self.kind == "tps":
            return _spline(scaled, self.knots)
        return _polynomial(scaled, _ORDER[self.kind])


def solve(pixels: Any, ground: Any, kind: str = "affine") -> Transformation:
    """The transformation that fits control points best: least squares; a spline goes through them.

    Args:
        pixels: (n, 2), x right and y down from the picture's outer corner.
        ground: (n, 2), metres of a metric CRS.
        kind: A key of ``LEAST``.

    Returns:
        Polynomials as GDAL's ``GCP_POLYNOMIAL`` of the same order, ``tps`` as its ``GCP_TPS`` (Bookstein 1989: sum of
        r² log r over the points plus an affine part, weights that sum to nothing).

    Raises:
        GeoError: ``control.kind``, ``control.number``, ``control.too_few``, or ``control.degenerate`` where points
            lie on a line or one over the other.
    """
    if kind not in LEAST:
        raise GeoError("control.kind", value=kind, known=list(LEAST))
    pixels, ground = _pairs(pixels), _pairs(ground)
    if len(pixels) != len(ground) or not (np.isfinite(pixels).all() and np.isfinite(ground).all()):
        raise GeoError("control.number")
    if len(pixels) < LEAST[kind]:
        raise GeoError("control.too_few", count=len(pixels), kind=kind, wanted=LEAST[kind])
    middle, origin = pixels.mean(axis=0), ground.mean(axis=0)
    size = float(np.abs(pixels - middle).max()) or 1.0
    scaled, metres = (pixels - middle) / size, ground - origin
    knots = scaled if kind == "tps" else np.empty((0, 2))
    shape = Transformation(kind, middle, size, origin, np.empty((0, 2)), knots)
    if kind == "similarity":
        coefficients = _solve_similarity(scaled, metres)
    elif kind == "tps":
        coefficients = _solve_spline(scaled, metres)
    else:
        coefficients = _least_squares(shape._terms(scaled)[0], metres)
    return Transformation(kind, middle, size, origin, coefficients, knots)


def _least_squares(terms: Array, wanted: Array) -> Array:
    coefficients, _, rank, sizes = np.linalg.lstsq(terms, wanted, rcond=None)
    if rank < terms.shape[1] or sizes[-1] < _RANK * sizes[0]:
        raise GeoError("control.degenerate")
    return np.asarray(coefficients)


def _solve_similarity(scaled: Array, metres: Array) -> Array:
    """Turn, scale and move; the picture's y goes down, so that it is turned over first.

    East = a·x − b·(−y) + c and north = b·x + a·(−y) + d, written on the terms 1, x, y for each axis.
    """
    x, up, one, none = scaled[:, 0], -scaled[:, 1], np.ones(len(scaled)), np.zeros(len(scaled))
    terms = np.vstack([np.column_stack([x, -up, one, none]), np.column_stack([up, x, none, one])])
    a, b, c, d = _least_squares(terms, np.concatenate([metres[:, 0], metres[:, 1]])[:, None])[:, 0]
    return np.array([[c, d], [a, b], [b, -a]])


def _solve_spline(scaled: Array, metres: Array) -> Array:
    count = len(scaled)
    apart = np.hypot(*(scaled[:, None] - scaled[None]).transpose(2, 0, 1))
    if (apart[~np.eye(count, dtype=bool)] < 1e-9).any():
        raise GeoError("control.degenerate")
    affine = np.column_stack([np.ones(count), scaled])
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(apart**2)
    system[:count, count:], system[count:, :count] = affine, affine.T
    if np.linalg.svd(affine, compute_uv=False)[-1] < _RANK:
        raise GeoError("control.degenerate")
    try:
        solved = np.linalg.solve(system, np.vstack([metres, np.zeros((3, 2))]))
    except np.linalg.LinAlgError as error:
        raise GeoError("control.degenerate") from error
    return np.vstack([solved[count:], solved[:count]])


def _similarity(scaled: Array) -> tuple[Array, Array, Array]:
    return _polynomial(scaled, 1)


def _polynomial(scaled: Array, order: int) -> tuple[Array, Array, Array]:
    """1, x, y, x², xy, y², … with their slopes."""
    x, y = scaled.T
    powers = [(total - down, down) for total in range(order + 1) for down in range(total + 1)]
    values = np.column_stack([x**i * y**j for i, j in powers])
    by_x = np.column_stack([i * x ** max(i - 1, 0) * y**j for i, j in powers])
    by_y = np.column_stack([j * x**i * y ** max(j - 1, 0) for i, j in powers])
    return values, by_x, by_y


def _spline(scaled: Array, knots: Array) -> tuple[Array, Array, Array]:
    """1, x, y, then r² log r² of each knot; half of the usual logarithm, which the weights take up."""
    one, none = np.ones(len(scaled)), np.zeros(len(scaled))
    away = scaled[:, None] - knots[None]
    square = (away**2).sum(axis=-1)
    steep = 2 * (_logarithm(square) + 1)
    values = np.column_stack([one, scaled, _kernel(square)])
    by_x = np.column_stack([none, one, none, steep * away[..., 0]])
    by_y = np.column_stack([none, none, one, steep * away[..., 1]])
    return values, by_x, by_y


def _logarithm(square: Array) -> Array:
    return np.log(np.where(square > 0, square, 1.0))


def _kernel(square: Array) -> Array:
    return square * _logarithm(square)


def _pairs(values: Any) -> Array:
    found = np.asarray(values, dtype=float)
    return found.reshape(-1, 2) if found.size else np.empty((0, 2))
