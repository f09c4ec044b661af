"""The fields of a proposed record that a person corrects, and what may be typed into them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from layers.folder.reading import text_fault
from layers.model.errors import LayersError
from layers.model.figures import COMPARATORS, MEASURES

TEXT, LIST, NUMBER, YEAR, CHOICE = "text", "list", "number", "year", "choice"
_LONGEST = 2000
_SEPARATORS = re.compile(r"[、;；\n]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field.

    Attributes:
        name: In the record; ``baseline.value`` of a table inside it.
        form: ``text``, ``list`` (items between 、), ``number``, ``year`` or ``choice``.
        choices: Of a choice; kinds and statuses are a plan's own and are given later.
        needed: It must not be empty.
    """

    name: str
    form: str = TEXT
    choices: tuple[str, ...] = ()
    needed: bool = False


_FIGURE = (Field("value", NUMBER), Field("low", NUMBER), Field("high", NUMBER), Field("text"),
           Field("comparator", CHOICE, COMPARATORS))  # fmt: skip
_OF = tuple(
    Field(f"{side}.{one.name}", one.form, one.choices)
    for side in ("baseline", "target")
    for one in (Field("year", YEAR), *_FIGURE)
    if side == "target" or one.name != "comparator"
)
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "feature": (Field("name", needed=True), Field("kind", CHOICE, needed=True), Field("status", CHOICE),
                Field("aliases", LIST), Field("lead_units", LIST), Field("cites", LIST, needed=True)),
    "target": (Field("name", needed=True), *_FIGURE, Field("unit", needed=True),
               Field("measure", CHOICE, MEASURES), Field("year", YEAR, needed=True),
               Field("domain", needed=True), Field("cites", LIST, needed=True)),
    "indicator": (Field("name", needed=True), Field("unit", needed=True),
                  Field("property", CHOICE, ("expected", "binding"), needed=True), Field("domain", needed=True), *_OF,
                  Field("cites", LIST, needed=True)),
    "review": (Field("name", needed=True), Field("unit", needed=True),
               Field("property", CHOICE, ("expected", "binding"), needed=True), Field("base_year", YEAR, needed=True),
               Field("base", NUMBER), Field("goal", NUMBER), Field("goal_text"),
               Field("goal_comparator", CHOICE, COMPARATORS), Field("goal_growth", NUMBER),
               Field("result_year", YEAR, needed=True), Field("result", NUMBER), Field("result_text"),
               Field("result_growth", NUMBER), Field("stated_met", CHOICE, ("met", "missed")),
               Field("better", CHOICE, ("higher", "lower")), Field("cites", LIST, needed=True)),
}  # fmt: skip


def shown(field: Field, values: Mapping[str, Any]) -> str:
    """A field's value as it stands in a form.

    Example:
        >>> shown(Field("cites", LIST), {"cites": ["7.1", "表2-3"]})
        '7.1、表2-3'
        >>> shown(Field("target.value", NUMBER), {"target": {"value": 6.0}})
        '6'
    """
    value: Any = values
    for part in field.name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def typed(
    table: str, given: Mapping[str, str], choices: Mapping[str, tuple[str, ...]], name_of: Callable[[str], str]
) -> dict[str, Any]:
    """What was typed, as the fields of a record; an empty one is None.

    Args:
        table: The record's table.
        given: By field; those that are not there are not touched.
        choices: What a plan allows for ``kind`` and ``status``.
        name_of: A field's name in the reader's words.

    Raises:
        LayersError: ``reading.field``, ``reading.needed``.
    """
    found: dict[str, Any] = {}
    for one in FIELDS[table]:
        if one.name not in given:
            continue
        said = given[one.name].strip()
        if one.needed and not said:
            raise LayersError("reading.needed", field=name_of(one.name))
        allowed = choices.get(one.name, one.choices)
        value = _value(one, said, allowed, name_of)
        head, _, inner = one.name.partition(".")
        if inner:
            found.setdefault(head, {})
            if value is not None:
                found[head][inner] = value
        else:
            found[head] = value
    for head in ("baseline", "target"):
        if head in found and isinstance(found[head], dict) and set(found[head]) <= {"year"}:
            found[head] = None
    return found


def _value(field: Field, said: str, allowed: tuple[str, ...], name_of: Callable[[str], str]) -> Any:
    def wrong(choices: str) -> LayersError:
        return LayersError("reading.field", field=name_of(field.name), value=said[:60], choices=choices)

    if len(said) > _LONGEST or text_fault(said, _LONGEST):
        raise wrong("—")
    if not said:
        return [] if field.form == LIST else None
    if field.form == LIST:
        return list(dict.fromkeys(part.strip() for part in _SEPARATORS.split(said) if part.strip()))
    if field.form == CHOICE:
        if said not in allowed:
            raise wrong("、".join(allowed[:40]))
        return said
    if field.form == YEAR:
        if not (said.isascii() and said.isdecimal() and 1949 <= int(said) <= 2100):
            raise wrong("1949–2100")
        return int(said)
    if field.form == NUMBER:
        try:
            number = float(said.replace(",", "").replace("，", ""))
        except ValueError:
            raise wrong("1、2.5、-3") from None
        if not abs(number) < 1e15:
            raise wrong("1、2.5、-3")
        return int(number) if number.is_integer() else number
    return " ".join(said.split())
