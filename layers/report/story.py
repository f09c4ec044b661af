"""A story as a document: a cover, then a sheet or slide for each step with its map, words and clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo import files
from layers import words
from layers.drawing import asked as asking
from layers.drawing.plate import Plate
from layers.drawing.tour import asked_of
from layers.drawing.watermark import marked
from layers.edition import lightened
from layers.edition.notice import notice
from layers.edition.provenance import full_title
from layers.edition.store import Store
from layers.model.errors import LayersError, word
from layers.model.prose import Piece, pieces
from layers.style.icons import icon_paths

PDF, PPTX = ".pdf", ".pptx"
SUFFIXES = (PDF, PPTX)
PAPER = (205.0, 158.0)
"""Of a step's map, millimetres."""


@dataclass(frozen=True)
class Shown:
    """A step, ready to be written.

    Attributes:
        title: Its heading.
        pieces: Its words.
        cites: Clauses with the addresses of their pages, "" where there is none.
        plate: Its map.
    """

    title: str
    pieces: tuple[Piece, ...]
    cites: tuple[tuple[str, str], ...]
    plate: Plate


@dataclass(frozen=True)
class Told:
    """A story, ready to be written.

    Attributes:
        title: Its name.
        summary: What it is about.
        plan: The plan's full title.
        notes: Source, licence, what the map is worth, edition.
        steps: In their order.
        lang: Of all words.
        year: Of the data.
    """

    title: str
    summary: str
    plan: str
    notes: tuple[str, ...]
    steps: tuple[Shown, ...]
    lang: str
    year: int

    @property
    def clause_words(self) -> str:
        """What stands before a step's clauses."""
        return word("story.cites", self.lang)


def write(
    store: Store,
    story: str,
    path: Path,
    lang: str,
    *,
    clause: Callable[[str], str] = lambda _cite: "",
    mark: str = "",
    progressed: Callable[[int, int], None] | None = None,
) -> int:
    """Write a story; the suffix says as what. The same edition always gives the same bytes.

    Args:
        store: The edition.
        story: Id of the story.
        path: ``.pdf`` or ``.pptx``; whole or not at all.
        lang: Of all words.
        clause: Gives the address of a citation's page, or "".
        mark: A watermark over the maps, or "".
        progressed: Told after each step how many are done, and of how many.

    Returns:
        How many steps it has.

    Raises:
        LayersError: ``story.bad_format``, ``story.unknown``, ``story.none``, ``story.no_pptx``, and what the
            painter and the typesetter say.
        GeoError: ``vector.not_written`` when the file cannot be written.
    """
    path = files.check_target(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise LayersError("story.bad_format", value=path.suffix or path.name, choices=list(SUFFIXES))
    told = tell(store, story, lang, clause=clause, mark=mark, progressed=progressed)
    if suffix == PDF:
        from layers.report import typeset  # noqa: PLC0415 - slides do without the typesetter

        with files.atomic_path(path) as temporary:
            data, images = as_data(told)
            typeset.compiled(Path(__file__).with_name("story.typ"), data, images, temporary)
        return len(told.steps)
    from layers.report import slides  # noqa: PLC0415 - a PDF does without the office's library

    with files.atomic_path(path) as temporary:
        slides.write(told, temporary)
    return len(told.steps)


def tell(
    store: Store,
    story: str,
    lang: str,
    *,
    clause: Callable[[str], str] = lambda _cite: "",
    mark: str = "",
    progressed: Callable[[int, int], None] | None = None,
) -> Told:
    """A story with its maps drawn; see `write`."""
    found = find(store, story)
    said = notice(store.edition, {name: store.frame(name) for name in store.layers}, lang)
    number = str(store.plan.get("approval") or "")
    notes = [
        word("notice.join", lang).join((said["attribution"], said["licence"])), said["disclaimer"],
        word("sheet.approval", lang, number=number) if number else "",
        word("story.edition", lang, hash=store.hash[:12], year=store.plan.get("as_of", "")),
    ]  # fmt: skip
    steps = tuple(_shown(store, found["steps"], lang, clause, mark, progressed))
    return Told(
        words.name(found, lang), words.said(found, lang, "summary"), full_title(store.plan, lang),
        tuple(note for note in notes if note), steps, lang, int(store.plan["as_of"]),
    )  # fmt: skip


def find(store: Store, story: str) -> Mapping[str, Any]:
    """A story of an edition.

    Raises:
        LayersError: ``story.none``, ``story.unknown``; ``story.vast`` where it shows nothing but layers that the
            edition is without.
    """
    lightened.check_told(store.edition, story)
    if not store.stories:
        raise LayersError("story.none")
    if story not in store.stories:
        raise LayersError("story.unknown", value=story[:60], choices=list(store.stories))
    return store.stories[story]


def _shown(
    store: Store,
    steps: Sequence[Mapping[str, Any]],
    lang: str,
    clause: Callable[[str], str],
    mark: str,
    progressed: Callable[[int, int], None] | None,
) -> Iterator[Shown]:
    paper = "x".join(f"{side:g}" for side in PAPER)
    for number, step in enumerate(steps, start=1):
        plate = marked(asking.draw(store, asked_of(store, step, lang, paper), icon_paths()), mark)
        cites = tuple((store.notation.label(cite, lang), clause(cite)) for cite in step.get("cites", ()))
        yield Shown(words.name(step, lang, "title"), pieces(words.said(step, lang, "text")), cites, plate)
        if progressed is not None:
            progressed(number, len(steps))


def as_data(told: Told) -> tuple[dict[str, Any], dict[str, str]]:
    """What the typesetter reads, and the drawings beside it."""
    from layers.report import typeset  # noqa: PLC0415 - only who sets pages needs it

    images = {f"step-{number}.svg": step.plate.svg for number, step in enumerate(told.steps, start=1)}
    data = {
        **typeset.common(told.lang, told.year), "title": told.title, "summary": told.summary, "plan": told.plan,
        "notes": list(told.notes), "map": list(PAPER), "cites": told.clause_words,
        "steps": [
            {
                "title": step.title, "file": file, "alt": step.plate.account.summary or step.plate.summary,
                "cites": [{"text": text, **({"url": url} if url else {})} for text, url in step.cites],
                "pieces": [
                    {"depth": piece.depth, "number": piece.number,
                     "runs": [{"text": run.text, "strong": run.strong, "em": run.em,
                               **({"url": run.url} if run.url else {})} for run in piece.runs]}
                    for piece in step.pieces
                ],
            }
            for file, step in zip(images, told.steps, strict=True)
        ],
    }  # fmt: skip
    return data, images
