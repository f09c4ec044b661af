"""Three-valued truth over the rows of a table: true, false, or unknown where a value is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.service.columns import Flags


@dataclass(frozen=True)
class Truth:
    """What holds for which row.

    Attributes:
        yes: The rows for which it is true.
        no: The rows for which it is false; what is in neither is unknown.
    """

    yes: Flags
    no: Flags

    @classmethod
    def of(cls, holds: Flags, known: Flags) -> Truth:
        """True where it holds, false where it does not, unknown where nothing is known."""
        return cls(holds & known, ~holds & known)

    @classmethod
    def always(cls, value: bool, count: int) -> Truth:
        """The same for all rows."""
        return cls(np.full(count, value), np.full(count, not value))

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)
