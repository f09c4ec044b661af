"""Columns as QGIS shows them: headings in words, codes by name, what may not be changed, map tips."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from layers import words
from layers.model.tables import FEATURE_COLUMNS, FLAG, SEPARATOR, split
from layers.qgis.source import Source, word
from layers.style.qml_labels import FAMILIES
from layers.style.qml_xml import quoted

FID = "fid"
POSITION = "position"
"""A column that QGIS works out: whether a row is on the map, is known to a unit only, or why it is not there."""
KEPT = (FID, "id", "length_km", "length_inside_km", "area_km2", "label_lon", "label_lat", POSITION)
"""Columns that are not for hands: the id is what edits are compared by, the others are measured."""
MOST_VALUES = 300
"""More codes than this are no list to choose from; the column is shown as it is stored."""
SERVER = "planmap_server"
"""Variable of the project: the address of the server, so that links of map tips lead to its pages."""
_NOTED = ("note", "note_en", "no_geometry", "no_geometry_en")


def form(source: Source, layer: Mapping[str, Any]) -> Iterator[ET.Element]:
    """Write what a layer's style and project say of its columns and its map tip.

    Args:
        source: What the project is written from.
        layer: The layer's record.
    """
    frame = source.frames[layer["id"]]
    columns = [FID, *FEATURE_COLUMNS, POSITION]
    yield _position(source, layer)
    yield _widgets(source, layer, frame, columns)
    aliases = ET.Element("aliases")
    for index, column in enumerate(columns):
        ET.SubElement(aliases, "alias", field=column, index=str(index), name=heading(column, source.lang))
    yield aliases
    yield _rows_without_shape(layer)
    editable = ET.Element("editable")
    for column in columns:
        ET.SubElement(editable, "field", name=column, editable="0" if column in KEPT else "1")
    yield editable
    yield _text("previewExpression", '"name"')
    yield _text("mapTip", map_tip(source, layer))


def heading(column: str, lang: str) -> str:
    """What a column is called; codes by what they stand for, as their names are shown.

    Example:
        >>> heading("zone", "zh"), heading("id", "en")
        ('片区', 'Id')
    """
    if column == POSITION:
        return word("position", lang)
    named = f"column.{column}_name"
    key = named if named in words.COLUMNS else f"column.{column}"
    return words.COLUMNS.text(key, lang) if key in words.COLUMNS else column


def _position(source: Source, layer: Mapping[str, Any]) -> ET.Element:
    """Write the column ``POSITION``: rows without a shape are told apart from layers without any."""
    lang, units = source.lang, source.names.get("unit", {})
    used = sorted(set(source.frames[layer["id"]]["unit"]) - {""})
    named = ", ".join(f"{quoted(unit)}, {quoted(units.get(unit, unit))}" for unit in used[:MOST_VALUES])
    unit = f'coalesce(map_get(map({named}), "unit"), "unit")' if named else '"unit"'
    reason = _either("no_geometry", lang)
    expression = (
        f"CASE WHEN coalesce(\"unit\", '') <> '' THEN {quoted(word('within', lang))} || {unit}"
        f" WHEN coalesce({reason}, '') <> '' THEN {quoted(word('not_on_map', lang) + ': ')} || {reason}"
    )
    if layer.get("geometry") == "none":
        expression += f" ELSE {quoted(word('not_on_map', lang))} END"
    else:
        expression += f" WHEN $geometry IS NULL THEN {quoted(word('not_on_map', lang))}"
        expression += f" ELSE {quoted(word('on_map', lang))} END"
    root = ET.Element("expressionfields")
    about = {"name": POSITION, "expression": expression, "comment": "", "type": "10", "typeName": "string"}
    ET.SubElement(root, "field", {**about, "subType": "0", "length": "0", "precision": "0"})
    return root


def map_tip(source: Source, layer: Mapping[str, Any]) -> str:
    """Write a map tip with what the page's card says; every text of a record is escaped where it is put in."""
    lang = source.lang
    lines = [f"<b>{cell(_either('name', lang))}</b><br>"]
    lines.append(_line([_named("kind"), _named("status"), _named("zone"), _named("township")], " · "))
    lines.append(_line([_labelled(word("cites", lang), _listed("cites", lang))], ""))
    accuracy = (
        f"CASE WHEN \"accuracy_m\" IS NOT NULL AND coalesce(\"basis\", '') <> '' THEN {quoted(word('accuracy', lang))}"
        f' || format_number("accuracy_m", 0) || {quoted(word("metres", lang))} END'
    )
    lines.append(_line([_labelled(heading("basis", lang), _named("basis")), accuracy], ", " if lang == "en" else "，"))
    if layer.get("geometry") != "none":
        lines.append(_line([f'CASE WHEN $geometry IS NULL THEN "{POSITION}" END'], ""))
    else:
        lines.append(_line([f'"{POSITION}"'], ""))
    measures = [_labelled(heading(one, lang), f'"{one}"') for one in ("length_km", "area_km2")]
    lines.append(_line(measures, " · "))
    lines.append(_line([_labelled(heading("lead_units", lang), _listed("lead_units", lang))], ""))
    lines.append(_line([_either("note", lang)], ""))
    link = f"coalesce(@{SERVER}, '') || '/feature/' || \"id\""
    lines.append(f'<a href="{cell(link)}">{word("card", lang)} [% {_escaped(chr(34) + "id" + chr(34))} %]</a>')
    return '<div style="max-width: 24em">' + "".join(lines) + "</div>"


def cell(expression: str) -> str:
    """What an expression gives, in a map tip, as text whatever is in it.

    Example:
        >>> cell('"name"').startswith("[% replace(")
        True
    """
    return f"[% {_escaped(expression)} %]"


# ---- machinery


def _text(tag: str, text: str) -> ET.Element:
    element = ET.Element(tag)
    element.text = text
    return element


def _either(column: str, lang: str) -> str:
    """Expression: the column in the language, else in the other one."""
    first, second = (f"{column}_en", column) if lang == "en" else (column, f"{column}_en")
    return f'coalesce(nullif("{first}", \'\'), "{second}")'


def _named(column: str) -> str:
    return f'represent_value("{column}")'


def _listed(column: str, lang: str) -> str:
    """Expression: the items of a list's cell as people write them."""
    return f'replace("{column}", {quoted(SEPARATOR)}, {quoted(_joint(lang))})'


def _joint(lang: str) -> str:
    """What stands between the items of a list."""
    return ", " if lang == "en" else "、"


def _labelled(label: str, expression: str) -> str:
    """Expression: label and value; nothing where there is no value."""
    value = f"to_string({expression})"
    return f"CASE WHEN coalesce({value}, '') <> '' THEN {quoted(label + ' ')} || {value} END"


def _escaped(expression: str) -> str:
    """Expression: a text as HTML holds it, in an attribute too."""
    text = f"coalesce(to_string({expression}), '')"
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("''", "&#39;")):
        text = f"replace({text}, '{letter}', '{entity}')"
    return text


def _line(expressions: Sequence[str], joint: str) -> str:
    """A line of the tip: what there is of the values, joined; no line where there is nothing."""
    kept = f"array_filter(array({', '.join(expressions)}), coalesce(to_string(@element), '') <> '')"
    escaped = _escaped(f"array_to_string({kept}, {quoted(joint)})")
    return f"[% with_variable('line', {escaped}, CASE WHEN @line = '' THEN '' ELSE @line || '<br>' END) %]"


def _widgets(source: Source, layer: Mapping[str, Any], frame: pd.DataFrame, columns: Iterable[str]) -> ET.Element:
    root = ET.Element("fieldConfiguration")
    for column in columns:
        entry = ET.SubElement(root, "field", name=column, configurationFlags="None")
        values = _values(source, layer, frame, column)
        if values:
            _value_map(entry, values)
        elif column in _NOTED:
            widget = ET.SubElement(entry, "editWidget", type="TextEdit")
            _options(widget, {"IsMultiline": ("bool", "true"), "UseHtml": ("bool", "false")})
        elif column == FID:
            ET.SubElement(ET.SubElement(entry, "editWidget", type="Hidden"), "config")
        else:
            ET.SubElement(ET.SubElement(entry, "editWidget", type=""), "config")
    return root


def _values(source: Source, layer: Mapping[str, Any], frame: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    """Name and code of what a column may hold: all codes, and the lists of them that stand in a cell here."""
    if FEATURE_COLUMNS.get(column) == FLAG:
        return [(words.COLUMNS.text(f"column.{word}", source.lang), code) for word, code in _FLAGS]
    names = source.names.get(column)
    if not names:
        return []
    codes = list(layer["kinds"]) if column == "kind" else list(names)
    codes = [code for code in codes if code in names]
    cells = sorted({str(cell) for cell in frame[column].unique()} - set(codes) - {""})
    if column == "unit":
        codes = []
    if len(codes) + len(cells) > MOST_VALUES:
        codes = []
    if len(cells) > MOST_VALUES or not codes + cells:
        return []
    joint = _joint(source.lang)
    listed = [(joint.join(names.get(code, code) for code in split(cell)), cell) for cell in [*codes, *cells]]
    return [("", ""), *_told_apart(listed)]


_FLAGS = (("yes", "true"), ("no", "false"))


def _told_apart(listed: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Names of codes, each once: two codes of one name would be one entry."""
    seen: set[str] = set()
    for name, code in listed:
        yield (f"{name} ({code})" if name in seen or not name else name), code
        seen.add(name)


def _value_map(entry: ET.Element, values: Iterable[tuple[str, str]]) -> None:
    config = ET.SubElement(ET.SubElement(entry, "editWidget", type="ValueMap"), "config")
    outer = ET.SubElement(config, "Option", type="Map")
    listed = ET.SubElement(outer, "Option", type="List", name="map")
    for name, code in values:
        pair = ET.SubElement(listed, "Option", type="Map")
        ET.SubElement(pair, "Option", type="QString", name=name, value=code)


def _options(widget: ET.Element, values: Mapping[str, tuple[str, str]]) -> None:
    outer = ET.SubElement(ET.SubElement(widget, "config"), "Option", type="Map")
    for name, (kind, value) in values.items():
        ET.SubElement(outer, "Option", type=kind, name=name, value=value)


def _rows_without_shape(layer: Mapping[str, Any]) -> ET.Element:
    """Rows that are not on the map stand grey and slanted in the table."""
    root = ET.Element("conditionalstyles")
    rows = ET.SubElement(root, "rowstyles")
    if layer.get("geometry") != "none":
        style = {"rule": "$geometry IS NULL", "name": "", "text_color": "gray", "text_color_alpha": "255"}
        element = ET.SubElement(rows, "style", style)
        ET.SubElement(element, "font", description=f"{FAMILIES[0]},9,-1,5,50,1,0,0,0,0", style="")
    ET.SubElement(root, "fieldstyles")
    return root
