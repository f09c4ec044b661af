"""A picture as SVG text: shapes, symbols and names, for pages and files alike. Text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from layers.drawing.glyphs import Line, outline
from layers.drawing.marks import Part
from layers.drawing.names import LARGE, Name
from layers.drawing.picture import Layer, Picture, Spot
from layers.drawing.strokes import Stroke
from layers.style.patterns import PATTERNS
from layers.style.qml_xml import xml_text

Value = str | float


def tag(name: str, inside: str = "", **attributes: Value | None) -> str:
    """An element; attributes that are None or "" are left out, ``_`` in their names stands for ``-``.

    Args:
        name: Of the element.
        inside: Markup.
        attributes: Values, which are escaped.

    Example:
        >>> tag("text", text("<5"), font_size=9, fill="")
        '<text font-size="9">&lt;5</text>'
    """
    given = "".join(
        f" {_key(key)}={_value(value)}" for key, value in attributes.items() if value is not None and value != ""
    )
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"


def text(words: str) -> str:
    """Words as markup."""
    return escape(xml_text(words))


_key = cache(lambda key: key.rstrip("_").replace("_", "-"))


def _value(value: Value) -> str:
    if not isinstance(value, str):
        return f'"{value:.6g}"'
    # Most are path data, in which nothing needs to be looked for.
    return f'"{value}"' if value.isascii() and _PLAIN.fullmatch(value) else quoteattr(xml_text(value))


_PLAIN = re.compile(r"[ !#-%'-;=?-~]*")
"""Letters that mean nothing else in an attribute."""


def document(
    inside: str,
    width: float,
    height: float,
    title: str,
    summary: str = "",
    *,
    fonts: str = "sans-serif",
    per_mm: float = 0,
) -> str:
    """A file of a drawing.

    Args:
        inside: Markup, in units.
        width: Of the drawing, units.
        height: Likewise.
        title: What it is called.
        summary: What it shows, for those who cannot see it; "" for nothing.
        fonts: Families, the first that there is counts.
        per_mm: Units of a millimetre on paper; 0 where a unit is a pixel.
    """
    about = tag("title", text(title)) + (tag("desc", text(summary)) if summary else "")
    size = {"width": width, "height": height}
    shown = {side: f"{value / per_mm:.6g}mm" if per_mm else value for side, value in size.items()}
    return tag(
        "svg", about + inside, xmlns="http://www.w3.org/2000/svg", **shown, viewBox=f"0 0 {width:.6g} {height:.6g}",
        **LINES, font_family=fonts,
    )  # fmt: skip


LINES: Mapping[str, Any] = {"fill": "none", "stroke_linejoin": "round", "stroke_linecap": "round"}
"""What holds for all of a picture unless a part says otherwise."""


def drawn(picture: Picture, *, live: bool = False, over: str = "", font: str = "") -> str:
    """The markup of a picture, from its upper left corner.

    Args:
        picture: What is drawn.
        live: For a page whose first script sets it to the window (``frontend/src/first.js``): with what the script
            asks, and with the names that have no room at the picture's own size.
        over: Markup between the features and their names.
        font: For pixels alone: names are outlines of its letters, as far as it has them; "": they are text.
    """
    patterns = "".join(_pattern(key, *of) for key, of in picture.patterns.items())
    names = "".join(_name(name, live, font) for name in picture.names if live or name.at)
    return "".join(
        (
            tag("defs", patterns) if patterns else "",
            tag("path", d="M-9999-9999h20000v20000h-20000z", fill=picture.beyond) if picture.beyond else "",
            *(_layer(layer, picture.factor, live) for layer in picture.layers),
            over,
            tag("g", names, class_="pm-first-names" if live else "", text_anchor="middle", paint_order="stroke"),
        )
    )


def _pattern(key: str, pattern: str, color: str) -> str:
    made = PATTERNS[pattern]
    inside = "".join(tag(name, **look) for name, look in made.parts())
    return tag("pattern", inside, id=key, **made.tile(), **{made.ink: color})


def _layer(layer: Layer, factor: float, live: bool) -> str:
    halos = (
        tag("circle", class_="pm-first-halo" if live else "", cx=spot.x, cy=spot.y, r=spot.halo,
            fill=spot.halo_color, stroke=spot.halo_color, fill_opacity=0.1,
            stroke_opacity=0.4, stroke_width=0.8, stroke_dasharray="2 3")
        for spot in layer.spots if spot.halo
    )  # fmt: skip
    strokes = (_stroke(stroke, live) for stroke in layer.strokes)
    return tag(
        "g",
        "".join([*strokes, *halos, *(_spot(spot, factor, live) for spot in layer.spots)]),
        data_layer=layer.id,
        opacity=None if layer.opacity == 1 else layer.opacity,
    )


def _stroke(stroke: Stroke, live: bool) -> str:
    look = stroke.look
    lined: dict[str, Any] = {
        "stroke": look.stroke, "stroke_width": look.width, "stroke_dasharray": look.dash,
        "stroke_opacity": None if look.opacity == 1 else look.opacity,
        "stroke_linecap": "butt" if look.dash else "",
    }  # fmt: skip
    filled: dict[str, Any] = {"fill": look.fill, "fill_opacity": None if look.fill_opacity == 1 else look.fill_opacity}
    paper = "pm-first-paper" if live and look.name == "paper" else ""
    return tag("path", d=stroke.d, class_=paper, **(filled if look.fill else {}), **(lined if look.stroke else {}))


def _spot(spot: Spot, factor: float, live: bool) -> str:
    asked: dict[str, Any] = {"data_spot": f"{spot.x} {spot.y}", "data_size": spot.size} if live else {}
    return tag("g", _sign(spot.parts), **asked, transform=f"translate({spot.x} {spot.y})scale({factor})")


@lru_cache(maxsize=512)
def _sign(parts: tuple[Part, ...]) -> str:
    """The symbol of a point, of which there are many alike."""
    return "".join(
        tag("path", d=part.d, fill=part.fill, fill_opacity=None if part.fill_opacity == 1 else part.fill_opacity,
            stroke=part.stroke if part.width else "", stroke_width=part.width or None, stroke_dasharray=part.dash,
            transform=f"scale({part.icon:.4g})translate(-7.5 -7.5)" if part.icon else "")
        for part in parts
    )  # fmt: skip


def _name(name: Name, live: bool, font: str) -> str:
    placed: dict[str, Any] = {"display": "none"}
    if name.letters:
        return _bent(name, font)
    if name.at:
        x, y, angle = name.at
        placed = {"transform": f"translate({x} {y})rotate({angle})scale({name.scale})"}
    return tag(
        "g", "".join(_name_parts(name, font)), **(_asked(name) if live else {}),
        font_size=name.size, font_weight=name.weight, fill=name.color,
        font_style="italic" if name.italic else "", letter_spacing=name.spacing or None, stroke=name.halo,
        stroke_width=_halo_px(name), **placed,
    )  # fmt: skip


def _halo_px(name: Name) -> float | None:
    return (4 if name.size >= LARGE else 3) if name.halo else None


def _bent(name: Name, font: str) -> str:
    """A name that follows its line: one text, each letter with its own place and turn."""
    size, halo_px = name.size * name.scale, _halo_px(name)
    reach = (halo_px or 0) / 2 / size
    lines = [outline(one.text, font, name.weight, reach=reach) for one in name.letters] if font else [None]
    if None not in lines:
        placed = zip(lines, name.letters, strict=True)
        return "".join(
            _outlined(line, f"translate({one.x} {one.y})rotate({one.turn})", size, name, name.color)
            for line, one in placed if line is not None
        )  # fmt: skip
    return tag(
        "text", text("".join(one.text for one in name.letters)),
        x=" ".join(f"{one.x:.6g}" for one in name.letters), y=" ".join(f"{one.y:.6g}" for one in name.letters),
        rotate=" ".join(f"{one.turn:.4g}" for one in name.letters), text_anchor="start",
        font_size=size, font_weight=name.weight, fill=name.color, stroke=name.halo, stroke_width=halo_px,
    )  # fmt: skip


def _outlined(line: Line, place: str, size: float, name: Name, fill: str = "") -> str:
    """Words as an outline, over their halo."""
    at = f"{place}scale({size / line.units:.6g})"
    halo = tag("path", d=line.halo, transform=at, fill=name.halo, stroke="none") if line.halo else ""
    return halo + tag("path", d=line.d, transform=at, stroke="none", fill=fill)


def _asked(name: Name) -> dict[str, Any]:
    """What the first script has to know of a name, to choose anew which have room."""
    needs = (name.width, name.height, name.low, name.high, name.radius, name.size)
    return {
        "data_id": name.id, "data_name": " ".join(f"{one:.6g}" for one in needs),
        "data_at": " ".join(f"{one:.6g}" for place in name.places for one in place),
        "data_shield": 1 if name.shield else None,
    }  # fmt: skip


def _name_parts(name: Name, font: str) -> Iterator[str]:
    if name.shield:
        yield tag("rect", x=-(name.width / 2 - 2), y=-name.height / 2, width=name.width - 4, height=name.height,
                  rx=3.5, fill=name.shield, stroke="#ffffff", stroke_width=1.4)  # fmt: skip
    if name.mark:
        scale = name.size * 1.05 / 15
        yield tag("path", d=name.mark, transform=f"translate(0 {name.mark_y})scale({scale:.4g})translate(-7.5 -7.5)")
    for line, y in name.lines:
        weight = 700 if name.strong and line == name.lines[-1][0] else None
        reach = (_halo_px(name) or 0) / 2 / name.size
        drawn = outline(line, font, weight or name.weight, name.spacing / name.size, reach) if font else None
        if drawn is None:
            yield tag("text", text(line), y=y, x=name.spacing / 2 or None, font_weight=weight)
            continue
        left = name.spacing / 2 - drawn.width * name.size / drawn.units / 2
        yield _outlined(drawn, f"translate({left:.6g} {y:.6g})", name.size, name)
