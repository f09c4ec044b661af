"""Characters that no reader sees are refused in every text of a plan folder."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import tiny_folder

from layers.folder import load

FIELDS = "title|title_en|short_title|period|name|name_en|note|unit|unit_en|domain|licence|attribution|no_geometry"
QUOTED = re.compile(rf'^(?P<name>{FIELDS}) = "(?P<text>[^"]+)"', re.MULTILINE)
ESCAPES = itertools.cycle(("\\u0000", "\\u0007", "\\u202e"))
"""U+0000, the bell, and a mark that turns the text around: each text gets one of them in turn."""


def test_control_characters_are_refused_wherever_a_text_stands(tmp_path: Path) -> None:
    folder = tiny_folder.write_tiny_plan(tmp_path)
    passed, tried = [], 0
    for file in sorted(folder.rglob("*.toml")):
        text, name = file.read_text(encoding="utf-8"), file.relative_to(folder).as_posix()
        for found, escape in zip(QUOTED.finditer(text), ESCAPES, strict=False):
            at = found.end("text")
            file.write_text(text[:at] + escape + text[at:], encoding="utf-8")
            tried += 1
            problems = load.read(folder)[1]
            if not any(one.severity == "error" and one.file == name and "U+" in one.text("en") for one in problems):
                passed.append((name, found["name"], found["text"], escape))
        file.write_text(text, encoding="utf-8")
    assert passed == []
    assert tried > 50
