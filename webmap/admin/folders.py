"""Which plan folder is which plan's: the server reads editions only, and has to be told where they come from."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from webmap.serving.context import Context
from webmap.serving.library import Library

PLAN = "plan.toml"
DATA_MARKS = ("kinds.toml", "boundaries")


@dataclass(frozen=True)
class Place:
    """A plan folder and where its edition is served from.

    Attributes:
        plan: What the plan is called in addresses.
        folder: The plan folder.
        data_dir: Its data folder.
        edition: The file of the edition in use.
    """

    plan: str
    folder: Path
    data_dir: Path
    edition: Path

    @property
    def quoted(self) -> str:
        """The plan as it stands in an address."""
        return quote(self.plan, safe="")


class Folders:
    """The plan folders that the settings name.

    Args:
        named: Plan folders, or folders of such.
        data_dir: The data folder of those that stand in none.
    """

    def __init__(self, named: tuple[Path, ...], data_dir: Path) -> None:
        self._named = [one.absolute() for one in named]
        self._data_dir = data_dir.absolute()

    @property
    def named(self) -> bool:
        """Whether there is any."""
        return bool(self._named)

    def places(self, library: Library) -> list[Place]:
        """Those whose plan is served from a file that a build can replace."""
        if library.follow is not None:  # editions are in a database
            return []
        by_id = {_plan_id(folder): folder for folder in self._folders()}
        found = []
        for name, plan in library.plans.items():
            folder = by_id.get(_served_id(library, name)) or by_id.get(name)
            if folder is not None and plan.path is not None:
                found.append(Place(name, folder, self._data_of(folder), plan.path.absolute()))
        return found

    def place(self, ctx: Context) -> Place | None:
        """The folder of a plan; None when none is named, or its edition is no file."""
        return next((one for one in self.places(ctx.library) if one.plan == ctx.name), None)

    def _folders(self) -> list[Path]:
        found = []
        for one in self._named:
            found += [one] if (one / PLAN).is_file() else sorted(path.parent for path in one.glob(f"*/{PLAN}"))
        return found

    def _data_of(self, folder: Path) -> Path:
        """The folder two levels above when it is a data folder, as for ``planmap build``."""
        above = folder.resolve().parent.parent
        holds = folder.resolve().parent.name == "plans" or any((above / name).exists() for name in DATA_MARKS)
        return above if holds else self._data_dir


def _plan_id(folder: Path) -> str:
    try:
        return str(tomllib.loads((folder / PLAN).read_text("utf-8-sig")).get("id", ""))
    except (OSError, ValueError):  # said by whoever checks the folder
        return ""


def _served_id(library: Library, name: str) -> str:
    plan = library.plans[name]
    if plan.current is not None:
        return str(plan.current.store.plan.get("id", ""))
    return str(plan.card.plan.get("id", "")) if plan.card is not None else ""
