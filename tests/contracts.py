"""The contracts of public JSON, ``tests/schemas``: each is read and checked once, however many answers are compared."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def _validator(name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def keeps(payload: Any, name: str) -> None:
    """Raise where a payload is not what its contract says."""
    _validator(name).validate(payload)
