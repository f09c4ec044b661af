"""What can be wrong with a plan folder or an edition, as keys of message catalogues, and where it was found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from geo.errors import GeoError, PlanmapError
from geo.messages import DEFAULT_LANGUAGE, Catalogue, plain

ERROR, WARNING = "error", "warning"
"""Severities: an error prevents a build, a warning does not."""

_CATALOGUE = Catalogue(Path(__file__).parents[1] / "messages.toml", Path(__file__).parents[1] / "messages")


class LayersError(PlanmapError):
    """Something is wrong with a plan, a citation or an indicator."""

    catalogue: ClassVar[Catalogue] = _CATALOGUE


class EditionError(LayersError):
    """An edition cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record was read.

    Attributes:
        file: Path relative to the plan folder (shared files: with the data folder's name).
        record: The record's id, or "" for the file as a whole.
        line: The line on which the record begins, or None.
    """

    file: str
    record: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a plan folder.

    Attributes:
        file: The file, relative to the plan folder.
        record: Id of the record, or "".
        field: Name of the field, or "".
        key: Key of the message.
        params: Values for the message.
        severity: ``error`` or ``warning``.
        line: Line in the file, or None.
    """

    file: str
    record: str
    field: str
    key: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    severity: str = ERROR
    line: int | None = None

    def text(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong, in plain words; harmless in a terminal whatever the data hold."""
        text = self._catalogue().text(self.key, lang, **self.params)
        where = str(self.params.get("where", ""))
        return f"{plain(where, lang)}: {text}" if where and where != self.record else text

    def remedy(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """What to do about it."""
        remedy = self._catalogue().remedy(self.key, lang, **self.params)
        if self.params.get("guess"):
            remedy = word("guess", lang, guess=self.params["guess"]) + remedy
        return remedy

    def record_text(self) -> str:
        """File, line, record and field as one line, harmless in a terminal."""
        at = f"{self.file}:{self.line}" if self.line else self.file
        return " ".join(plain(part) for part in (at, self.record, self.field) if part)

    def as_dict(self) -> dict[str, Any]:
        """For machines: everything, with both languages."""
        return {
            "file": self.file, "line": self.line, "record": self.record, "field": self.field,
            "severity": self.severity, "key": self.key,
            "text": {lang: self.text(lang) for lang in ("zh", "en")},
            "remedy": {lang: self.remedy(lang) for lang in ("zh", "en")},
        }  # fmt: skip

    def _catalogue(self) -> Catalogue:
        return _CATALOGUE if self.key in _CATALOGUE else GeoError.catalogue


class PlanError(LayersError):
    """A plan folder has errors; carries every problem that was found, warnings too."""

    def __init__(self, problems: Iterable[Problem], folder: str = "") -> None:
        self.problems = tuple(problems)
        self.folder = folder
        errors = [problem for problem in self.problems if problem.severity == ERROR]
        first = errors[0] if errors else None
        super().__init__(
            "plan.errors",
            count=len(errors),
            folder=folder,
            first=f"{first.record_text()}: {first.text()}" if first else "",
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems, self.folder)


def word(key: str, lang: str = DEFAULT_LANGUAGE, **params: Any) -> str:
    """A text of this package's catalogue."""
    return _CATALOGUE.filled(key, lang, **params)
