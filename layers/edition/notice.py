"""What every file given out says of itself: origin, licence, disclaimer, accuracy, coordinates, edition."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from layers import words
from layers.edition import lightened
from layers.edition.provenance import full_title
from layers.model.errors import word
from layers.model.tables import split

if TYPE_CHECKING:
    from layers.edition.file import Edition
    from layers.edition.systems import System


@dataclass(frozen=True, slots=True)
class Notice:
    """The statements of one file in one language.

    Attributes:
        lang: Their language.
        items: Name of each statement (a key of ``notice.label``) and its text, in reading order.
    """

    lang: str
    items: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        """A statement; "" when the file makes none of that name."""
        return dict(self.items).get(name, "")

    def record(self) -> dict[str, str]:
        """The statements by name, for formats that hold such tables."""
        return dict(self.items)

    def labelled(self) -> list[tuple[str, str]]:
        """Label and text of each statement."""
        return [(word(f"notice.label.{name}", self.lang), text) for name, text in self.items]

    def text(self, names: Container[str] | None = None) -> str:
        """The statements, one after another; all of them unless names are given."""
        kept = Notice(self.lang, tuple(one for one in self.items if names is None or one[0] in names))
        return "\n".join(word("notice.line", self.lang, label=label, text=text) for label, text in kept.labelled())

    def short(self) -> str:
        """What a row of a table says of itself: attribution, licence, disclaimer, a warning, edition."""
        names = ("attribution", "licence", "warning", "disclaimer", "edition")
        return word("notice.join", self.lang).join(self[name] for name in names if self[name])


def notice(
    edition: Edition, frames: Mapping[str, pd.DataFrame], lang: str, system: System | None = None, part: str = ""
) -> Notice:
    """Give the statements of a file.

    Args:
        edition: What the file is made from.
        frames: The rows that are in it, by layer; sources and accuracies are theirs.
        lang: Language of the words.
        system: What its coordinates are in, or None for a table without any.
        part: What of the edition it holds, in words, or "" for all of it.
    """
    plan = edition.meta["plan"]
    title = full_title(plan, lang)
    found = {
        "title": title,
        "part": part or word("notice.whole", lang),
        "attribution": words.said(plan, lang, "attribution") or title,
        "licence": licence(plan, lang),
        "sources": word("notice.join", lang).join(_sources(edition, frames, lang)),
        # What it is without belongs to what it cannot be used for.
        "disclaimer": " ".join(one for one in (word("notice.disclaimer", lang), lightened.said(edition, lang)) if one),
        "accuracy": _accuracy(edition, frames, lang),
        "coordinates": system.words(lang) if system else "",
        "warning": system.warning(lang) if system else "",
        "edition": word("notice.edition", lang, plan=str(plan["id"]), hash=edition.hash, year=str(plan["as_of"])),
    }
    return Notice(lang, tuple((name, text) for name, text in found.items() if text))


def licence(plan: Mapping[str, Any], lang: str) -> str:
    """The terms that a plan's data are given out on, with their address; says so when there are none."""
    stated = [text for text in (words.said(plan, lang, "licence"), str(plan.get("licence_url") or "")) if text]
    return " ".join(stated) or word("notice.no_licence", lang)


def values_range(values: Iterable[float]) -> str:
    """Least and greatest of some metres, as one figure when they are the same; "" for none."""
    found = list(values)
    if not found:
        return ""
    low, high = words.number(min(found), 0), words.number(max(found), 0)
    return low if low == high else f"{low}–{high}"


# ---- machinery


def _sources(edition: Edition, frames: Mapping[str, pd.DataFrame], lang: str) -> list[str]:
    """The sources that the rows cite, each with whom to name and on which terms."""
    cited = {one for frame in frames.values() for cell in set(frame["sources"].tolist()) for one in split(cell)}
    told = []
    for source in edition.meta.get("sources", ()):
        if str(source.get("name")) not in cited:
            continue
        title = words.said(source, lang, "title") or str(source["name"])
        terms = [words.said(source, lang, field) for field in ("attribution", "licence")]
        kept = ", ".join(dict.fromkeys(one for one in terms if one and one != title))
        told.append(word("notice.source", lang, title=title, terms=kept) if kept else title)
    return told


def _accuracy(edition: Edition, frames: Mapping[str, pd.DataFrame], lang: str) -> str:
    """How many rows lie on each basis, and how far off they may be."""
    names = {str(one["id"]): words.name(one, lang) for one in edition.meta.get("bases", ())}
    found: dict[str, list[float]] = {}
    without = 0
    for frame in frames.values():
        columns = (frame[name].tolist() for name in ("basis", "accuracy_m", "no_geometry"))
        for basis, metres, missing in zip(*columns, strict=True):
            if missing or not basis:
                without += 1
                continue
            found.setdefault(str(basis), []).append(float("nan") if pd.isna(metres) else float(metres))
    told = []
    for basis in [*(one for one in names if one in found), *(one for one in found if one not in names)]:
        known = values_range(one for one in found[basis] if one == one)
        key = "notice.basis" if known else "notice.basis_unknown"
        told.append(word(key, lang, name=names.get(basis, basis), count=len(found[basis]), accuracy=known))
    if without:
        told.append(word("notice.without", lang, count=without))
    if told:
        told.append(word("notice.accuracy_each", lang))
    return word("notice.join", lang).join(told)
