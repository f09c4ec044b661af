"""Files of a plan folder that nothing reads: a misspelt name must not lose a planner's work in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from geo.foreign.text import PARTS
from layers.folder.reading import Faults, did_you_mean
from layers.folder.scans import FOLDER, pictures
from layers.model.errors import ERROR, WARNING, Origin
from layers.model.plan import Plan
from layers.model.stories import FOLDER as STORIES

READING = "reading.toml"
"""What was decided when the plan's text was read (``layers.document.decided``); a build does not need it."""
FILES = (
    "plan.toml", "kinds.toml", "computed_indicators.toml", "outline.toml", "sources.toml", "places.csv",
    "indicators.toml", "observed.csv", "targets.toml", "review.toml", "claims.toml", "surfaces.toml", READING,
    "report/wording.toml", "report/template.docx",
)  # fmt: skip
"""What a plan folder may hold, beside ``features/*.toml``, ``text/*.txt`` and the files that recipes name."""

_DOCUMENTS = ("readme", "license", "licence", "changelog", "说明")
_MACHINES = ("thumbs.db", "desktop.ini")
_COMPANIONS = (".xml", ".qmd", ".qml", ".sld", ".qpj")
"""What GIS programs write beside a file: descriptions and styles, `t.shp.xml`, `t.qml`."""
_LISTED = 50


def check_unread(plan: Plan, faults: Faults) -> None:
    """Name every file that nothing reads, with the name that was probably meant.

    Args:
        plan: The plan, whose recipes name files.
        faults: Takes a warning for each.
    """
    named = {path for feature in plan.features if feature.recipe is not None for path, _ in feature.recipe.files()}
    named |= set(pictures(plan.scans))
    if plan.surfaces is not None and plan.surfaces.population is not None and plan.surfaces.population.raster:
        named.add(plan.surfaces.population.raster)
    stems = {path.rsplit(".", 1)[0] for path in named}
    # A recipe with a fault of its own is not there to name its file.
    unsound = [
        (plan.folder / file).read_text("utf-8", errors="replace")
        for file in sorted({one.file for one in faults.problems if one.severity == ERROR})
        if file.startswith(("features/", f"{FOLDER}/")) and (plan.folder / file).is_file()
    ]
    known = [*FILES, *sorted(named)]
    unread = [
        path
        for path in _walk(plan.folder, plan.folder)
        if path not in FILES
        and path not in named
        and not (Path(path).suffix.lower() in (*PARTS, *_COMPANIONS) and path.rsplit(".", 1)[0] in {*stems, *named})
        and not (path.startswith(("features/", f"{FOLDER}/")) and path.count("/") == 1 and path.endswith(".toml"))
        and not (path.startswith(f"{STORIES}/") and path.count("/") == 1 and path.endswith(".toml"))
        and not (path.startswith("text/") and path.count("/") == 1 and path.endswith(".txt"))
        and not any(f'"{name}"' in text or f"'{name}'" in text for text in unsound for name in _as_named(path))
    ]
    for path in unread[:_LISTED]:
        faults.add(Origin(path), "", "folder.unread", severity=WARNING, file=path, guess=_meant(path, known))


def _as_named(path: str) -> tuple[str, ...]:
    """How records name a file: by its path, a scan's picture by its name alone."""
    return (path, path.removeprefix(f"{FOLDER}/")) if path.startswith(f"{FOLDER}/") else (path,)


def _walk(folder: Path, top: Path) -> Iterator[str]:
    """Paths of all files below, in order; documents and what machines leave are passed over, links not followed."""
    for one in sorted(folder.iterdir()):
        name = one.name.casefold()
        if name.startswith((".", "~$")) or name in _MACHINES or name.endswith("~"):
            continue
        if one.is_dir() and not one.is_symlink():
            yield from _walk(one, top)
        elif not (name.endswith(".md") or name.split(".")[0] in _DOCUMENTS):
            yield one.relative_to(top).as_posix()


def _meant(path: str, known: list[str]) -> str:
    """The known name that was probably meant, or ""."""
    name, stem = path.rsplit("/", 1)[-1], Path(path).stem
    same = [one for one in known if Path(one).stem.casefold() == stem.casefold()]
    if same:
        return same[0]
    if "/" in path and Path(path).suffix.lower() == ".toml":
        return f"features/{stem.lower()}.toml"
    return did_you_mean(name.lower(), known) or did_you_mean(path, known)
