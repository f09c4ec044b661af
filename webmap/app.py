"""The application: one edition behind pages, API and downloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flask import Flask

from geo.reasons import reason
from layers.edition.file import Edition, read
from layers.edition.store import Store
from layers.model.errors import EditionError
from webmap.api import download
from webmap.api import routes as api
from webmap.map import routes as pages
from webmap.reading import routes as browse
from webmap.serving import asking, assets, edge, headers, page, problems
from webmap.serving.context import Context
from webmap.serving.settings import Settings
from webmap.serving.shelf import Shelf
from webmap.serving.snapshot import Snapshot


def create_app(config: Mapping[str, str] | Settings | None = None, *, edition: Edition | None = None) -> Flask:
    """Make the application. Nothing is read from the environment unless it is given.

    Args:
        config: Settings, or a mapping of their names to texts such as ``os.environ``.
        edition: An edition in memory, instead of the file that the settings name.

    Raises:
        WebError: A setting is wrong, or there is no edition.

    Example:
        >>> app = create_app({"PLANMAP_EDITION": "plan.gpkg"})  # doctest: +SKIP
    """
    settings = config if isinstance(config, Settings) else Settings.read(config or {})
    shelf, snapshot = Shelf(settings.cache_dir, settings.cache_mb * 1024 * 1024), None
    if edition is None:
        edition, settings, snapshot = _read_edition(settings, shelf)
    app = Flask(__name__, static_folder=None)
    bundle = assets.find(debug=settings.debug)
    ctx = app.extensions["planmap"] = Context(Store(edition), bundle, settings, shelf, snapshot)
    # A doubled slash is an address that leads nowhere, not a reason to redirect.
    app.url_map.merge_slashes = False
    app.config["TEMPLATES_AUTO_RELOAD"] = settings.debug
    page.prepare(app)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    for blueprint in (pages.blueprint, browse.blueprint, api.blueprint, download.blueprint):
        app.register_blueprint(blueprint)
    ctx.routes = tuple(asking.routes_of(app))
    problems.register(app)
    headers.register(app)
    assets.serve_static(app, debug=settings.debug)
    edge.mount(app, settings.prefix)
    return app


def find_edition(settings: Settings) -> Path:
    """The edition file that the settings name, or the only one in the data folder's ``editions``.

    Raises:
        WebError: There is none, or more than one to choose from.
    """
    if settings.edition is not None:
        if not settings.edition.is_file():
            raise problems.WebError("error.no_edition", path=str(settings.edition))
        return settings.edition
    folder = settings.data_dir / "editions"
    found = sorted(folder.glob("*.gpkg"))
    if not found:
        raise problems.WebError("error.no_edition", path=str(folder / "*.gpkg"))
    if len(found) > 1:
        raise problems.WebError("error.many_editions", path=str(folder), choices=[path.name for path in found])
    return found[0]


def close(app: Flask) -> None:
    """Give back what an application holds outside this process."""
    app.extensions["planmap"].shelf.close()


def _read_edition(settings: Settings, shelf: Shelf) -> tuple[Edition, Settings, Snapshot]:
    """The edition, the settings with its path, and its file as it is now: both are of the same bytes.

    Raises:
        WebError: There is none, or it cannot be copied.
        EditionError: It is none, or damaged.
    """
    path = find_edition(settings)
    try:
        snapshot = Snapshot(path, shelf.path)
        edition = read(snapshot.copy)
    except OSError as error:
        raise problems.WebError("error.edition_not_copied", path=str(path), reason=reason(error)) from error
    except EditionError as error:
        raise EditionError(error.key, **{**error.params, "path": str(path)}) from error
    snapshot.seal()
    return edition, replace(settings, edition=path), snapshot


def warm(app: Flask) -> None:
    """Encode the bodies that every visitor asks for, so that workers forked afterwards share them."""
    store = app.extensions["planmap"].store
    client = app.test_client()
    for path in (
        "/",
        "/start",
        "/api/layers",
        "/api/indicators",
        "/api/search",
        *(f"/api/layers/{n}" for n in store.layers),
    ):
        client.get(path)
