"""The wording of documents: shipped in the message catalogue, replaced as far as a plan folder's wording does."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.messages import Catalogue
from layers.model.errors import LayersError
from layers.report.blocks import Text, filled, said

FOLDER = "report"
"""Of a plan folder: where its wording and template are."""
FILE = "wording.toml"
CHAPTERS = ("overall", "indicators", "zones", "projects", "claims", "notes")
"""Keys of the chapters, in the order in which they are shipped."""
_PREFIX = "report.say."
_MESSAGES = Path(__file__).parents[1] / "messages" / "report.toml"
_SHIPPED = Catalogue(_MESSAGES)
_LANGUAGES = ("zh", "en")
_HOLE = re.compile(r"\{(\w+)\}")
_LONGEST = 200_000


@dataclass(frozen=True)
class Wording:
    """Phrases in one language.

    Attributes:
        lang: The language.
        own: Those that a plan folder replaces, by key and language.
        order: Keys of the chapters that are written, in their order.
    """

    lang: str
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    order: tuple[str, ...] = CHAPTERS

    def text(self, key: str, **params: str | int | Text) -> Text:
        """A phrase with its gaps filled, as spans."""
        shipped = _SHIPPED.entries[_PREFIX + key]
        template = self.own.get(key, {}).get(self.lang) or shipped[self.lang]
        return filled(template, params)

    def __call__(self, key: str, **params: str | int | Text) -> str:
        """A phrase as plain words."""
        return said(self.text(key, **params))


def read(folder: Path | None, lang: str) -> Wording:
    """The wording for a plan folder.

    Args:
        folder: The plan folder, or None for what is shipped.
        lang: ``zh`` or ``en``.

    Raises:
        LayersError: ``report.wording_…``: it cannot be read, or names what there is not.
    """
    path = None if folder is None else folder / FOLDER / FILE
    if path is None or not path.is_file():
        return Wording(lang)
    file = f"{FOLDER}/{FILE}"
    try:
        if path.stat().st_size > _LONGEST:
            raise LayersError("report.wording_unread", file=file, detail=_SHIPPED.text("report.detail.size", lang))
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LayersError("report.wording_unread", file=file, detail=detail) from error
    order = _order(table.pop("order", list(CHAPTERS)), file)
    own = dict(_checked(_phrases(table, file), file))
    return Wording(lang, own, order)


def shipped() -> str:
    """The shipped wording as a file to be changed."""
    lines = [f"order = [{', '.join(map(_quoted, CHAPTERS))}]", ""]
    for key, entry in _entries().items():
        lines += [f"[{key}]", *(f"{lang} = {_quoted(entry[lang])}" for lang in _LANGUAGES), ""]
    return "\n".join(lines)


def _entries() -> dict[str, dict[str, str]]:
    return {key.removeprefix(_PREFIX): one for key, one in _SHIPPED.entries.items() if key.startswith(_PREFIX)}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _order(given: Any, file: str) -> tuple[str, ...]:
    named = given if isinstance(given, list) else [given]
    for at, one in enumerate(named):
        if one not in CHAPTERS or one in named[:at]:
            raise LayersError("report.wording_order", file=file, value=str(one)[:60], choices=list(CHAPTERS))
    if not named:
        raise LayersError("report.wording_order", file=file, value="[]", choices=list(CHAPTERS))
    return tuple(named)


def _phrases(table: Mapping[str, Any], file: str, prefix: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Phrases of nested tables by dotted key; one that there is not is a fault."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        known = key in _entries()
        if not isinstance(value, Mapping) or not (known or any(one.startswith(f"{key}.") for one in _entries())):
            raise LayersError("report.wording_unknown", file=file, value=key[:80])
        texts = {lang: one for lang, one in value.items() if known and lang in _LANGUAGES and isinstance(one, str)}
        if texts:
            yield key, texts
        yield from _phrases({name: one for name, one in value.items() if name not in texts}, file, f"{key}.")


def _checked(phrases: Iterator[tuple[str, Mapping[str, str]]], file: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for key, texts in phrases:
        allowed = set(_HOLE.findall(_entries()[key]["zh"]))
        for text in texts.values():
            for gap in _HOLE.findall(text):
                if gap not in allowed:
                    raise LayersError("report.wording_gap", file=file, value=key, gap=gap, choices=sorted(allowed))
        yield key, texts
