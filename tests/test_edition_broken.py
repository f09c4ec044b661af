"""A server never answers 500: an edition that is wrong is refused when it is opened, or every page can be made.

Values are changed at every place of a sound edition. What passes the checks one by one is put together in
one file, and every route is asked for; the change to blame is looked for only where an answer fails.
"""

from __future__ import annotations

import logging
import os
import random
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import broken_editions
import pytest
from broken_editions import Place, short
from web_edition import figures_edition

from layers.edition import file as editions
from layers.edition.file import Edition
from layers.model.errors import EditionError
from webmap.app import create_app
from webmap.serving import encode


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("broken") / "sound.gpkg"
    editions.write(figures_edition(), path)
    return path


@pytest.fixture(scope="module")
def accepted(sound: Path) -> dict[Place, list[Any]]:
    """The values that pass the checks, by place."""
    edition = editions.read(sound)
    places = broken_editions.places_of(edition)
    passed = {
        place: [value for value in values if broken_editions.plausible(edition, place, value)]
        for place, values in places.items()
    }
    assert 10_000 < sum(map(len, places.values())) < 30_000
    assert sum(map(len, passed.values())) > 2_000
    return {place: values for place, values in passed.items() if values}


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Bodies are not squeezed, faults not logged: hundreds are asked for and only their status is read."""
    monkeypatch.setattr(encode, "SMALLEST", 10**12)
    logging.disable(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def opened(sound: Path, path: Path, spoilt: dict[Place, Any], *, whole: bool) -> Edition:
    """The edition with the changes, less those that the comparison of its tables refuses."""
    while True:  # each turn leaves a change out
        try:
            return editions.read(broken_editions.spoil(sound, path, spoilt, whole=whole))
        except EditionError as error:
            named = str(error.params.get("at", "")).split(".")
            refused = [one for one in spoilt if list(map(str, one[:2])) == named[:2]]
            refused = refused or [one for one in spoilt if named[0] in map(str, one[:2])] or list(spoilt)[:1]
            if not refused:
                raise
            for one in refused:
                del spoilt[one]


def faults(
    sound: Path,
    path: Path,
    spoilt: Mapping[Place, Any],
    *,
    whole: bool,
    asked: Iterable[str] | None = None,
    most: int = 4,
) -> list[str]:
    """What cannot be answered, with the change that is to blame; ``most`` values of a parameter are asked for."""
    changes = dict(spoilt)
    edition = opened(sound, path, changes, whole=whole)
    app = create_app({"PLANMAP_CACHE_DIR": str(path.parent / "cache")}, edition=edition)
    try:
        wrong = broken_editions.faults(app, broken_editions.addresses(app, most) if asked is None else asked)
    finally:
        app.extensions["planmap"].shelf.close()
    if not wrong:
        return []
    if len(changes) == 1:
        return [f"{'.'.join(map(str, place))} = {short(value)}: {wrong}" for place, value in changes.items()]
    halves = dict(list(changes.items())[::2]), dict(list(changes.items())[1::2])
    several = [wrong[0], wrong[-1], *wrong[:: len(wrong) // 3 + 1]] if asked is None else wrong
    found = [fault for half in halves for fault in faults(sound, path, half, whole=whole, asked=several)]
    return found or [f"together: {sorted(map(str, changes))}: {wrong}"]


def test_what_is_let_in_can_be_shown(sound: Path, accepted: dict[Place, list[Any]], tmp_path: Path) -> None:
    """One value at every place, all in one edition."""
    spoilt = {place: values[0] for place, values in accepted.items()}
    found = faults(sound, tmp_path / "e.gpkg", spoilt, whole=True)
    assert not found, "\n".join(found)


def test_several_values_let_in_together_can_be_shown(
    sound: Path, accepted: dict[Place, list[Any]], tmp_path: Path
) -> None:
    """Any value that passes alone, at three places of ten; `make fuzz` draws many such editions and asks for more."""
    drawn_editions = int(os.environ.get("SPOILT", "0"))
    for seed in range(drawn_editions or 1):
        drawn = random.Random(seed)  # noqa: S311 - a choice of test values
        spoilt = {place: drawn.choice(values) for place, values in accepted.items() if drawn.random() < 0.3}
        whole = drawn.random() < 0.5
        found = faults(sound, tmp_path / "e.gpkg", spoilt, whole=whole, most=4 if drawn_editions else 2)
        assert not found, f"seed {seed}:\n" + "\n".join(found)
