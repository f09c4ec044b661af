"""What an import is at while it works."""

from __future__ import annotations

from collections.abc import Callable

from geo import mosaic

Progress = Callable[[str, int, int], None]
"""Told which of ``STEPS`` begins, how many are done, and of how many."""
STEPS = ("open", "read", "recognise", "shapes", *mosaic.STAGES, "compare")
"""What an import does before it writes, in this order; what does not tile is not fitted."""


def teller(progress: Progress | None) -> Callable[[str], None]:
    """Tells who wants to know that a step begins.

    Example:
        >>> teller(print)("read")
        read 1 9
    """

    def begins(step: str) -> None:
        if progress is not None:
            progress(step, STEPS.index(step), len(STEPS))

    return begins
