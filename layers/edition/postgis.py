"""Editions in PostGIS: published for several servers and for QGIS, and fetched from there as the files that they were.

A database holds for each edition a schema of its own with its layers and tables, which nobody changes, and the bytes
of its file, from which servers work; for each plan it holds a schema of views on the edition in use, so that a QGIS
project stays right when the next edition comes. All of a publication is one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo import files
from geo.crs import CGCS2000
from geo.reasons import reason
from layers.edition import card as cards
from layers.edition import file as editions
from layers.edition import kept
from layers.edition.file import GEOMETRY, Edition
from layers.edition.layer_table import plain_heading
from layers.edition.notice import notice
from layers.model import tables
from layers.model.errors import EditionError
from layers.model.ids import PLAN_ID

if TYPE_CHECKING:
    from psycopg import Connection

CATALOGUE = "planmap"
"""The schema that says which editions there are."""
_TYPES = {
    tables.TEXT: "text", tables.LIST: "text", tables.NUMBER: "double precision", tables.INTEGER: "bigint",
    tables.FLAG: "boolean",
}  # fmt: skip
_PART = 4 * 1024 * 1024
_LONGEST_NAME = 63
_SRID: int = CGCS2000.to_epsg() or 0
_LOCK = 0x706C616E
"""Whoever publishes holds it: two at once would number and clear up past each other."""
_SET_UP = (
    "CREATE SCHEMA IF NOT EXISTS planmap",
    """CREATE TABLE IF NOT EXISTS planmap.editions (
        hash text PRIMARY KEY, plan text NOT NULL, title text NOT NULL, schema_name text NOT NULL UNIQUE,
        bytes bigint NOT NULL, sha256 text NOT NULL, published timestamptz NOT NULL DEFAULT clock_timestamp())""",
    """CREATE TABLE IF NOT EXISTS planmap.current (
        plan text PRIMARY KEY, schema_name text NOT NULL UNIQUE,
        hash text NOT NULL REFERENCES planmap.editions)""",
    "CREATE TABLE IF NOT EXISTS planmap.readers (role text PRIMARY KEY)",
    # The file itself, in parts that fit into memory.
    """CREATE TABLE IF NOT EXISTS planmap.parts (
        hash text NOT NULL REFERENCES planmap.editions ON DELETE CASCADE, part integer NOT NULL,
        data bytea NOT NULL, PRIMARY KEY (hash, part))""",
)
_QGIS_STYLES = (
    "CREATE TABLE IF NOT EXISTS public.layer_styles (id serial PRIMARY KEY, f_table_catalog varchar, "
    "f_table_schema varchar, f_table_name varchar, f_geometry_column varchar, stylename text, styleqml xml, "
    "stylesld xml, useasdefault boolean, description text, owner varchar(63), ui xml, "
    "update_time timestamp DEFAULT CURRENT_TIMESTAMP)"
)
"""The table as QGIS makes it; it finds the styles of layers of a database there."""


@dataclass(frozen=True)
class Published:
    """What became of a publication.

    Attributes:
        plan: Id of the plan.
        hash: Of the edition.
        schema: The schema with the edition's layers.
        views: The schema with views on the edition in use.
        new: Whether the edition was not there before.
        removed: Hashes of the earlier editions that were removed.
        styled: Whether QGIS finds the styles; not when the user may not make its table.
    """

    plan: str
    hash: str
    schema: str
    views: str
    new: bool
    removed: tuple[str, ...]
    styled: bool


def publish(path: Path, address: str, *, keep: int = 10, readers: Sequence[str] = ()) -> Published:
    """Put an edition into a database and into use there; other sessions see all of it or nothing.

    Args:
        path: The edition's file.
        address: ``postgresql://user@host:port/database``; passwords may be left to libpq.
        keep: How many editions of the plan to keep, this one among them; at least 1.
        readers: Roles that may read the layers and the catalogue, from now on.

    Raises:
        EditionError: The file is none; or ``postgis.…`` with what the database said.

    Example:
        >>> publish(Path("my-plan.gpkg"), "postgresql://gis@server/plans", readers=["planners"])  # doctest: +SKIP
    """
    edition = editions.read(path)
    with _connected(address) as database:
        database.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        _set_up(database)
        return _publish(database, edition, path, max(1, keep), readers)


def fetch(address: str, folder: Path, *, keep: int = 10) -> list[str]:
    """Bring a folder of editions up to what a database has in use; each file is replaced as a whole.

    Args:
        address: As for `publish`.
        folder: ``<plan>.gpkg`` for each plan, the earlier ones beside it, see `layers.edition.kept`.
        keep: How many editions of a plan stay in the folder.

    Returns:
        The plans whose edition is another than before.

    Raises:
        EditionError: ``postgis.…``; what was in the folder stays.
    """
    changed = []
    with _connected(address) as database:
        try:
            rows = database.execute(
                "SELECT plan, hash, sha256 FROM planmap.current JOIN planmap.editions USING (plan, hash) ORDER BY plan"
            ).fetchall()
        except _error("UndefinedTable") as error:
            raise EditionError("postgis.nothing", place=_place(database)) from error
        if not rows:
            raise EditionError("postgis.nothing", place=_place(database))
        for plan, wanted, digest in rows:
            if PLAN_ID.fullmatch(plan) is None:  # somebody else wrote into the catalogue
                raise EditionError("edition.invalid", path=_place(database), at="id", value=plan[:60])
            path = folder / f"{plan}.gpkg"
            if not path.is_file() or cards.card(path).hash != wanted:
                _fetch(database, wanted, digest, path, keep)
                changed.append(str(plan))
    return changed


# ---- the connection


def _error(name: str) -> type[Exception]:
    import psycopg  # noqa: PLC0415 - an extra

    return getattr(psycopg.errors, name)


@contextmanager
def _connected(address: str) -> Iterator[Connection[Any]]:
    """A transaction; what the driver says becomes our error, without the password."""
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise EditionError("postgis.no_driver") from None
    place = "PostgreSQL"
    try:
        with psycopg.connect(address, connect_timeout=10, client_encoding="UTF8") as database:
            place = _place(database)
            yield database
    except psycopg.Error as error:
        said = str(error.diag.message_primary or reason(error))
        raise EditionError(_key(error), place=place, said=said) from error


def _key(error: Exception) -> str:
    for key, names in (
        ("postgis.not_allowed", ("InsufficientPrivilege",)),
        ("postgis.no_role", ("UndefinedObject",)),
        ("postgis.no_postgis", ("UndefinedFile", "FeatureNotSupported")),
    ):
        if any(isinstance(error, _error(name)) for name in names):
            return key
    return "postgis.not_reached" if getattr(error, "sqlstate", None) is None else "postgis.failed"


def _place(database: Connection[Any]) -> str:
    """Host and database, for people; a password is never among them."""
    return f"{database.info.host}:{database.info.port}/{database.info.dbname}"


# ---- publishing


def _set_up(database: Connection[Any]) -> None:
    installed = database.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone()
    if not installed:
        database.execute("CREATE EXTENSION postgis")
    for statement in _SET_UP:
        database.execute(statement)


def _publish(database: Connection[Any], edition: Edition, path: Path, keep: int, readers: Sequence[str]) -> Published:
    plan, digest = str(edition.meta["plan"]["id"]), edition.hash
    known = database.execute("SELECT schema_name FROM planmap.editions WHERE hash = %s", (digest,)).fetchone()
    schema = str(known[0]) if known else _name(plan, f"_{digest[: kept.SHORT]}")
    views = _name(plan, "")
    styled = _styles_allowed(database)
    if not known:
        _add(database, edition, path, schema)
    _use(database, edition, plan, schema, views)
    if styled:
        _add_styles(database, path, (schema, views))
    removed = _clear(database, plan, digest, keep, styled=styled)
    for role in _readers(database, readers):
        _grant(database, role, (CATALOGUE, schema, views))
        if styled:
            database.execute(_sql("GRANT SELECT ON public.layer_styles TO {}", role))
    return Published(plan, digest, schema, views, not known, removed, styled)


def _name(plan: str, end: str) -> str:
    """A schema's name: the plan's id as SQL needs no quotes for it."""
    return f"plan_{plan.replace('-', '_')}"[: _LONGEST_NAME - len(end)] + end


def _sql(text: str, *names: str) -> Any:
    """A statement with names in it, quoted by the driver."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    return sql.SQL(text).format(*map(sql.Identifier, names))


def _add(database: Connection[Any], edition: Edition, path: Path, schema: str) -> None:
    """The edition's schema with all tables, and its file."""
    database.execute(_sql("CREATE SCHEMA {}", schema))
    geometries = edition.geometries
    for layer in edition.meta["layers"]:
        name = str(layer["id"])
        shape = tables.STORED_GEOMETRY.get(geometries[name], "")
        _copy(database, edition.layers[name], schema, name, tables.FEATURE_COLUMNS, shape)
        _explain(database, schema, name, tables.FEATURE_COLUMNS, str(layer["name"]))
    for name, (frame, columns) in _tables_of(edition).items():
        _copy(database, frame, schema, name, columns, "")
        _explain(database, schema, name, columns)
    about = notice(edition, edition.layers, "zh").text()
    _comment(database, "SCHEMA", about, schema)
    data = path.read_bytes()
    database.execute(
        "INSERT INTO planmap.editions (hash, plan, title, schema_name, bytes, sha256) VALUES (%s, %s, %s, %s, %s, %s)",
        (
            edition.hash, edition.meta["plan"]["id"], edition.meta["plan"]["title"], schema, len(data),
            hashlib.sha256(data).hexdigest(),
        ),
    )  # fmt: skip
    with database.cursor() as cursor, cursor.copy("COPY planmap.parts (hash, part, data) FROM STDIN") as copy:
        for number, start in enumerate(range(0, len(data), _PART)):
            copy.write_row((edition.hash, number, data[start : start + _PART]))


def _tables_of(edition: Edition) -> dict[str, tuple[pd.DataFrame, Mapping[str, str]]]:
    """The tables without geometry, each with its columns."""
    return {
        "indicators": (edition.indicators, tables.INDICATOR_COLUMNS),
        "observations": (edition.observations, tables.OBSERVATION_COLUMNS),
        **{name: (frame, tables.FIGURES[name]) for name, frame in edition.figures.items()},
    }


def _copy(
    database: Connection[Any], frame: pd.DataFrame, schema: str, name: str, columns: Mapping[str, str], shape: str
) -> None:
    """One table with its rows and indexes."""
    kinds = ", ".join(["fid bigint PRIMARY KEY", *(f"{{}} {_TYPES[kind]}" for kind in columns.values())])
    shaped = f", {GEOMETRY} geometry({shape}, {_SRID})" if shape else ""
    database.execute(_sql(f"CREATE TABLE {{}}.{{}} ({kinds}{shaped})", schema, name, *columns))
    named = ["fid", *columns, *([GEOMETRY] if shape else [])]
    filled = _sql(f"COPY {{}}.{{}} ({', '.join('{}' for _ in named)}) FROM STDIN", schema, name, *named)
    shapes: Iterable[tuple[Any, ...]] = ((),) * len(frame)
    if shape:
        marked = shapely.set_srid(np.array(frame["geometry"], dtype=object), _SRID)
        shapes = zip(shapely.to_wkb(marked, hex=True, include_srid=True), strict=True)
    with database.cursor() as cursor, cursor.copy(filled) as copy:
        for fid, (row, own) in enumerate(zip(editions.rows_of(frame, columns), shapes, strict=True), start=1):
            copy.write_row((fid, *row, *own))
    if shape:
        database.execute(_sql(f"CREATE INDEX ON {{}}.{{}} USING gist ({GEOMETRY})", schema, name))
    if "id" in columns:
        database.execute(_sql("CREATE INDEX ON {}.{} (id)", schema, name))


def _explain(
    database: Connection[Any], schema: str, name: str, columns: Mapping[str, str], title: str = "", what: str = "TABLE"
) -> None:
    """Comments on a table or view and its columns: Chinese names, which QGIS shows."""
    if title:
        _comment(database, what, title, schema, name)
    for column in columns:
        if (heading := plain_heading(column, "zh")) != column:
            _comment(database, "COLUMN", heading, schema, name, column)


def _comment(database: Connection[Any], what: str, text: str, *names: str) -> None:
    from psycopg import sql  # noqa: PLC0415 - an extra

    path = sql.SQL(".").join(map(sql.Identifier, names))
    words = sql.Literal(str(text).replace("\0", ""))
    database.execute(sql.SQL("COMMENT ON {} {} IS {}").format(sql.SQL(what), path, words))


def _use(database: Connection[Any], edition: Edition, plan: str, schema: str, views: str) -> None:
    """The plan's views show this edition from now on."""
    database.execute(_sql("DROP SCHEMA IF EXISTS {} CASCADE", views))
    database.execute(_sql("CREATE SCHEMA {}", views))
    titles = {str(layer["id"]): str(layer["name"]) for layer in edition.meta["layers"]}
    others = {name: columns for name, (_frame, columns) in _tables_of(edition).items()}
    for name, columns in {**dict.fromkeys(titles, tables.FEATURE_COLUMNS), **others}.items():
        database.execute(_sql("CREATE VIEW {}.{} AS SELECT * FROM {}.{}", views, name, schema, name))
        _explain(database, views, name, columns, titles.get(name, ""), "VIEW")
    database.execute(
        "INSERT INTO planmap.current (plan, schema_name, hash) VALUES (%s, %s, %s) "
        "ON CONFLICT (plan) DO UPDATE SET hash = excluded.hash, schema_name = excluded.schema_name",
        (plan, views, edition.hash),
    )


def _clear(database: Connection[Any], plan: str, digest: str, keep: int, *, styled: bool) -> tuple[str, ...]:
    """Remove the earliest editions of a plan, so that no more are left than are to be kept."""
    old = database.execute(
        "SELECT hash, schema_name FROM planmap.editions WHERE plan = %s AND hash <> %s "
        "ORDER BY published DESC OFFSET %s",
        (plan, digest, keep - 1),
    ).fetchall()
    for one, schema in old:
        database.execute(_sql("DROP SCHEMA IF EXISTS {} CASCADE", schema))
        database.execute("DELETE FROM planmap.editions WHERE hash = %s", (one,))
        if styled:
            database.execute("DELETE FROM public.layer_styles WHERE f_table_schema = %s", (schema,))
    return tuple(str(one) for one, _ in old)


def _readers(database: Connection[Any], named: Sequence[str]) -> list[str]:
    """The roles that may read: those named now, and those named before that are still there."""
    with database.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO planmap.readers (role) VALUES (%s) ON CONFLICT DO NOTHING", [(role,) for role in named]
        )
    known = database.execute("SELECT role FROM planmap.readers JOIN pg_roles ON rolname = role").fetchall()
    return list(dict.fromkeys([*named, *(str(role) for (role,) in known)]))


def _grant(database: Connection[Any], role: str, schemas: Sequence[str]) -> None:
    for schema in schemas:
        database.execute(_sql("GRANT USAGE ON SCHEMA {} TO {}", schema, role))
        database.execute(_sql("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}", schema, role))


# ---- QGIS's styles


def _styles_allowed(database: Connection[Any]) -> bool:
    """Whether QGIS's table of styles is there, or could be made, and may be written."""
    allowed = database.execute("SELECT has_schema_privilege('public', 'CREATE')").fetchone()
    if allowed and allowed[0]:
        database.execute(_QGIS_STYLES)
    found = database.execute(
        "SELECT has_table_privilege(c.oid, 'INSERT') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relname = 'layer_styles'"
    ).fetchone()
    return bool(found and found[0])


def _add_styles(database: Connection[Any], path: Path, schemas: Sequence[str]) -> None:
    """The edition's own styles, for its schema and for the plan's views."""
    with closing(cards.opened(path)) as source:
        there = source.execute("SELECT 1 FROM sqlite_master WHERE name = 'layer_styles'").fetchone()
        columns = "f_table_name, f_geometry_column, styleName, styleQML"
        rows = source.execute(f"SELECT {columns} FROM layer_styles").fetchall() if there else []  # noqa: S608
    name = database.info.dbname
    for schema in schemas:
        database.execute("DELETE FROM public.layer_styles WHERE f_table_schema = %s", (schema,))
        with database.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                "stylename, styleqml, useasdefault, owner) "
                "VALUES (%s, %s, %s, %s, %s, XMLPARSE(DOCUMENT %s), true, current_user)",
                [(name, schema, *row) for row in rows],
            )


# ---- fetching


def _fetch(database: Connection[Any], wanted: str, digest: str, path: Path, keep: int) -> None:
    """Write one edition's file and put it into use in the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with files.atomic_path(kept.folder(path) / f"{wanted}.gpkg") as temporary, temporary.open("wb") as file:
        with database.cursor("parts") as cursor:
            cursor.itersize = 1
            cursor.execute("SELECT data FROM planmap.parts WHERE hash = %s ORDER BY part", (wanted,))
            for (data,) in cursor:
                found.update(data)
                file.write(data)
        if found.hexdigest() != digest:
            raise EditionError("postgis.other_bytes", place=_place(database), hash=wanted[: kept.SHORT])
    kept.use(wanted, path, keep)
