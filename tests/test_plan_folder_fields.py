"""The manual names every field that a plan folder may hold: a second district is written without reading code."""

import re
from pathlib import Path
from typing import Any

import pytest

from geo.grammar import OPERATIONS
from layers.folder import gazetteer, load
from layers.folder.reading import Record
from layers.model.figures import CAUSES, MEASURES
from layers.model.figures import OPERATIONS as MEASURED

ROOT = Path(__file__).resolve().parent.parent
MANUAL = (ROOT / "docs" / "plan-folder.md").read_text(encoding="utf-8")


@pytest.fixture
def fields(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every name that the folder's readers ask a record for, while they read the shipped plan."""
    asked: set[str] = set()
    get = Record._get

    def noted(self: Record, name: str, *others: Any) -> Any:
        if not self.origin.file.endswith(("kinds.toml", "computed_indicators.toml")):
            asked.add(name)
        return get(self, name, *others)

    monkeypatch.setattr(Record, "_get", noted)
    plan, _ = load.read(ROOT / "data" / "plans" / "xiaoshan-14fyp")
    assert plan is not None
    return {name for name in asked if re.fullmatch("[a-z_]+", name)}  # others are clauses and names of units


def named(word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", MANUAL) is not None


def test_every_field_is_named_in_the_manual(fields: set[str]) -> None:
    assert {"title", "base_year", "aliases", "better", "tolerance", "because"} <= fields, "the readers are found"
    recipes = {name for operation in OPERATIONS.values() for name in operation.kinds}
    words = {*fields, *gazetteer.COLUMNS, *recipes, *OPERATIONS, *MEASURED, *MEASURES, *CAUSES}
    missing = sorted(word for word in words if not named(word))
    assert not missing, missing
