"""How maps go out: for inside use, for the public; the review number that those for the public bear."""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.model.errors import LayersError

PLAIN, INTERNAL, PUBLIC = "plain", "internal", "public"
MODES = (PLAIN, INTERNAL, PUBLIC)
"""Neither; for inside use, with a watermark; for the public."""

NUMBER = re.compile(r"[A-Z\u4e00-\u9fff]{1,8}\s?[（(]\d{4}[)）]\s?\d{1,6}\s?号")
"""A review number (审图号): whose, year, number, as 浙S(2024)12号."""
LONGEST_REASON = 200


@dataclass(frozen=True)
class Publication:
    """How maps go out.

    Attributes:
        mode: One of `MODES`.
        number: The review number that maps for the public bear, or "".
        exempt: Why they need none, in the operator's words, or "".
    """

    mode: str = PLAIN
    number: str = ""
    exempt: str = ""

    @property
    def public(self) -> bool:
        """Whether only what is marked goes out."""
        return self.mode == PUBLIC

    def check(self) -> None:
        """See that it can be stood for.

        Raises:
            LayersError: ``publication.no_number``: for the public, with neither number nor reason;
                ``publication.bad_number``; ``publication.long_reason``.
        """
        if self.number and not NUMBER.fullmatch(self.number):
            raise LayersError("publication.bad_number", value=self.number[:60])
        if len(self.exempt) > LONGEST_REASON or any(ord(one) < ord(" ") for one in self.exempt):
            raise LayersError("publication.long_reason", most=LONGEST_REASON)
        if self.public and not self.number and not self.exempt:
            raise LayersError("publication.no_number")
