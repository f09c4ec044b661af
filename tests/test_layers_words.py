"""A record in a reader's words: the cases that the browser's format.js must pass too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers import words

CASES = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))["cases"]
WITH_LANGUAGE = {"stated", "unit", "accuracy", "length", "area", "measure", "name", "footnote"}


def said(case: dict[str, Any], lang: str) -> str:
    function, args = getattr(words, case["say"]), case["args"]
    return str(function(*args, lang) if case["say"] in WITH_LANGUAGE else function(*args))


def test_every_golden_case() -> None:
    assert len(CASES) > 50
    wrong = [
        f"{case['say']}{case['args']} {lang}: {said(case, lang)!r}, not {case[lang]!r}"
        for case in CASES
        for lang in ("zh", "en")
        if said(case, lang) != case[lang]
    ]
    assert wrong == []


def test_what_is_missing_in_a_table_is_missing_in_words() -> None:
    for missing in (None, float("nan"), np.nan, pd.NA):
        assert words.measure({"length_km": missing, "area_km2": missing, "accuracy_m": missing}, "zh") == ""
        assert words.accuracy(missing, "zh") == ""  # type: ignore[arg-type]
        assert words.stated({"value": missing, "low": missing, "high": missing}, "zh") == "—"
    assert words.number(np.float64(2600.5)) == "2,600.5"


def test_a_stated_figure_carries_its_unit_and_words_do_not() -> None:
    figure = {"value": 2600.0, "comparator": ">=", "unit": "亿元"}
    assert words.quantity(figure, "zh") == "≥2,600\u202f亿元"
    assert words.quantity({"text": "全覆盖", "unit": "个"}, "zh") == "全覆盖"
