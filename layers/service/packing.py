"""Arrays in one file that processes map into their memory: each page of it is there once, however many read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.files import atomic_path

_MARK = b"planmap arrays 1\n"
_ROUND = 64
"""Arrays begin at multiples of so many bytes."""

Arrays = Mapping[str, NDArray[Any]]


def write_arrays(path: Path, told: object, arrays: Arrays) -> None:
    """Write arrays, whole or not at all.

    Args:
        path: The file.
        told: What is to be known of them, as JSON has it.
        arrays: The arrays by name.
    """
    places, at = {}, 0
    for name, one in arrays.items():
        places[name] = [one.dtype.str, list(one.shape), at]
        at += -(-one.nbytes // _ROUND) * _ROUND
    head = json.dumps({"told": told, "arrays": places}, ensure_ascii=True).encode()
    head = _MARK + len(head).to_bytes(8, "little") + head
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(head + b"\0" * (-len(head) % _ROUND))
        for one in arrays.values():
            file.write(np.ascontiguousarray(one).data)
            file.write(b"\0" * (-one.nbytes % _ROUND))


def map_arrays(path: Path) -> tuple[Any, dict[str, NDArray[Any]]]:
    """What is known of arrays, and the arrays, read as they are looked at.

    Raises:
        ValueError: The file is none that `write_arrays` has written.
    """
    data = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    if data[: len(_MARK)].tobytes() != _MARK:
        raise ValueError(path.name)
    start = len(_MARK) + 8
    size = int.from_bytes(data[len(_MARK) : start].tobytes(), "little")
    head = json.loads(data[start : start + size].tobytes())
    body = data[-(-(start + size) // _ROUND) * _ROUND :]
    arrays = {}
    for name, (kind, shape, at) in head["arrays"].items():
        dtype = np.dtype(kind)
        length = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        arrays[name] = body[at : at + length].view(dtype).reshape(shape)
    return head["told"], arrays
