"""Where plans and editions are in addresses: ``/p/<plan>/…`` and ``/e/<hash>/…``, before the rest of an address.

Both are taken from the path and put into what stands before every address of ours (the mount point, WSGI's
``SCRIPT_NAME``), so that every page, and every link in it, works there as at the root.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from geo.errors import PlanmapError
from layers.edition.kept import SHORT
from webmap.serving.context import Context
from webmap.serving.library import Library
from webmap.serving.problems import PINNED, PROBLEM, SITE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_PLAN = re.compile(r"/p/([^/]+)(?=/|$)")
_EDITION = re.compile(r"/e/([0-9a-f]{8,64})(?=/|$)")

_MARKS = ("/p/", "/e/")


def under_edition(root: str, edition: str) -> str:
    """The root under which everything is of one edition for good.

    Example:
        >>> under_edition("/p/my-plan", "ab" * 32)
        '/p/my-plan/e/abababababab'
    """
    return root if re.search(r"/e/[0-9a-f]{12}$", root) else f"{root}/e/{edition[:SHORT]}"


def pin(library: Library, scope: WSGIEnvironment, site: Context | None) -> bool:
    """Give a request the context that it keeps to its end.

    Args:
        library: The plans.
        scope: The request's environment; what names plan and edition goes from ``PATH_INFO`` to ``SCRIPT_NAME``.
        site: What belongs to no plan; None when there is one plan only, at the root.

    Returns:
        Whether it is of a plan; else of the site.
    """
    scope.setdefault(SITE, scope.get("SCRIPT_NAME", ""))
    if PINNED in scope:  # an edition is made ready before it is shown
        _take(scope, _EDITION)
        return True
    try:
        named = _take(scope, _PLAN)
        if named is None and site is not None:
            library.scan()
            library.read_features()
            scope[PINNED] = site
            return False
        # WSGI has the bytes of a path as Latin-1.
        name = named.encode("latin-1").decode("utf-8", "replace") if named else next(iter(library.plans))
        above = scope.get("SCRIPT_NAME", "")
        digits = _take(scope, _EDITION)
        scope[PINNED] = ctx = library.edition(name, digits) if digits else library.current(name)
        if digits:
            scope["SCRIPT_NAME"] = under_edition(above, ctx.store.hash)
    except PlanmapError as error:
        scope[PROBLEM] = error
        with suppress(PlanmapError):  # what the problem is said with
            scope[PINNED] = site or library.only
    return True


def _take(scope: WSGIEnvironment, pattern: re.Pattern[str]) -> str | None:
    """Move the part that names something from the path to the mount point."""
    path = scope.get("PATH_INFO", "")
    if path[:3] not in _MARKS:
        return None
    found = pattern.match(path)
    if found is None:
        return None
    scope["SCRIPT_NAME"] = scope.get("SCRIPT_NAME", "") + path[: found.end()]
    scope["PATH_INFO"] = path[found.end() :] or "/"
    return found[1]
