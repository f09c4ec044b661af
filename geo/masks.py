"""Masks of pixels: grown, shrunk, closed, opened, and divided among two that grow towards each other."""

from __future__ import annotations

import numpy as np

from geo.picture import Array


def grown(mask: Array, radius: int) -> Array:
    """A mask with all pixels whose square of a radius touches it.

    Example:
        >>> grown(np.array([[False, False, False, True]]), 2)[0].tolist()
        [False, True, True, True]
    """
    for axis in (0, 1):
        mask = _along(mask, radius, axis)
    return mask


def _along(mask: Array, radius: int, axis: int) -> Array:
    """Grown along one axis, by steps that double: a bit a pixel and no sums, so that large pictures fit."""
    padding = [(0, 0), (0, 0)]
    padding[axis] = (radius, radius)
    wide = np.moveaxis(np.pad(mask, padding), axis, 0)
    reach, wanted = 1, 2 * radius + 1
    while reach < wanted:
        step = min(reach, wanted - reach)
        wide = wide[:-step] | wide[step:]
        reach += step
    return np.moveaxis(wide, 0, axis)


def shrunk(mask: Array, radius: int) -> Array:
    """A mask without the pixels whose square of a radius is not all of it; beyond the picture it goes on."""
    return ~grown(~mask, radius)


def closed(mask: Array, radius: int) -> Array:
    """A mask grown by a square of a radius and shrunk again: gaps up to twice the radius are bridged."""
    return shrunk(grown(np.pad(mask, radius), radius), radius)[radius:-radius, radius:-radius]


def opened(mask: Array, radius: int) -> Array:
    """A mask shrunk by a square of a radius and grown again: what is no wider than twice the radius goes.

    Example:
        >>> thin = np.zeros((9, 20), dtype=bool)
        >>> thin[2:7, :10] = True
        >>> thin[4:6, 10:] = True
        >>> int(opened(thin, 2).sum())
        50
    """
    return grown(shrunk(mask, radius), radius)


def thick(mask: Array, radius: int) -> Array:
    """A mask without what is no wider than twice a radius, corners and all: opened, then grown back inside the mask.

    Growing back stops after as many steps as the radius has pixels, so that it does not follow a thin strip far.
    """
    found = opened(mask, radius)
    for number in range(radius):
        found = _beside(found, corners=number % 2 == 1) & mask
    return found


def divided(own: Array, others: Array, steps: int) -> Array:
    """What is known, grown over what is not: both sides by one pixel a step; what both reach is nobody's first."""
    own, others = own.copy(), others.copy()
    for number in range(steps):
        free = ~(own | others)
        if not free.any():
            break
        more, less = (_beside(one, corners=number % 2 == 1) & free for one in (own, others))
        if not (more.any() or less.any()):
            break
        own |= more & (~less if number % 2 else True)
        others |= less & ~own
    return own


def _beside(mask: Array, *, corners: bool) -> Array:
    """A mask and the pixels beside it; now with and now without corners, so that it grows as an octagon."""
    spread = mask.copy()
    spread[1:] |= mask[:-1]
    spread[:-1] |= mask[1:]
    wide = spread.copy() if corners else mask
    spread[:, 1:] |= wide[:, :-1]
    spread[:, :-1] |= wide[:, 1:]
    return spread


__all__ = ["closed", "divided", "grown", "opened", "shrunk", "thick"]
