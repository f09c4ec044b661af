"""Records written as TOML that a person edits: one field a line, with what is to be known of each above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import tomlkit

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(value: Any) -> str:
    """A value on one line.

    Example:
        >>> written({"within": "township/a", "至": [1, 2.5, True]})
        '{ within = "township/a", "至" = [1, 2.5, true] }'
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name_of(key)} = {written(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(inner) for inner in value) + "]"
    return str(tomlkit.item(value).as_string())


def name_of(key: str) -> str:
    """A key, in quotation marks where it needs them."""
    return key if _BARE.fullmatch(key) else str(tomlkit.item(key).as_string())


def record(table: str, values: Mapping[str, Any], comments: Iterable[str] = ()) -> str:
    r"""One record of a table of records; empty fields are left out.

    Example:
        >>> record("feature", {"id": "district", "note": ""}, ["2.1"])
        '# 2.1\n[[feature]]\nid = "district"\n'
    """
    lines = [f"# {line}" for comment in comments for line in comment.split("\n")]
    lines.append(f"[[{table}]]")
    lines += [f"{name} = {written(value)}" for name, value in values.items() if value not in ("", None, (), [], {})]
    return "\n".join(lines) + "\n"


def fields(values: Mapping[str, Any]) -> str:
    """Fields of a file, or of a table, one a line."""
    return "".join(f"{name_of(name)} = {written(value)}\n" for name, value in values.items())
