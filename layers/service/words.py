"""Many texts in little room: their bytes one after the other, and where each begins."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import overload

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Starts = NDArray[np.int64]


class Words:
    """Texts in the order of their code points, each once. A text is made when it is asked for.

    Args:
        data: Their bytes, UTF-8.
        starts: Where each begins, and where the last ends.

    Example:
        >>> words = Words(*Words.packed(["a", "bc"]))
        >>> words[1], list(words), words.place("bc"), words.place("b")
        ('bc', ['a', 'bc'], 1, None)
    """

    def __init__(self, data: Bytes, starts: Starts) -> None:
        self.data, self.starts = data, starts
        self._view = data.data

    @staticmethod
    def packed(texts: Iterable[str]) -> tuple[Bytes, Starts]:
        """What texts are made of: bytes and beginnings."""
        coded = [text.encode("utf-8", "surrogatepass") for text in texts]
        starts = np.zeros(len(coded) + 1, dtype=np.int64)
        np.cumsum([len(one) for one in coded], out=starts[1:])
        return np.frombuffer(b"".join(coded), dtype=np.uint8), starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[str]:
        return (self._text(place) for place in range(len(self)))

    @overload
    def __getitem__(self, place: int | np.integer) -> str: ...
    @overload
    def __getitem__(self, place: NDArray[np.integer]) -> NDArray[np.object_]: ...
    def __getitem__(self, place: int | np.integer | NDArray[np.integer]) -> str | NDArray[np.object_]:
        if not isinstance(place, np.ndarray):
            return self._text(int(place))
        found = np.empty(len(place), dtype=object)
        found[:] = [self._text(one) for one in place.tolist()]
        return found

    def place(self, text: str) -> int | None:
        """Where a text is; None when it is not there."""
        place = bisect_left(self, text)
        return place if place < len(self) and self._text(place) == text else None

    def _text(self, place: int) -> str:
        return str(self._view[self.starts[place] : self.starts[place + 1]], "utf-8", "surrogatepass")
