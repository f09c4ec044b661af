"""What ``/figures`` may be asked for; what the parameters mean together is checked by ``layers.drawing.asked``."""

from __future__ import annotations

from layers.drawing import asked as asking
from layers.drawing import noted, render
from layers.drawing.asked import FORMS, LONGEST_TITLE, Asked
from layers.drawing.figure import paper_mm
from layers.edition.looked import Slugs
from layers.edition.store import Store
from layers.model.errors import LayersError
from layers.model.plan import TOWNSHIP, ZONE
from webmap.serving.asking import LANG, Parameter, Wanted
from webmap.serving.problems import BadParameterError

JSON = "json"
"""In place of a format: the figure in words and numbers."""
LONGEST = 2000
USUAL_DPI = 150
YES, NO = "1", "0"
SUFFIXES = tuple(suffix.removeprefix(".") for suffix in render.FORMATS)


def _slugs(level: str) -> Parameter:
    def read(store: Store, text: str) -> str:
        known = Slugs(store.index, level)
        if text not in known:
            raise BadParameterError("error.unknown_zone", value=text[:60], choices=known.some)
        return text

    return Parameter(level, f"Only this {level}", accepts=read, blank=True)


def _paper(_store: Store, text: str) -> str:
    paper_mm(text)
    return text


def _switch(name: str, said: str) -> Parameter:
    return Parameter(name, said, (NO, YES), NO, blank=True)


FORMAT = Parameter("fmt", "pdf, svg, png; tif of one map; json: the same in words", (*SUFFIXES, JSON),
                   error="error.unknown_format")  # fmt: skip
VIEW = Parameter("view", "View id", lambda store: store.views, error="error.unknown_view")
PARAMETERS = (
    VIEW,
    FORMAT,
    Parameter("form", "One map, small maps, or a chart", FORMS, FORMS[0], blank=True),
    _slugs(ZONE),
    _slugs(TOWNSHIP),
    Parameter("indicator", "id, id:level or id:level:method; none", longest=200, blank=True),
    Parameter("year", "Year of the indicator's values", longest=20, blank=True),
    Parameter("bounds", "Bounds of the indicator's classes, rising, 8 at most: 10,20,30", longest=200, blank=True),
    Parameter("layers", "Layers to draw, joined by commas; the view's own unless stated", lambda store: store.layers,
              error="error.unknown_layer", several=True, blank=True),
    Parameter("extent", "West, south, east, north in degrees", longest=200, blank=True),
    Parameter("flt", "As in the map's address: chapter:7;status:building", longest=LONGEST, blank=True),
    Parameter("select", "Id of a feature to ring", longest=200, blank=True),
    Parameter("paper", "A4 to A0, slide, column, or 160x110 (millimetres)", accepts=_paper, default="A4", blank=True),
    _switch("upright", "Stand the paper up"),
    Parameter("dpi", "Dots an inch, of PNG and GeoTIFF", numbers=(render.LEAST_DPI, render.MOST_DPI),
              default=str(USUAL_DPI), blank=True),
    _switch("grid", "Meridians and parallels"),
    _switch("inset", "A small map of the district among its neighbours"),
    Parameter("title", "In place of the view's name", longest=LONGEST_TITLE, blank=True),
    Parameter("op", "Opacity of layers: zones:0.5,water:0.3", longest=LONGEST, blank=True),
    Parameter("notes", "Notes drawn on the map, as in its address", longest=noted.MOST_LINK, blank=True),
    _switch("download", "Save it as a file, not show it"),
    LANG,
)  # fmt: skip
"""All that ``/figures/<view>.<fmt>`` takes."""


def asked_of(store: Store, wanted: Wanted) -> Asked:
    """The figure that a request wants, checked.

    Raises:
        LayersError: It cannot be drawn; says what would do.
    """
    asked = Asked(
        view=wanted["view"], form=wanted["form"], zone=wanted[ZONE], township=wanted[TOWNSHIP],
        indicator=wanted["indicator"], year=wanted["year"], layers=wanted["layers"], extent=wanted["extent"],
        filter=wanted["flt"], selection=wanted["select"], paper=wanted["paper"], upright=wanted["upright"] == YES,
        lang=wanted.lang, title=wanted["title"], grid=wanted["grid"] == YES, inset=wanted["inset"] == YES,
        opacity=wanted["op"], notes=wanted["notes"], bounds=wanted["bounds"],
    )  # fmt: skip
    scene = asking.read(store, asked)
    if wanted["fmt"] != JSON:
        render.check(f".{wanted['fmt']}", scene.size_mm, int(wanted["dpi"]))
    if wanted["fmt"] in ("tif", "tiff") and asked.form != asking.MAP:
        raise LayersError("sheet.no_place")
    return asked
