"""The application: one plan, or a shelf of plans, behind pages, API and downloads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
from flask import Flask

from geo.errors import PlanmapError
from geo.reasons import reason
from layers.edition import postgis
from layers.edition.file import Edition, read, read_layer
from layers.edition.large import VAST, Frames
from layers.edition.publication import released
from layers.edition.store import Store
from layers.model.errors import EditionError, LayersError
from webmap.admin import import_routes as admin_import
from webmap.admin import observed_routes as admin_observed
from webmap.admin import reading_routes as admin_reading
from webmap.admin import routes as admin
from webmap.admin import scan_routes as admin_scans
from webmap.admin import scenario_routes as admin_scenarios
from webmap.admin.access import Access
from webmap.admin.folders import Folders
from webmap.admin.gate import Gate
from webmap.api import columns, download, scans
from webmap.api import routes as api
from webmap.catalogue import routes as catalogue
from webmap.documents import routes as documents
from webmap.editions import routes as editions
from webmap.figures import routes as figures
from webmap.map import compose
from webmap.map import routes as pages
from webmap.map import share_routes as sharing
from webmap.ogc import map_routes as ogc_maps
from webmap.ogc import record_routes as ogc_records
from webmap.ogc import routes as ogc
from webmap.ogc import tile_routes as ogc_tiles
from webmap.ogc import tiling as ogc_tiling
from webmap.ogc.direct import direct
from webmap.ogc.service import make_ready, service
from webmap.reading import routes as browse
from webmap.serving import asking, assets, edge, headers, ledgers, page, problems
from webmap.serving.context import ANSWERS_BYTES, Context
from webmap.serving.encode import BodyCache
from webmap.serving.errors import WebError
from webmap.serving.library import Library, Plan
from webmap.serving.messages import text
from webmap.serving.settings import Settings
from webmap.serving.shelf import Shelf
from webmap.serving.snapshot import Snapshot
from webmap.surfaces import routes as surfaces

LOG = logging.getLogger("planmap.web")


def create_app(config: Mapping[str, str] | Settings | None = None, *, edition: Edition | None = None) -> Flask:
    """Make the application. Nothing is read from the environment unless it is given.

    Args:
        config: Settings, or a mapping of their names to texts such as ``os.environ``.
        edition: An edition in memory, instead of the file that the settings name.

    Raises:
        WebError: A setting is wrong, or there is no edition.
        EditionError: The only edition is none, or damaged; the database gives none.

    Example:
        >>> app = create_app({"PLANMAP_EDITION": "plan.gpkg"})  # doctest: +SKIP
    """
    settings = config if isinstance(config, Settings) else Settings.read(config or {})
    plans: dict[str, Path | None] = {"": None}
    folder, follow = None, None
    if edition is None and not settings.database:
        plans, folder = find_plans(settings)
    shelf = Shelf(settings.cache_dir, settings.cache_mb * 1024 * 1024)
    if edition is None and settings.database:
        settings, follow = _mirrored(settings, shelf)
        plans, folder = find_plans(settings)
    bundle, cache, answers = assets.find(debug=settings.debug), BodyCache(), BodyCache(ANSWERS_BYTES)
    app = _plan_app(settings)
    routes = tuple(asking.routes_of(app))

    def context(plan: Plan, opened: Edition, snapshot: Snapshot | None) -> Context:
        opened = released(opened, settings.publication.number) if settings.publication.public else opened
        store = Store(opened)
        ledger = ledgers.of(settings.ledger, str(store.plan.get("id", "")))
        parts = (plan.name, snapshot, cache, answers, routes, ledger)
        return _looked_up(Context(store, bundle, settings, shelf, library, *parts))

    def opens(plan: Plan, file: Path) -> Context:
        return context(plan, *_read_edition(file, shelf))

    if settings.publication.public and not settings.publication.number:
        say = LayersError("publication.exempt_logged", reason=settings.publication.exempt).message
        LOG.warning("%s %s", say("zh"), say("en"))
    library = Library(plans, opens, settings.open_editions, shelf, single=len(plans) == 1)
    app.extensions["planmap"] = library
    library.where = folder
    library.follow = follow
    library.searchable = not settings.publication.public
    site = Context(Store(_no_edition()), bundle, settings, shelf, library, cache=cache, answers=answers)
    gate = _gate(settings, library, site)
    if not library.single:
        library.scan()
        site_app = _site_app(settings)
        site.routes = tuple(asking.routes_of(site_app))
        site_app.extensions["planmap"] = library
        edge.mount(site_app, settings.prefix, library, site, app, gate=gate, direct=direct)
        site_app.extensions[admin.ACCESS] = gate.access
        return site_app
    (plan,) = library.plans.values()
    library.offer(context(plan, edition, None) if edition is not None else opens(plan, plan.path or Path()))
    edge.mount(app, settings.prefix, library, gate=gate, direct=direct)
    app.extensions[admin.ACCESS] = gate.access
    return app


def _looked_up(ctx: Context) -> Context:
    """The same, whose vast layers are from now on looked up and not given whole."""
    layers = ctx.store.edition.layers
    if isinstance(layers, Frames):
        layers.look = lambda layer: service(ctx).table(layer)
    return ctx


def _gate(settings: Settings, library: Library, site: Context) -> Gate:
    """What stands before all pages, with an application of its own for those who are signed in."""
    access = Access(settings, library.shelf.path)
    folders = Folders(settings.plans, settings.data_dir)
    app = admin.prepare(_bare_app(settings), access, folders, library)
    app.register_blueprint(admin_import.blueprint)
    app.register_blueprint(admin_observed.blueprint)
    app.register_blueprint(admin_reading.blueprint)
    app.register_blueprint(admin_scans.blueprint)
    app.register_blueprint(admin_scenarios.blueprint)
    return Gate(access, app.wsgi_app, library.shelf.path, site)


def _mirrored(settings: Settings, shelf: Shelf) -> tuple[Settings, Callable[[], None]]:
    """The settings with a folder of ours in place of a database, and what brings it up to date."""
    mirror = shelf.path / "editions"

    def follow() -> None:
        postgis.fetch(settings.database, mirror, keep=settings.keep_editions)

    follow()
    found = sorted(mirror.glob("*.gpkg"))
    return replace(settings, edition=found[0] if len(found) == 1 else mirror, database=""), follow


def _site_app(settings: Settings) -> Flask:
    """The application for what belongs to no plan on a shelf of plans."""
    app = _bare_app(settings)
    assets.serve_static(app, debug=settings.debug)
    app.register_blueprint(catalogue.blueprint)
    app.register_blueprint(ogc_records.blueprint)
    return app


def _no_edition() -> Edition:
    """Stands in for an edition where there is none: without content, and without a hash."""
    names = {"short_title": text("zh", "catalogue.title"), "short_title_en": text("en", "catalogue.title")}
    meta = {"plan": {**names, "title": names["short_title"], "title_en": names["short_title_en"]}, "hash": ""}
    return Edition(meta, {}, pd.DataFrame({"id": []}), pd.DataFrame({"indicator": []}))


def _plan_app(settings: Settings) -> Flask:
    """The application for what belongs to a plan."""
    app = _bare_app(settings)
    assets.serve_static(app, debug=settings.debug)
    for room in (
        pages, sharing, browse, api, scans, download, editions, figures, documents, ogc, ogc_tiles, ogc_maps, surfaces,
    ):  # fmt: skip
        app.register_blueprint(room.blueprint)
    return app


def _bare_app(settings: Settings) -> Flask:
    """An application with errors and headers, and no page yet."""
    app = Flask(__name__, static_folder=None)
    # A doubled slash is an address that leads nowhere, not a reason to redirect.
    app.url_map.merge_slashes = False
    app.config["TEMPLATES_AUTO_RELOAD"] = settings.debug
    page.prepare(app)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    problems.register(app)
    headers.register(app)
    return app


def find_edition(settings: Settings) -> Path:
    """The edition file that the settings name, or the only one in the data folder's ``editions``.

    Raises:
        WebError: There is none, or more than one to choose from; or they are in a database, where commands do not look.
    """
    if settings.database:
        raise WebError("error.edition_in_database", name="PLANMAP_EDITION")
    if settings.edition is not None:
        if not settings.edition.is_file():
            raise WebError("error.no_edition", path=str(settings.edition))
        return settings.edition
    folder = settings.data_dir / "editions"
    found = sorted(folder.glob("*.gpkg"))
    if not found:
        raise WebError("error.no_edition", path=str(folder / "*.gpkg"))
    if len(found) > 1:
        raise WebError("error.many_editions", path=str(folder), choices=[path.name for path in found])
    return found[0]


def find_plans(settings: Settings) -> tuple[dict[str, Path | None], Path | None]:
    """The plans to serve, by name, and the folder that they are in if there are several.

    Raises:
        WebError: There is none.
    """
    folder = settings.edition or settings.data_dir / "editions"
    if settings.edition is not None and not folder.is_dir():
        path = find_edition(settings)
        return {path.stem: path}, None
    found = sorted(folder.glob("*.gpkg"))
    if not found:
        raise WebError("error.no_edition", path=str(folder / "*.gpkg"))
    return {path.stem: path for path in found}, folder if len(found) > 1 else None


def close(app: Flask) -> None:
    """Give back what an application holds outside this process."""
    pool = figures.POOLS.pop(app.extensions["planmap"], None)
    if pool is not None:
        pool.close()
    app.extensions["planmap"].shelf.close()


def _read_edition(path: Path, shelf: Shelf) -> tuple[Edition, Snapshot]:
    """An edition, and its file as it is now: both are of the same bytes.

    Raises:
        WebError: It cannot be copied.
        EditionError: It is none, or damaged.
    """
    try:
        snapshot = Snapshot(path, shelf.path)
    except OSError as error:
        raise WebError("error.edition_not_copied", path=str(path), reason=reason(error)) from error
    vast = False
    try:
        edition = read(snapshot.copy)
        vast = any(len(frame) > VAST for frame in edition.layers.values())
        if vast:  # read again from the copy, which stays then
            layers = Frames(edition.layers, lambda name: read_layer(snapshot.copy, name, edition.geometries[name]))
            edition = replace(edition, layers=layers)
        return edition, snapshot
    except EditionError as error:
        raise EditionError(error.key, **{**error.params, "path": str(path)}) from error
    finally:
        if not vast:
            snapshot.seal()


def warm(app: Flask) -> None:
    """Encode the bodies that every visitor asks for, so that workers forked afterwards share them.

    Editions that are taken over later are made ready in the same way before they are shown.
    """
    library: Library = app.extensions["planmap"]
    if not library.single:  # each plan when it is asked for
        return

    def ready(ctx: Context) -> None:
        if any(ctx.store.count(layer) > VAST for layer in ctx.store.layers):
            # What holds every feature of a vast layer is made when somebody asks for it, names for search by `begin`.
            make_ready(ctx)
            return
        client = app.test_client()
        pinned = {problems.PINNED: ctx}
        data_of, view = f"/e/{ctx.store.hash[:12]}/api", ctx.store.views[ctx.store.default_view]
        first = compose.together(ctx.store, view["layers"], data_of, compose.Program(ctx.bundle.stamp))
        whole = [name for name in ctx.store.layers if not compose.is_large(ctx.store, name)]
        data = (
            "layers",
            "indicators",
            "search",
            *(f"layers/{name}" for name in whole),
            *columns.asked_first(ctx.store, compose.is_large),
        )
        for path in ("/", "/start", *([first["url"]] if first else []), *(f"{data_of}/{one}" for one in data)):
            client.get(path, environ_overrides=pinned)
        make_ready(ctx)
        ogc_tiling.make_ready(service(ctx))

    def ready_and_begun(ctx: Context) -> None:
        ready(ctx)
        _begin_names(ctx)

    with library.still():
        ready(library.only)
    library.ready = ready_and_begun


def begin(app: Flask) -> None:
    """Begin in a worker what takes too long for a start or a request: names of layers with very many features."""
    library: Library = app.extensions["planmap"]
    if library.single:
        _begin_names(library.only)


def _begin_names(ctx: Context) -> None:
    try:
        api.names_of(ctx).ready()
    except (OSError, PlanmapError) as error:  # whoever searches is told, or waits; all else goes on
        LOG.error("%s", error.message("zh") if isinstance(error, PlanmapError) else reason(error))
