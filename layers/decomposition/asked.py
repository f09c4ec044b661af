"""What a split is asked for, as plain data: typed in a form or on the command line, kept with a scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from layers.decomposition.errors import DecompositionError
from layers.decomposition.split import AGGREGATIONS, LARGEST, METHODS, MOST_DECIMALS, MOST_PARTS, WEIGHTS

EQUAL, OWN = "equal", "own"
"""Weights that are no indicator: the same for all, and typed."""
LEVELS = ("zone", "township")
_TABLES = ("own", "base", "sizes", "fixed", "low", "high")
_TEXTS = ("indicator", "level", "method", "weight", "period", "aggregation", "size")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be split, and how.

    Attributes:
        indicator: Id of the indicator.
        level: ``zone`` or ``township``.
        year: Year of the target; None is the target's own.
        whole: The target of the whole; None is the plan's.
        method: One of ``METHODS``.
        weight: ``equal``, ``own``, or the id of an indicator whose values weigh.
        period: Period of those values; "" is the newest that there is.
        aggregation: One of ``AGGREGATIONS``; "" is the indicator's own.
        size: Id of the indicator that weighs in a weighted mean; "" is the indicator's own.
        decimals: Decimals that are printed; None: those of the target and of what is fixed.
        own: Weights typed, by place; they go before those of ``weight``.
        base: Values of the base year typed, by place.
        sizes: Weights of a weighted mean typed, by place.
        fixed: Values typed by hand or locked, by place.
        low: Lower bounds, by place; ``high`` likewise.
        shares: Parts of a township that lies in several zones, by township and zone; each comes to 1.
    """

    indicator: str
    level: str = "township"
    year: int | None = None
    whole: float | None = None
    method: str = WEIGHTS
    weight: str = EQUAL
    period: str = ""
    aggregation: str = ""
    size: str = ""
    decimals: int | None = None
    own: Mapping[str, float] = field(default_factory=dict)
    base: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def checked(self) -> Asked:
        """The same, if it can be asked for; ids are checked where they are known.

        Raises:
            DecompositionError: A choice, a number or a share is wrong.
        """
        for value, choices in (
            (self.method, METHODS), (self.level, LEVELS), (self.aggregation, ("", *AGGREGATIONS)),
        ):  # fmt: skip
            if value not in choices:
                raise DecompositionError(
                    "decomposition.choice", value=str(value)[:40], choices=[*filter(None, choices)]
                )
        if self.decimals is not None and not 0 <= self.decimals <= MOST_DECIMALS:
            raise DecompositionError("decomposition.decimals", value=self.decimals, most=MOST_DECIMALS)
        for name in _TABLES:
            for place, number in getattr(self, name).items():
                _number(place, name, number)
        if self.whole is not None:
            _number("—", "whole", self.whole)
        for place, shares in self.shares.items():
            for share in shares.values():
                _number(place, "weight", share)
            total = math.fsum(shares.values())
            if abs(total - 1) > 1e-6 or min(shares.values(), default=0) < 0:
                raise DecompositionError("decomposition.share", place=place, total=f"{total:.6g}")
        return self

    def as_dict(self) -> dict[str, Any]:
        """For keeping; what is not said is left out."""
        found: dict[str, Any] = {name: getattr(self, name) for name in _TEXTS if getattr(self, name)}
        found |= {
            name: getattr(self, name) for name in ("year", "whole", "decimals") if getattr(self, name) is not None
        }
        found |= {name: dict(getattr(self, name)) for name in _TABLES if getattr(self, name)}
        if self.shares:
            found["shares"] = {place: dict(one) for place, one in self.shares.items()}
        return found

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Asked:
        """From `as_dict`.

        Raises:
            DecompositionError: It is none.
        """
        texts: dict[str, Any] = {name: str(kept[name]) for name in _TEXTS if name in kept}
        tables: dict[str, Any] = {
            name: dict(kept[name]) for name in (*_TABLES, "shares") if isinstance(kept.get(name), Mapping)
        }
        if any(len(one) > MOST_PARTS for one in tables.values()) or "indicator" not in texts:
            raise DecompositionError("decomposition.parts", count=0, most=MOST_PARTS)
        whole, year, decimals = kept.get("whole"), kept.get("year"), kept.get("decimals")
        return cls(**texts, **tables, whole=whole, year=year, decimals=decimals).checked()


def _number(place: str, name: str, value: Any) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= LARGEST:
        what = {"own": "weight", "sizes": "size"}.get(name, name)
        raise DecompositionError("decomposition.number", place=place[:60], what=what, value=str(value)[:40])
