"""Editions in PostGIS: what is published, who sees it when, and the server that works from a database."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from postgres_server import programs
from processes import wait_until
from web_edition import figures_edition

from layers.edition import file as editions
from layers.edition import postgis
from layers.edition.file import Edition, content_hash
from layers.model import tables
from layers.model.errors import EditionError
from webmap.app import create_app
from webmap.cli import main
from webmap.serving import library

sql = pytest.importorskip("psycopg.sql")
psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL with PostGIS is not installed (Debian: postgis)")


@pytest.fixture
def database(postgresql: str, request: pytest.FixtureRequest) -> str:
    """A database of the test's own."""
    name = request.node.name.removeprefix("test_")[:60]
    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{postgresql}/{name}"


def ask(address: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(statement, values).fetchall()  # type: ignore[no-any-return]


def saved(path: Path, **named: str) -> tuple[Path, Edition]:
    """An edition's file, the first town called otherwise if asked."""
    edition = figures_edition()
    meta = {**edition.meta, "plan": {**edition.meta["plan"], **named}}
    args = meta, edition.layers, edition.indicators, edition.observations, edition.figures
    edition = replace(edition, meta={**meta, "hash": content_hash(*args)})
    editions.write(edition, path)
    return path, edition


def test_the_database_holds_what_the_file_holds(database: str, tmp_path: Path) -> None:
    """Every cell, and every shape as PostGIS itself reads it; found by the spatial index; commented in Chinese."""
    path, edition = saved(tmp_path / "e.gpkg")
    done = postgis.publish(path, database)
    assert done.new
    assert done.styled
    for name, frame in edition.layers.items():
        columns = ", ".join(f'"{column}"' for column in tables.FEATURE_COLUMNS)
        rows = ask(database, f'SELECT {columns} FROM "{done.views}"."{name}" ORDER BY fid')
        wanted = [[_cell(one, kind) for one in frame[column]] for column, kind in tables.FEATURE_COLUMNS.items()]
        assert [list(one) for one in zip(*rows, strict=True)] == wanted, name
        if edition.geometries[name] == "none":
            continue
        found = ask(database, f'SELECT ST_AsText(geom, 15), ST_SRID(geom) FROM "{done.schema}"."{name}" ORDER BY fid')
        assert [one for one, _ in found if one] == [
            one for one in ask_text(database, list(frame.geometry)) if one is not None
        ]
        assert {srid for one, srid in found if one} <= {4490}
        assert ask(database, "SELECT 1 FROM pg_indexes WHERE schemaname = %s AND tablename = %s AND indexdef LIKE %s",
                   done.schema, name, "%gist%")  # fmt: skip
    said = ask(database, "SELECT obj_description(%s::regnamespace), obj_description(%s::regclass)",
               done.schema, f"{done.schema}.townships")  # fmt: skip
    heading = ask(database, "SELECT col_description(%s::regclass, attnum) FROM pg_attribute "
                  "WHERE attrelid = %s::regclass AND attname = 'name'", *(f"{done.views}.townships",) * 2)  # fmt: skip
    assert heading == [("名称",)]
    assert edition.hash[:12] in said[0][0]
    assert said[0][1] == next(one["name"] for one in edition.meta["layers"] if one["id"] == "townships")


def _cell(value: Any, kind: str) -> Any:
    """A cell as a database has it: texts are never NULL, missing numbers always."""
    missing = bool(pd.isna(value))
    if kind in (tables.TEXT, tables.LIST):
        return "" if missing else str(value)
    if kind == tables.FLAG:
        return bool(value) and not missing
    return None if missing else int(value) if kind == tables.INTEGER else float(value)


def ask_text(address: str, shapes: list[Any]) -> list[str | None]:
    """Shapes as PostGIS writes WKT, so that both sides are written alike."""
    return [
        None if shape is None else ask(address, "SELECT ST_AsText(ST_Multi(ST_GeomFromWKB(%s)), 15)"
                                       if "Point" not in shape.geom_type
                                       else "SELECT ST_AsText(ST_GeomFromWKB(%s), 15)", shape.wkb)[0][0]
        for shape in shapes
    ]  # fmt: skip


def test_the_next_edition_takes_its_place_and_the_earliest_goes(database: str, tmp_path: Path) -> None:
    """Views show the edition in use; earlier ones stay as long as asked; the same one twice is published once."""
    first, second, third = (saved(tmp_path / f"{n}.gpkg", title=f"Plan {n}") for n in range(3))
    for path, edition in (first, second, third):
        done = postgis.publish(path, database, keep=2)
        assert (done.new, done.hash) == (True, edition.hash)
    assert done.removed == (first[1].hash,)
    assert not postgis.publish(second[0], database, keep=2).new
    assert ask(database, "SELECT hash FROM planmap.current") == [(second[1].hash,)]
    assert {one for (one,) in ask(database, "SELECT hash FROM planmap.editions")} == {second[1].hash, third[1].hash}
    schemas = ask(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'plan\\_%%' ORDER BY 1")
    assert len(schemas) == 3
    assert {one for (one,) in ask(database, "SELECT DISTINCT f_table_schema FROM layer_styles")} <= {
        one for (one,) in schemas
    }


def test_a_killed_publication_leaves_the_old_edition_whole(database: str, tmp_path: Path) -> None:
    """Killed with all tables written and nothing committed: readers never see any of it."""
    (old, edition), (new, _) = (saved(tmp_path / f"{n}.gpkg", title=f"Plan {n}") for n in range(2))
    done = postgis.publish(old, database)
    code = """
import os, signal, sys
from pathlib import Path
from layers.edition import postgis
postgis._use = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
postgis.publish(Path(sys.argv[1]), sys.argv[2])
"""
    killed = subprocess.run([sys.executable, "-c", code, str(new), database], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert ask(database, "SELECT hash FROM planmap.editions JOIN planmap.current USING (hash)") == [(edition.hash,)]
    assert ask(database, f'SELECT count(*) FROM "{done.views}".townships')[0][0] == len(edition.layers["townships"])
    assert postgis.publish(new, database).new


def test_readers_read_and_change_nothing(database: str, tmp_path: Path) -> None:
    """A role that was named may read layers, views and catalogue."""
    path, _ = saved(tmp_path / "e.gpkg")
    reader = "reader"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {reader} LOGIN")
    done = postgis.publish(path, database, readers=[reader])
    as_reader = database.replace("postgres@", f"{reader}@")
    assert ask(as_reader, f'SELECT 1 FROM "{done.views}".townships')
    assert postgis.fetch(as_reader, tmp_path / "mirror") == [done.plan]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(as_reader, f'DELETE FROM "{done.schema}".townships RETURNING 1')
    with pytest.raises(EditionError) as refused:
        postgis.publish(path, as_reader)
    assert refused.value.key == "postgis.not_allowed"
    later, _ = saved(tmp_path / "later.gpkg", title="Later")
    assert ask(as_reader, f'SELECT 1 FROM "{postgis.publish(later, database).views}".townships')


def test_what_is_wrong_is_said(database: str, postgresql: str, tmp_path: Path) -> None:
    """Nothing published, no server, no such role, bytes that were changed; never the password."""
    path, edition = saved(tmp_path / "e.gpkg")
    with pytest.raises(EditionError) as nothing:
        postgis.fetch(database, tmp_path / "m")
    assert nothing.value.key == "postgis.nothing"
    with pytest.raises(EditionError) as unreached:
        postgis.publish(path, "postgresql://gis:secret-word@127.0.0.1:9/plans")
    assert unreached.value.key == "postgis.not_reached"
    assert "secret-word" not in unreached.value.message("zh") + unreached.value.message("en")
    with pytest.raises(EditionError) as role:
        postgis.publish(path, database, readers=["nobody"])
    assert role.value.key == "postgis.no_role"
    with pytest.raises(EditionError):
        postgis.fetch(database, tmp_path / "m")  # that was one transaction: nothing is there
    postgis.publish(path, database)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE planmap.parts SET data = data || '\\x00'")
    with pytest.raises(EditionError) as changed:
        postgis.fetch(database, tmp_path / "m")
    assert changed.value.key == "postgis.other_bytes"
    assert not list((tmp_path / "m").glob("*.gpkg"))
    assert edition.hash[:12] in changed.value.message("en")


def test_a_server_works_from_the_database(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It serves the published file byte for byte, takes over the next edition, and a second plan makes a shelf."""
    first, _ = saved(tmp_path / "1.gpkg", title="Plan one")
    run = CliRunner().invoke(main, ["publish", database, str(first), "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.output)["new"]
    monkeypatch.setattr(library, "FOLLOW_S", 0.0)
    monkeypatch.setattr(library, "CHECK_S", 0.0)
    app = create_app({"PLANMAP_EDITION": database, "PLANMAP_CACHE_DIR": str(tmp_path / "c")})
    plans = app.extensions["planmap"]
    with closing(plans.shelf):
        mirrored = next(iter(plans.plans.values())).path
        assert mirrored.read_bytes() == first.read_bytes()
        client = app.test_client()
        assert "Plan one" in client.get("/start").text
        second, edition = saved(tmp_path / "2.gpkg", title="Plan two")
        postgis.publish(second, database)
        wait_until(lambda: "Plan two" in client.get("/start").text, "the next edition is taken over")
    saved(tmp_path / "other.gpkg", id="other-plan", title="Other plan")
    postgis.publish(tmp_path / "other.gpkg", database)
    shelf = create_app({"PLANMAP_EDITION": database, "PLANMAP_CACHE_DIR": str(tmp_path / "c")})
    with closing(shelf.extensions["planmap"].shelf):
        catalogue = shelf.test_client().get("/").text
        assert "/p/other-plan/" in catalogue
        assert f"/p/{edition.meta['plan']['id']}/" in catalogue


def test_a_command_on_a_file_does_not_take_another_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the setting names a database, a command without a file says so, and does not look into the data folder."""
    monkeypatch.setenv("PLANMAP_EDITION", "postgresql://gis@server/plans")
    run = CliRunner().invoke(main, ["indicators", "--lang", "en"])
    assert run.exit_code == 2
    assert "PLANMAP_EDITION names a database" in run.output
