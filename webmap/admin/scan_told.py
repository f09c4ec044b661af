"""What a fit and a tracing say, in sentences: the same for the command line and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from webmap.admin.told import word


def fit_lines(answer: Mapping[str, Any], lang: str, names: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """A fit in sentences: errors, accuracy, scale, how other transformations do.

    Args:
        answer: From ``layers.scans.work.report``.
        lang: Language.
        names: What transformations are called; none: by their keys.
    """

    def called(kind: str) -> str:
        return names.get(kind, kind)

    left = metres(answer["left_out_rmse_m"])
    numbers = {"rmse": answer["rmse_m"], "left": left, "pixel": answer["pixel_m"]}
    lines = [word("cli.scan.fit.sum", lang, kind=called(answer["transformation"]), **numbers)]
    if answer["accuracy_m"] is None:
        lines.append(word("cli.scan.fit.no_accuracy", lang))
    else:
        lines.append(word("cli.scan.fit.accuracy", lang, metres=answer["accuracy_m"]))
        lines.append(word("cli.scan.fit.parts", lang, own=metres(answer["own_m"]), line=metres(answer["line_m"])))
    if answer["scale"] is not None:
        lines.append(word("cli.scan.fit.scale", lang, scale=f"{answer['scale']:,}"))
    held = [f"{called(kind)} {value:,.1f} m" for kind, value in answer["held_back_m"].items()]
    if held:
        lines.append(word("cli.scan.fit.held_back", lang, kinds=held))
    if answer["better"]:
        lines.append(word("cli.scan.fit.better", lang, kinds=[called(one) for one in answer["better"]]))
    return lines


def metres(value: float | None) -> str:
    """Metres to a digit after the point, or a dash.

    Example:
        >>> metres(1234.56), metres(None)
        ('1,234.6 m', '–')
    """
    return "–" if value is None else f"{value:,.1f} m"
