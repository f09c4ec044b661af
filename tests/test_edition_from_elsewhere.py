"""An edition that somebody sent, edited by hand or built by another version: refused when opened, never a 500 later."""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from figures_edition import figures_edition

from layers.edition import file as editions
from layers.measure import claims as measured
from layers.model import figures, tables
from layers.model.errors import EditionError
from webmap.app import close, create_app

ROOT = Path(__file__).resolve().parent.parent
VALUES: tuple[Any, ...] = ([7],)
LAYERS = ("zones",)
"""The layer whose columns are changed: every layer has the same ones."""
PATHS = [
    "/", "/start", "/about", "/list", "/list.csv", "/claims", "/targets", "/review", "/lead", "/chapter", "/chapter/7",
    "/zone/west", "/township/a", "/feature/zone/west", "/embed/all", "/standalone/all.html", "/picture/all.svg",
    "/api/layers", "/api/layers/zones", "/api/layers/hubs", "/api/features/zone/west", "/api/indicators",
    "/api/indicators/area_km2/zone", "/api/search", "/api/targets", "/api/reviews", "/api/claims", "/healthz",
    "/download/zones.csv?headings=zh", "/download/zones.geojson", "/download/indicators.csv", "/download/hubs.gpkg",
    "/api/openapi.json",
]  # fmt: skip


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


def meta_changes(meta: dict[str, Any]) -> Iterator[tuple[str, tuple[str, tuple[Any, ...]]]]:
    """Every value of the metadata, and of the records in it, as something else, and left out."""

    def put(key: str, value: Any) -> tuple[str, tuple[Any, ...]]:
        return "UPDATE planmap_meta SET value = ? WHERE key = ?", (json.dumps(value), key)

    for key, whole in meta.items():
        yield f"{key} gone", ("DELETE FROM planmap_meta WHERE key = ?", (key,))
        for value in VALUES:
            yield f"{key} = {value}", put(key, value)
        record = whole[0] if isinstance(whole, list) and whole else whole
        for name in record if isinstance(record, dict) else ():
            for value in (*VALUES, "gone"):
                other = {k: v for k, v in record.items() if k != name} | ({} if value == "gone" else {name: value})
                yield f"{key}.{name} = {value}", put(key, [other, *whole[1:]] if isinstance(whole, list) else other)


def column_changes() -> Iterator[tuple[str, tuple[str, tuple[Any, ...]]]]:
    """Every column of every table with a value of each type of SQLite, in all of its rows."""
    known = {**dict.fromkeys(LAYERS, tables.FEATURE_COLUMNS), "indicators": tables.INDICATOR_COLUMNS,
             "observations": tables.OBSERVATION_COLUMNS, **tables.FIGURES}  # fmt: skip
    for table, columns in known.items():
        for column in columns:
            for value in ("strange",):
                yield f"{table}.{column} = {value!r}", (f'UPDATE "{table}" SET "{column}" = ?', (value,))


def wrong_answers(path: Path) -> list[str]:
    app = create_app({"PLANMAP_EDITION": str(path)})
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()
    found = [f"{one} {answer.status_code}" for one in PATHS if (answer := client.get(one)).status_code >= 500]
    close(app)
    return found


def refused(path: Path) -> tuple[str, str]:
    """Key and text of the message that refuses an edition; nothing when it is taken."""
    try:
        editions.read(path)
    except EditionError as error:
        return error.key, error.message("zh")
    return "", ""


def test_whatever_is_changed_is_refused_or_harmless(sound: Path, tmp_path: Path) -> None:
    meta = dict(editions.read(sound).meta)
    path = tmp_path / "e.gpkg"
    accepted: dict[str, list[tuple[str, tuple[Any, ...]]]] = {}
    keys = set()
    for name, statement in (*meta_changes(meta), *column_changes()):
        key, said = refused(changed(sound, path, [statement]))
        assert not re.search(r"None|True|False|Error", said), said
        keys.add(key)
        if not key:
            accepted.setdefault(name.rpartition(" = ")[2], []).append(statement)
    assert keys >= {"", "edition.invalid", "edition.format"}
    for value, statements in accepted.items():
        together = changed(sound, path, statements)
        if not refused(together)[0]:
            assert wrong_answers(together) == [], (value, statements)


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
    assert (editions.FORMAT, [len(one) for one in columns]) == (4, [30, 20, 14, 21, 23, 28])


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
