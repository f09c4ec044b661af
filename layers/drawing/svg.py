"""A picture as SVG text, for files: shapes, symbols and those names that have room. Text stays text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from layers.drawing.names import Name
from layers.drawing.picture import Picture, Spot, Stroke
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
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_value(value))}"
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"


def text(words: str) -> str:
    """Words as markup."""
    return escape(xml_text(words))


def _value(value: Value) -> str:
    return xml_text(value) if isinstance(value, str) else f"{value:.6g}"


def drawn(picture: Picture) -> str:
    """The markup of a picture, from its upper left corner."""
    return "".join(
        (
            tag("defs", "".join(_pattern(key, *of) for key, of in picture.patterns.items()))
            if picture.patterns
            else "",
            _beyond(picture),
            *(_layer(layer.id, layer.strokes, layer.spots, picture.factor) for layer in picture.layers),
            tag("g", "".join(map(_name, picture.names)), text_anchor="middle", paint_order="stroke"),
        )
    )


def _pattern(key: str, pattern: str, color: str) -> str:
    if pattern == "dots":
        inside = tag("circle", cx=2, cy=2, r=0.9) + tag("circle", cx=6, cy=6, r=0.9)
        return tag("pattern", inside, id=key, width=8, height=8, patternUnits="userSpaceOnUse",
                   fill=color, fill_opacity=0.75)  # fmt: skip
    inside = tag("path", d="M0 0V7", stroke_width=1.3, stroke_opacity=0.45)
    inside += tag("path", d="M0 0H7", stroke_width=1, stroke_opacity=0.6) if pattern == "cross" else ""
    return tag("pattern", inside, id=key, width=7, height=7, patternUnits="userSpaceOnUse",
               patternTransform="rotate(45)", stroke=color)  # fmt: skip


def _beyond(picture: Picture) -> str:
    plane = picture.plane
    return tag("rect", width=plane.width, height=plane.height, fill=picture.beyond) if picture.beyond else ""


def _layer(name: str, strokes: tuple[Stroke, ...], spots: tuple[Spot, ...], factor: float) -> str:
    halos = (
        tag("circle", cx=spot.x, cy=spot.y, r=spot.halo, fill=spot.halo_color, stroke=spot.halo_color,
            fill_opacity=0.1, stroke_opacity=0.4, stroke_width=0.8, stroke_dasharray="2 3")
        for spot in spots if spot.halo
    )  # fmt: skip
    inside = "".join([*map(_stroke, strokes), *halos, *(_spot(spot, factor) for spot in spots)])
    return tag("g", inside, data_layer=name) if inside else ""


def _stroke(stroke: Stroke) -> str:
    look = stroke.look
    lined: dict[str, Any] = {
        "stroke": look.stroke, "stroke_width": look.width, "stroke_dasharray": look.dash,
        "stroke_opacity": None if look.opacity == 1 else look.opacity,
        "stroke_linecap": "butt" if look.dash else "",
    }  # fmt: skip
    filled: dict[str, Any] = {"fill": look.fill, "fill_opacity": None if look.fill_opacity == 1 else look.fill_opacity}
    return tag("path", d=stroke.d, **(filled if look.fill else {}), **(lined if look.stroke else {}))


def _spot(spot: Spot, factor: float) -> str:
    parts = (
        tag("path", d=part.d, fill=part.fill, fill_opacity=None if part.fill_opacity == 1 else part.fill_opacity,
            stroke=part.stroke if part.width else "", stroke_width=part.width or None, stroke_dasharray=part.dash,
            transform=f"scale({part.icon:.4g})translate(-7.5 -7.5)" if part.icon else "")
        for part in spot.parts
    )  # fmt: skip
    return tag("g", "".join(parts), transform=f"translate({spot.x} {spot.y})scale({factor})")


def _name(name: Name) -> str:
    if name.at is None:
        return ""
    inside = "".join(_name_parts(name))
    x, y, angle = name.at
    return tag(
        "g", inside, font_size=name.size, font_weight=name.weight, fill=name.color,
        font_style="italic" if name.italic else "", letter_spacing=name.spacing or None, stroke=name.halo,
        stroke_width=(4 if name.size >= 16 else 3) if name.halo else None,
        transform=f"translate({x} {y})rotate({angle})scale({name.scale})",
    )  # fmt: skip


def _name_parts(name: Name) -> Iterator[str]:
    if name.shield:
        yield tag("rect", x=-(name.width / 2 - 2), y=-name.height / 2, width=name.width - 4, height=name.height,
                  rx=3.5, fill=name.shield, stroke="#ffffff", stroke_width=1.4)  # fmt: skip
    if name.mark:
        scale = name.size * 1.05 / 15
        yield tag("path", d=name.mark, transform=f"translate(0 {name.mark_y})scale({scale:.3g})translate(-7.5 -7.5)")
    for line, y in name.lines:
        yield tag("text", text(line), y=y, x=name.spacing / 2 or None)
