"""What ``/embed/<view>`` may be asked for, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from layers.edition.looked import Slugs
from layers.edition.observations import LEVELS
from layers.edition.store import Store
from layers.measure.classify import METHODS
from layers.model.errors import LayersError
from layers.model.period import Period
from layers.progress.overlay import SHOWS as OBSERVED_SHOWS
from layers.progress.scenarios import SHOWS as SCENARIO_SHOWS
from webmap.map import links
from webmap.serving.asking import LANG, Parameter, Wanted
from webmap.serving.context import choose
from webmap.serving.problems import BadParameterError

NONE = "none"
"""In place of an indicator: shade nothing, not even where the view would."""

SMALLEST_PX, LARGEST_PX = 100, 8000
SWITCH: tuple[str, ...] = ("on", "off")
THEMES: tuple[str, ...] = ("auto", "light", "dark")
"""``auto`` follows the reader's system."""
LONGEST_INDICATOR = 5
"""Parts of ``indicator``."""
VIEWS_OWN = "*"
"""``layers`` when they are not given: those of the view."""


@dataclass(frozen=True)
class EmbedRequest:
    """A checked embed request.

    Attributes:
        view_id: The view to start from.
        layers: Visible layers, or None for the view's own.
        indicator: ``id``, empty for the view's own, or ``none``.
        level: Level of the indicator, or empty.
        method: Way of classing, or empty.
        show: What is shown of observed values or of a scenario, or empty; ``period`` of when, or which scenario.
        zone: Feature id of a zone or township to fit to and highlight, or empty.
        width: Width of the map in pixels, 0 to fill the frame.
        height: Height likewise.
        controls: Whether buttons, scale and title are on the map.
        legend: Whether the legend is on the screen; on paper it always is.
        link: Short link that led here, when what it shows has changed since; or empty.
        theme: Colours of what surrounds the map; the map itself stays a sheet of paper.
    """

    view_id: str
    layers: tuple[str, ...] | None = None
    indicator: str = ""
    level: str = ""
    method: str = ""
    show: str = ""
    period: str = ""
    zone: str = ""
    width: int = 0
    height: int = 0
    controls: bool = True
    legend: bool = True
    theme: str = "auto"
    link: str = ""

    @classmethod
    def read(cls, wanted: Wanted) -> EmbedRequest:
        """From the checked parameters of a request, see `PARAMETERS`."""
        indicator, level, method, show, period = (*wanted["indicator"].split(":"), "", "", "", "")[:LONGEST_INDICATOR]
        return cls(
            wanted["view"],
            cls.listed(wanted["layers"]),
            indicator,
            (level or wanted["level"] or "zone") if indicator else "",
            method,
            show,
            period,
            wanted["zone"],
            int(wanted["width"]),
            int(wanted["height"]),
            wanted["controls"] == "on",
            wanted["legend"] == "on",
            wanted["theme"],
            wanted["link"],
        )

    @staticmethod
    def listed(layers: str) -> tuple[str, ...] | None:
        """The parameter ``layers`` as ids; None for the view's own."""
        return None if layers == VIEWS_OWN else tuple(name for name in layers.split(",") if name)

    def view(self, store: Store) -> dict[str, Any]:
        """The view to open: the named one with what was asked for in its place."""
        view = dict(store.views[self.view_id])
        if self.layers is not None:
            view["layers"] = list(self.layers)
        if self.indicator == NONE:
            view["indicator"] = view["level"] = None
        elif self.indicator:
            view["indicator"], view["level"] = self.indicator, self.level
        if self.method:
            view["method"] = self.method
        if self.show:
            view["show"], view["period"] = self.show, self.period
        if self.zone:
            view["select"] = self.zone
            view["bounds"] = store.bounds_of(self.zone) or view["bounds"]
        return view

    @property
    def marks(self) -> str:
        """Classes of the page's body for what is switched off."""
        off = (("pm-no-controls", self.controls), ("pm-no-legend", self.legend))
        return "".join(f" {name}" for name, on in off if not on)

    @property
    def frame_style(self) -> str:
        """Style rules for a map of a fixed size; empty when it fills its frame."""
        rules = [f"{name}:{value}px" for name, value in (("width", self.width), ("height", self.height)) if value]
        return f".pm-mode-embed .pm-main{{{';'.join(rules)}}}" if rules else ""


def _indicator(store: Store, text: str) -> str:
    """``id``, ``id:level``, ``id:level:method`` or ``id:level:method:show:period``; or ``none``."""
    parts = text.split(":")
    if parts == [NONE]:
        return text
    choose(parts[0], store.indicator_ids, "error.unknown_indicator")
    for part, choices, key in zip(
        parts[1:], (LEVELS, METHODS), ("error.unknown_level", "error.unknown_method"), strict=False
    ):
        if part:
            choose(part, choices, key)
    _, _, _, show, period = (*parts, "", "", "", "")[:LONGEST_INDICATOR]
    shows = (*OBSERVED_SHOWS, *SCENARIO_SHOWS)
    if show and show not in shows:
        raise BadParameterError("error.unknown_value", name="indicator", value=show[:60], choices=shows)
    if period:
        _period(show, period)
    if len(parts) > LONGEST_INDICATOR:
        choose(text, store.indicator_ids, "error.unknown_indicator")
    return text


def _period(show: str, text: str) -> None:
    """The period of observed values, or the code of a scenario."""
    if show in SCENARIO_SHOWS:
        if not re.fullmatch(r"s[1-9][0-9]{0,8}", text):
            raise BadParameterError("error.unknown_scenario", value=text[:20])
        return
    try:
        Period.of(text)
    except LayersError as error:
        raise BadParameterError("error.bad_period", value=text[:20]) from error


def _zone(store: Store, text: str) -> str:
    """A slug (``central``) or feature id (``zone/central``, ``township/ningwei``) as the feature id."""
    levels = ("zone", "township")
    for name in (text, *(f"{level}/{text}" for level in levels)):
        if name.startswith(("zone/", "township/")) and name in store.index:
            return name
    known = [f"{level}/{slug}" for level in levels for slug in Slugs(store.index, level).some]
    raise BadParameterError("error.unknown_zone", value=text[:60], choices=known)


def _short(_store: Store, text: str) -> str:
    if not links.ID.fullmatch(text):
        raise BadParameterError("error.unknown_link", value=text[:60])
    return text


def _pixels(name: str) -> Parameter:
    return Parameter(
        name, f"{name.capitalize()} of the map in pixels", numbers=(SMALLEST_PX, LARGEST_PX), default="0", blank=True
    )


VIEW = Parameter("view", "View id", lambda store: store.views, error="error.unknown_view")
LAYERS = Parameter(
    "layers",
    "Visible layers, joined by commas",
    lambda store: store.layers,
    default=VIEWS_OWN,
    error="error.unknown_layer",
    several=True,
)
ZONE = Parameter("zone", "Zone or township to fit to and highlight", accepts=_zone, blank=True)
PARAMETERS = (
    VIEW,
    LAYERS,
    Parameter(
        "indicator",
        "id, id:level, id:level:method or, of observed values and scenarios, id:level:method:show:period",
        accepts=_indicator,
        blank=True,
    ),
    Parameter("level", "Level of the indicator", LEVELS, error="error.unknown_level", blank=True),
    ZONE,
    _pixels("width"),
    _pixels("height"),
    Parameter("controls", "Buttons, scale and title on the map", SWITCH, "on", blank=True),
    Parameter("legend", "Legend on the screen", SWITCH, "on", blank=True),
    Parameter("theme", "Colours around the map", THEMES, "auto", blank=True),
    Parameter("link", "Short link whose map has changed since", accepts=_short, blank=True),
    LANG,
)
"""What ``/embed/<view>`` takes."""
