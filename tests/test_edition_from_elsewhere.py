"""An edition that somebody sent, edited by hand or built by another version: refused when opened, never a 500 later."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from web_edition import figures_edition

from layers.edition import file as editions
from layers.measure import claims as measured
from layers.model import figures, tables
from layers.model.errors import EditionError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "e.gpkg"
    editions.write(figures_edition(), path)
    return path


def changed(sound: Path, path: Path, statements: list[tuple[str, tuple[Any, ...]]]) -> Path:
    shutil.copyfile(sound, path)
    with closing(sqlite3.connect(path)) as database:
        database.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda _: 0.0)
        for statement, values in statements:
            database.execute(statement, values)
        database.commit()
    return path


CODES = [(table, column) for table, columns in tables.CODES.items() for column in columns if table != "features"]


@pytest.mark.parametrize(("table", "column"), [*CODES, ("zones", "kind"), ("zones", "status"), ("zones", "basis")])
def test_an_unknown_code_is_named(sound: Path, tmp_path: Path, table: str, column: str) -> None:
    statement = f'UPDATE "{table}" SET "{column}" = ?'
    path = changed(sound, tmp_path / "e.gpkg", [(statement, ("unheard_of",))])
    with pytest.raises(EditionError) as caught:
        editions.read(path)
    assert caught.value.key == "edition.invalid"
    assert f"{table}.{column}" in caught.value.message("zh")
    assert "unheard_of" in caught.value.message("zh")


def test_codes_are_those_that_the_program_writes() -> None:
    codes = tables.CODES
    assert codes["claims"]["verdict"] == measured.VERDICTS
    assert codes["claims"]["because"] == (*figures.CAUSES, measured.READINGS)
    assert codes["claims"]["operation"] == figures.OPERATIONS
    assert codes["targets"]["measure"] == figures.MEASURES


def test_a_change_of_columns_raises_the_format() -> None:
    """Columns and format change together: write the new pair here when a column is added."""
    columns = [tables.FEATURE_COLUMNS, tables.INDICATOR_COLUMNS, tables.OBSERVATION_COLUMNS, *tables.FIGURES.values()]
    assert (editions.FORMAT, [len(one) for one in columns]) == (5, [30, 25, 17, 21, 23, 28])


@pytest.mark.parametrize("missing", ["same_as_maybe", "unit"])
def test_an_edition_of_an_older_program_is_of_another_format_and_not_damaged(
    sound: Path, tmp_path: Path, missing: str
) -> None:
    older = [
        (f'ALTER TABLE "zones" DROP COLUMN "{missing}"', ()),
        ("UPDATE planmap_meta SET value = '3' WHERE key = 'format'", ()),
        ("UPDATE planmap_meta SET value = '{' WHERE key = 'kinds'", ()),
    ]
    with pytest.raises(EditionError) as caught:
        editions.read(changed(sound, tmp_path / "e.gpkg", older))
    assert caught.value.key == "edition.format"
    assert "planmap build" in caught.value.remedy("zh")
