"""The map, composed with folium: one composition for the live page, the embed and the stand-alone file.

folium draws up the script; the bundle in ``static/dist`` (global ``planmap``) does the work in the browser.
The emitted script is the contract between the two, here in full::

    var map_planmap = L.map("map_planmap", {center: …, zoom: …, zoomControl: false, …});
    var layer_zones = planmap.layer(map_planmap, {id: "zones"});    // one for each layer, low order first
    map_planmap.fitBounds([[south, west], [north, east]], {});
    planmap.start(map_planmap, {CONFIG});                           // on a page: planmap.config, which gives it

On a page ``CONFIG`` stands by itself, as ``<script type="application/json" id="pm-config">``: what is no program is not
compiled before anything is seen.

``LAYER``, one a layer in ``CONFIG.layers``: ``id, name, name_en, group, kinds, order, show`` as in plan.toml, and
``pane`` (``"pm-<id>"``, what is neither letter nor digit as ``_``), ``url`` (where its GeoJSON is, also the key in
``data``), ``geometry`` (``polygon|line|point|none``), ``count``, ``visible`` (on at first in this view), ``bounds``
(``[[s, w], [n, e]]`` or null), and of a large layer ``tiles`` (what its vector tiles' addresses begin with). Nothing is
added to the map by the script; ``planmap.start`` adds the ``visible`` ones.

``CONFIG``:

* ``mode`` ``full|embed|standalone``, ``lang`` ``zh|en``, ``edition`` (hash), ``plan`` (as in plan.toml);
* ``view``: ``{id, name, name_en, layers: [ids], bounds, indicator, level, select}`` the view that opens, ``select`` a
  feature id to highlight (embeds with a zone) or null; ``views``: all of them in the same form;
* ``groups``, ``layers``: lists in plan order; ``layers`` hold ``LAYER``;
* ``kinds``, ``statuses``, ``bases``, ``ramps``, ``sources``: objects by id (sources by name), order kept; these, groups
  and layers without what they say in the other language (``spoken``);
* ``sentences``: whether the edition holds the plan's words: ``urls.api + "/sentences"`` has them;
* ``scans``: whether there are scanned maps to show: ``urls.api + "/scans"`` has them;
* ``messages``: ``{key: text}`` of the catalogues for the browser in ``lang``; what only late programs say comes with
  them, from ``urls.words``;
* ``urls``: ``api`` (``/api``), ``download``, ``figures``, ``embed``, ``standalone``, ``start``, ``about``, ``map``;
  ``rest``, ``rest_style``, ``soon``, ``soon_style``, ``words``, ``asked``, ``asked_style``, ``later`` (programs and
  words that come later, see ``core/programs.js``);
  ``origin`` (``""``, the page's own). Appended with ``/``: ``urls.api + "/layers/zones"``,
  ``urls.api + "/indicators"``, ``urls.api + "/indicators/<id>/<level>"``, ``urls.api + "/search"``,
  ``urls.api + "/features/<id>"``, ``urls.download + "/zones.geojson?crs=4326"``, ``urls.embed + "/<view>"``,
  ``urls.standalone + "/<view>.html"``. In a stand-alone file all but ``api`` are ``""``: hide the links;
* ``basemap``: the operator's tiles ``{url, attribution, max_zoom, shift}``, see ``basemap_options``, or null;
* ``crs``: ``{name, proj4, meridian}``, the plan's projected system, see ``metric_system``;
* ``icons``: ``{name: path}``, those that the view shows; the others come with ``urls.later``;
* ``together``: ``{url, layers: [ids]}``, the layers of the view in one answer, or null;
* ``remote``: ``{origins: […]}``, the pages that may drive the map in their frame by messages, or null;
* ``surfaces``: what can be laid over the map (``layers.surfaces.shown``); a stand-alone file holds small copies;
* ``imprint``: ``{notice, watermark}``, what every map says (`webmap.serving.imprint`), or null;
* ``data``: null, or ``{url: payload}`` with exactly those URLs (features are found in their layers' payloads).
"""

from __future__ import annotations

import json
import math
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import folium
import numpy as np
from branca.element import CssLink, Element, Figure, MacroElement
from folium.map import Layer

from geo.crs import metric_crs, wgs84_to_gcj02
from layers.edition.inventory import inventory
from layers.edition.large import VAST
from layers.edition.store import Bounds, Store
from layers.model.citations import Notation
from layers.surfaces.shown import surface_options
from webmap.api.payloads import layer_told
from webmap.serving.addresses import zoom_for
from webmap.serving.assets import Assets
from webmap.serving.basemap import Basemap
from webmap.serving.messages import frontend, late

MAP_NAME = "planmap"
"""folium calls the map ``map_planmap``: the variable, and the id of its element."""

MAX_ZOOM = 17
"""Closest zoom: no position in a plan is meant to be read more closely."""


LARGE_VERTICES = 100_000
"""A layer of areas or lines with more vertices is not sent whole: the page draws it from vector tiles."""
LARGE_POINTS = 2_000
"""So is one of more points: each would be a symbol of its own."""


@dataclass(frozen=True)
class Composition:
    """The parts of a composed map, to be set into a template as they are."""

    map_html: str
    script: str
    css_links: str
    preload_data: str
    config: str = ""


@dataclass(frozen=True)
class Program:
    """What a page has to know of the bundle: its stamp, and path data of all icons by name."""

    stamp: str = ""
    icons: Mapping[str, str] = field(default_factory=dict)


def script_json(value: object) -> str:
    r"""JSON that may stand in an inline script: no character in it can end the script or open a comment.

    ``<``, ``>``, ``&``, the quotation mark ``'``, the backtick, ``$`` and the line separators U+2028/9 are written as
    escapes, so that neither ``</script>`` nor ``<!--`` nor a template literal can appear, whatever the data says.

    Example:
        >>> script_json({"name": "</script>"})
        '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_UNSAFE = re.compile("[<>&'`$\u2028\u2029\u0085\ufeff]")


class Verbatim(Element):
    """A piece of the script that no template engine looks at.

    What a ``MacroElement`` draws up, branca parses as a Jinja template *again* before it writes it: every text in it
    would be run on the server, ``{{7*7}}`` as 49. So folium's own elements are given nothing but numbers and
    names that we made (``identifiers``), and all that comes from an edition goes into the script through this class.

    Args:
        text: Written as it is.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """The text."""
        return self.text


def _write(element: Element, line: Callable[[str], str]) -> str:
    """Put a line, made from the name of the map's variable, into the script of the figure that an element is in."""
    figure, parent = element.get_root(), element._parent
    if not isinstance(figure, Figure) or parent is None:
        raise TypeError("only an element of a map in a figure is drawn")
    figure.script.add_child(Verbatim(line(parent.get_name())), name=element.get_name())
    return ""


class PlanLayer(Layer):
    """A layer of the plan: tells the bundle that there is one; what it is stands in ``CONFIG.layers``.

    Args:
        options: ``LAYER`` above; the script has its id.
        identifier: A part of a JavaScript name, unique in the map.
    """

    def __init__(self, options: Mapping[str, Any], identifier: str) -> None:
        # show=False: planmap.start adds the visible ones when their data are there.
        super().__init__(name=identifier, overlay=True, control=False, show=False)
        self._name = "Layer"
        self._id = identifier
        self.json = script_json({"id": options["id"]})

    def render(self, **_kwargs: Any) -> str:
        """Write the call that makes the layer."""
        return _write(self, lambda map_name: f"var {self.get_name()} = planmap.layer({map_name}, {self.json});\n")


class PlanApp(MacroElement):
    """Starts the bundle once every layer is known; the last child of the map.

    Args:
        config: What ``planmap.start`` is given (``CONFIG`` above), as an expression.
    """

    def __init__(self, config: str) -> None:
        super().__init__()
        self._name = "App"
        self._id = MAP_NAME
        self.config = config

    def render(self, **_kwargs: Any) -> str:
        """Write the call that starts the bundle."""
        return _write(self, lambda map_name: f"planmap.start({map_name}, {self.config});\n")


def identifiers(layers: Iterable[str]) -> dict[str, str]:
    """A name for each layer that is part of a JavaScript name and of a pane's, whatever the id is; each another.

    Example:
        >>> identifiers(["zones", "a-b", "a_b"])
        {'zones': 'zones', 'a-b': 'a_b', 'a_b': 'a_b_'}
    """
    names: dict[str, str] = {}
    for layer in layers:
        name = re.sub(r"[^0-9A-Za-z_]", "_", layer)
        while name in names.values():
            name += "_"
        names[layer] = name
    return names


def is_large(store: Store, layer: str) -> bool:
    """Whether a layer has too many vertices, points or features to be sent whole."""
    if store.count(layer) > VAST:
        return True
    most = {"polygon": LARGE_VERTICES, "line": LARGE_VERTICES, "point": LARGE_POINTS}.get(store.geometry_type(layer))
    return most is not None and store.vertices(layer) > most


def layer_options(store: Store, api: str, visible: Iterable[str], ogc: str = "") -> list[dict[str, Any]]:
    """``LAYER`` for each layer of the edition, in the plan's order.

    Args:
        store: The edition.
        api: Address of the API, such as ``/api``.
        visible: Layers that are on at first.
        ogc: Address of the live services; "" where there are none, and every layer comes whole.
    """
    on, names = set(visible), identifiers(store.layers)
    return [
        {
            **layer_told(store, name, api),
            "visible": name in on,
            "pane": f"pm-{names[name]}",
            **({"tiles": f"{ogc}/collections/{quote(name)}/tiles"} if ogc and is_large(store, name) else {}),
        }
        for name in store.layers
    ]


def config(
    store: Store,
    *,
    mode: str,
    lang: str,
    view: Mapping[str, Any],
    urls: Mapping[str, str],
    data: Mapping[str, Any] | None = None,
    basemap: Basemap | None = None,
    program: Program | None = None,
) -> dict[str, Any]:
    """``CONFIG``: everything the bundle needs beside the layers' own data.

    Args:
        store: The edition.
        mode: ``full``, ``embed`` or ``standalone``.
        lang: ``zh`` or ``en``.
        view: The view that opens, in the form of ``Store.views``.
        urls: The addresses named above.
        data: For a stand-alone file: what each address would have given.
        basemap: The operator's tiles; a stand-alone file has none.
        program: The bundle that reads all this; a stand-alone file holds its own.
    """
    return {
        "mode": mode,
        "lang": lang,
        "edition": store.hash,
        "plan": store.plan,
        "view": dict(view),
        "views": list(store.views.values()),
        "groups": spoken(store.groups, lang),
        "layers": spoken(layer_options(store, urls["api"], view["layers"], urls.get("ogc", "")), lang),
        "kinds": spoken(store.kinds, lang),
        "statuses": spoken(store.statuses, lang),
        "bases": spoken(store.bases, lang),
        "ramps": store.ramps,
        "sources": spoken(store.sources, lang),
        "outline": outline_options(store, lang),
        "sentences": bool(store.edition.meta.get("clauses")),
        "scans": False,
        "messages": messages(store.notation, lang, whole=not urls.get("words")),
        "urls": dict(urls),
        "crs": metric_system(float(store.plan.get("lon") or (store.extent[0][1] + store.extent[1][1]) / 2)),
        "data": data,
        "icons": first_icons(store, view["layers"], program.icons if program else {}),
        "together": None if data is not None else together(store, view["layers"], urls["api"], program),
        "basemap": basemap_options(basemap, store.extent),
        "remote": None,
        "imprint": None,
        "surfaces": surface_options(store, urls.get("surface_data", ""), urls.get("surface", ""), lang),
    }


def driven(settings: Mapping[str, Any], origins: Sequence[str]) -> dict[str, Any]:
    """``CONFIG`` of a map that the page around it may drive.

    Args:
        settings: From `config`.
        origins: Of the pages that may, beside our own; ``*`` is any.
    """
    return {**settings, "remote": {"origins": list(origins)}}


def with_scans(settings: Mapping[str, Any]) -> dict[str, Any]:
    """``CONFIG`` of a map with scanned maps to show.

    Args:
        settings: From `config`.
    """
    return {**settings, "scans": True}


def spoken(records: Any, lang: str) -> Any:
    """Records without what they say in the other language, where they say it in the page's.

    Example:
        >>> spoken({"zone": {"name": "片区", "name_en": "Zone", "note_en": "only here"}}, "zh")
        {'zone': {'name': '片区', 'note_en': 'only here'}}
        >>> spoken([{"name": "片区", "name_en": "Zone"}], "en")
        [{'name_en': 'Zone'}]
    """
    if isinstance(records, list):
        return [spoken(item, lang) for item in records]
    if not isinstance(records, Mapping):
        return records
    twins = {key for key in records if records.get(f"{key}_en")}
    dropped = twins if lang == "en" else {f"{key}_en" for key in twins if records[key]}
    return {key: spoken(value, lang) for key, value in records.items() if key not in dropped}


def messages(notation: Notation, lang: str, *, whole: bool) -> dict[str, str]:
    """``CONFIG.messages``.

    Args:
        notation: How the plan numbers its clauses.
        lang: Language of the interface.
        whole: With those that else come with late programs, from ``urls.words``.
    """
    later = {} if whole else late(lang)
    said = {key: words for key, words in frontend(lang).items() if key not in later}
    return {**said, **notation_messages(notation, lang)}


def notation_messages(notation: Notation, lang: str) -> dict[str, str]:
    """How the plan numbers its clauses, as messages of the page."""
    patterns = {f"panels.cite.{name}": text for name, text in notation.texts(lang).items()}
    marks = {f"panels.cite.mark.{one.name}": one.name_en if lang == "en" else one.name for one in notation.numbered}
    return {**patterns, **marks}


def first_icons(store: Store, layers: Iterable[str], icons: Mapping[str, str]) -> dict[str, str]:
    """``CONFIG.icons``: the icons that the kinds of some layers name, in their symbols and above their names."""
    kinds = [store.kinds.get(str(kind), {}) for name in layers for kind in store.layers[name].get("kinds", [])]
    named = [str((kind.get(part) or {}).get(key) or "") for kind in kinds for part, key in ICON_FIELDS]
    return {name: icons[name] for name in named if name in icons}


ICON_FIELDS = (("symbol", "icon"), ("label", "mark"))


def together(store: Store, layers: Iterable[str], api: str, program: Program | None) -> dict[str, Any] | None:
    """``CONFIG.together``: where the features of the view are in one answer; None where there are none."""
    asked = [name for name in layers if store.count(name) and not is_large(store, name)]
    stamp = f"&program={program.stamp}" if program and program.stamp else ""
    address = f"{api}/features?layers={','.join(quote(name) for name in asked)}&coordinates=steps{stamp}"
    return {"url": address, "layers": asked} if asked else None


GRID_DEGREES = 0.04
"""Between the places at which a shift is told: in between it bends by less than a metre."""
GRID_MOST = 40


def basemap_options(basemap: Basemap | None, extent: Bounds) -> dict[str, Any] | None:
    """``CONFIG.basemap``; None where there is none.

    Tiles in GCJ-02 show a place some 500 m from where it is, elsewhere by another distance and direction: ``shift``
    tells it over the plan's extent as a grid, ``{west, south, step: [lon, lat], columns, values: [[lon, lat], …]}``
    in degrees from WGS 84, rows from the south.
    """
    if basemap is None:
        return None
    options = {"url": basemap.url, "attribution": basemap.attribution, "max_zoom": basemap.max_zoom, "shift": None}
    if basemap.datum == "wgs84":
        return options
    (south, west), (north, east) = extent
    columns, rows = (
        min(GRID_MOST, math.ceil((high - low) / GRID_DEGREES) + 1) + 1 for low, high in ((west, east), (south, north))
    )
    lon, lat = np.meshgrid(np.linspace(west, east, columns), np.linspace(south, north, rows))
    shifted = wgs84_to_gcj02(lon.ravel(), lat.ravel())
    away = np.column_stack([shifted[0] - lon.ravel(), shifted[1] - lat.ravel()]).round(7)
    step = [(east - west) / (columns - 1), (north - south) / (rows - 1)]
    options["shift"] = {"west": west, "south": south, "step": step, "columns": columns, "values": away.tolist()}
    return options


def outline_options(store: Store, lang: str) -> dict[str, Any]:
    """For filters and links: chapters with their names, the chapter of each box or table, lead units in English."""
    known = inventory(store)
    chapters = [
        {"id": str(number), "name": known.chapter_name(number, "zh"), "name_en": known.chapter_name(number, "en")}
        for number in known.outline.chapters
    ]
    boxes = {key: known.outline.clauses[key].chapter for key in known.outline.boxes}
    return {"chapters": chapters, "boxes": boxes, "leads": known.lead_names if lang == "en" else {}}


def metric_system(lon: float) -> dict[str, Any]:
    """The plan's projected system for the coordinates under the pointer: ``name, proj4, meridian`` (degrees east).

    Args:
        lon: Longitude that the plan is at, in degrees.
    """
    crs = metric_crs(lon)
    with warnings.catch_warnings():
        # A PROJ string cannot carry everything a CRS says; for coordinates under a pointer it carries enough.
        warnings.simplefilter("ignore", UserWarning)
        definition = crs.to_proj4()
    parameters = crs.coordinate_operation.params if crs.coordinate_operation else []
    meridian = next(one.value for one in parameters if one.name == "Longitude of natural origin")
    return {"name": crs.name, "proj4": definition, "meridian": meridian}


def compose(settings: Mapping[str, Any], assets: Assets, *, apart: bool = False) -> Composition:
    """Compose the map with folium.

    The result is the same, byte for byte, for the same input: folium's random element ids are set to the layers' ids.

    Args:
        settings: From ``config``.
        assets: The local bundle; folium's own list of remote files is never used.
        apart: The page holds ``CONFIG`` by itself, ``Composition.config``.
    """
    bounds: Bounds = settings["view"]["bounds"]
    zoom = zoom_for(bounds)
    figure = Figure()
    chart = folium.Map(
        location=[round((bounds[0][0] + bounds[1][0]) / 2, 5), round((bounds[0][1] + bounds[1][1]) / 2, 5)],
        tiles=None,
        zoom_start=math.floor(zoom),
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.25,
    )
    chart._id = MAP_NAME
    # Not as arguments: folium hands those to its tile layer, and there is none.
    # The bundle follows the size of the map's box itself, which is more than Leaflet's watch over the window.
    chart.options |= {"min_zoom": max(0, math.floor(zoom) - 2), "max_zoom": MAX_ZOOM, "track_resize": False}
    # Set on this map only: folium keeps the lists on the class, where one call would change every map.
    # The page asks for its program itself, once its picture is seen.
    chart.default_js = []
    chart.default_css = [(f"style-{number}", url) for number, url in enumerate(assets.styles)]
    chart.add_to(figure)
    _add_layers(chart, settings["layers"])
    chart.fit_bounds(bounds)
    given = script_json(settings)
    PlanApp("planmap.config" if apart else given).add_to(chart)
    figure.render()
    header = list(figure.header._children.values())
    return Composition(
        map_html=figure.html.render().strip(),
        script="\n" + "\n".join(line for line in figure.script.render().splitlines() if line.strip()) + "\n",
        # Only links are kept of what folium puts into a page's head: its style blocks are in the bundle's style
        # sheet, and its script only sets two switches to their defaults.
        css_links="\n".join(item.render() for item in header if isinstance(item, CssLink)),
        preload_data=settings["together"]["url"] if settings["together"] else "",
        config=given if apart else "",
    )


def _add_layers(chart: folium.Map, layers: Sequence[Mapping[str, Any]]) -> None:
    """Add each layer, low order first; the bundle lays them on sheets (``map/layers.js``), there are no other panes."""
    ordered = sorted(layers, key=lambda item: (item["order"], item["id"]))
    names = identifiers(str(options["id"]) for options in layers)
    for options in ordered:
        PlanLayer(options, names[str(options["id"])]).add_to(chart)
