"""The evaluation report as a file: the suffix says as what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geo import files
from layers.edition.inventory import Inventory
from layers.model.errors import LayersError
from layers.report import wording as words_of
from layers.report.blocks import stamped
from layers.report.chapters import fields, report
from layers.report.facts import Facts, Links

DOCX, PDF = ".docx", ".pdf"
SUFFIXES = (DOCX, PDF)
MOST_ADDRESS = 200
_REFUSED = set(" \"'<>\\^`{|}?#\t\r\n")


@dataclass(frozen=True)
class Wanted:
    """What is to be written.

    Attributes:
        lang: Of all words.
        links: Addresses of pages.
        folder: A plan folder whose ``report/template.docx`` and ``report/wording.toml`` take the place of what is
            shipped, or None.
        mark: A watermark over its maps, or "".
    """

    lang: str
    links: Links
    folder: Path | None = None
    mark: str = ""


def write(
    inventory: Inventory, path: Path, wanted: Wanted, progressed: Callable[[int, int], None] | None = None
) -> None:
    """Write the report. The same edition, wording and template always give the same bytes.

    Args:
        inventory: The edition's look-ups.
        path: ``.docx`` or ``.pdf``; whole or not at all.
        wanted: How.
        progressed: Told after each chapter how many are done, and of how many.

    Raises:
        LayersError: ``report.bad_format``, and what is wrong with wording and template.
        GeoError: ``vector.not_written`` when the file cannot be written.
    """
    path = files.check_target(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise LayersError("report.bad_format", value=path.suffix or path.name, choices=list(SUFFIXES))
    wording = words_of.read(checked_folder(wanted.folder), wanted.lang)
    if suffix == PDF:
        from layers.report import typeset  # noqa: PLC0415 - a Word file does without the typesetter

        document = stamped(report(inventory, wording, wanted.links, progressed=progressed), wanted.mark)
        with files.atomic_path(path) as temporary:
            typeset.report(document, temporary)
        return
    from layers.report import template as templates  # noqa: PLC0415 - a PDF does without Word's libraries
    from layers.report import word_file  # noqa: PLC0415

    own = None if wanted.folder is None else wanted.folder / words_of.FOLDER / templates.FILE
    macro = None if own is None else own.with_suffix(".docm")
    chosen = own if own and own.is_file() else macro if macro and macro.is_file() else None
    given = fields(Facts(inventory, wording, wanted.links))
    template = templates.Template(chosen, wanted.lang, given)
    document = stamped(report(inventory, wording, wanted.links, template.order, progressed), wanted.mark)
    with files.atomic_path(path) as temporary:
        word_file.write(document, template, temporary)


def start(folder: Path, lang: str) -> list[Path]:
    """Write the shipped template and wording into a plan folder, to be changed.

    Args:
        folder: The plan folder.
        lang: Of the template.

    Returns:
        What was written.

    Raises:
        LayersError: ``report.no_plan_folder``, ``report.start_there``.
        GeoError: ``vector.not_written``.
    """
    from layers.report import template as templates  # noqa: PLC0415
    from layers.report.shipped import shipped_template  # noqa: PLC0415

    checked_folder(folder)
    made = {
        folder / words_of.FOLDER / templates.FILE: shipped_template(lang),
        folder / words_of.FOLDER / words_of.FILE: words_of.shipped().encode(),
    }
    for path in made:
        if path.exists():
            raise LayersError("report.start_there", file=str(path))
    for path, content in made.items():
        with files.atomic_path(path) as temporary:
            temporary.write_bytes(content)
    return list(made)


def checked_folder(folder: Path | None) -> Path | None:
    """A plan folder that is there, or None where none is named.

    Raises:
        LayersError: ``report.no_plan_folder``.
    """
    if folder is not None and not folder.is_dir():
        raise LayersError("report.no_plan_folder", folder=str(folder))
    return folder


def checked_address(text: str) -> str:
    """The address of a map service, without a slash at its end.

    Raises:
        LayersError: ``report.bad_address``.

    Example:
        >>> checked_address("https://maps.example/p/")
        'https://maps.example/p'
    """
    scheme, _, rest = text.partition("://")
    host = rest.partition("/")[0]
    good = scheme in ("http", "https") and host and "@" not in host and len(text) <= MOST_ADDRESS
    if not good or _REFUSED & set(text) or not text.isprintable():
        raise LayersError("report.bad_address", value=text[:80], most=MOST_ADDRESS)
    return text.rstrip("/")
