"""Whether what changes something was sent from a page of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SAID = {
    "HTTP_ORIGIN": "Origin", "HTTP_REFERER": "Referer", "HTTP_HOST": "Host", "HTTP_SEC_FETCH_SITE": "Sec-Fetch-Site",
}  # fmt: skip


def same_origin(headers: Mapping[str, str], stated: str) -> bool:
    """Whether a form was sent from a page of ours: what the browser says of it, which no page can change.

    Args:
        headers: ``Origin``, ``Referer``, ``Host`` and ``Sec-Fetch-Site``, as far as they are there.
        stated: The origin of the settings, or "".

    Example:
        >>> same_origin({"Origin": "https://plan.example", "Host": "plan.example"}, "")
        True
    """
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    found = headers.get("Origin") or re.sub(r"^(https?://[^/?#]*).*", r"\1", headers.get("Referer", ""))
    if not re.fullmatch(r"https?://[^/?#@\s]+", found):
        return False
    if stated:
        return found.lower() == stated.lower()
    return found.partition("://")[2].lower() == headers.get("Host", "").lower()


def from_us(scope: Mapping[str, Any], stated: str) -> bool:
    """The same, of a request's environment.

    Args:
        scope: The request's environment.
        stated: The origin of the settings, or "".
    """
    return same_origin({name: scope[key] for key, name in _SAID.items() if key in scope}, stated)
