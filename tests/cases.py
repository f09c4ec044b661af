"""Many cases in one test: all are tried, and those that fail are listed together."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from _pytest.mark.structures import ParameterSet
from _pytest.outcomes import Skipped

LISTED = 20
"""Offenders shown; what is more is counted."""


def every(
    names: str | tuple[str, ...], cases: Iterable[Any], ids: Callable[[Any], Any] | Iterable[Any] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As ``pytest.mark.parametrize``, but one test: for checks over files, records and rows, of which there are many.

    For quick checks without a state of their own: fixtures are shared by all cases. No case at all is a fault.

    Args:
        names: Names of the arguments that a case fills.
        cases: The cases: one value, or a tuple where there are several names.
        ids: What a case is called in the list of offenders: a function, or a name for each.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    chosen = list(cases)
    values = [_values(case, single=len(arguments) == 1) for case in chosen]
    called = [str(one) for one in _called(chosen, values, ids)]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            assert values, "there is nothing to look at"
            offenders, skipped = [], []
            for name, case in zip(called, values, strict=True):
                try:
                    test(**dict(zip(arguments, case, strict=True)), **fixtures)
                except Skipped as reason:
                    skipped.append(reason)
                except Exception as error:  # noqa: BLE001
                    offenders.append(f"{name}: {type(error).__name__}: {error}")
            more = len(offenders) - LISTED
            assert not offenders, "\n".join(offenders[:LISTED] + ([f"… and {more} more"] if more > 0 else []))
            if len(skipped) == len(values):
                raise skipped[0]

        left = [one for name, one in signature.parameters.items() if name not in arguments]
        run.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        del run.__wrapped__  # type: ignore[attr-defined]
        return run

    return decorate


def _values(case: Any, *, single: bool) -> tuple[Any, ...]:
    if isinstance(case, ParameterSet):
        return tuple(case.values)
    return (case,) if single else tuple(case)


def _called(cases: list[Any], values: list[tuple[Any, ...]], ids: Any) -> list[Any]:
    if callable(ids):
        return [ids(value[0]) for value in values]
    if ids is not None:
        return list(ids)
    named = (case.id if isinstance(case, ParameterSet) and case.id else None for case in cases)
    return [name or ", ".join(map(str, value))[:120] for name, value in zip(named, values, strict=True)]
