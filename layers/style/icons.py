"""Path data of the icons that kinds may name, in a box of 15 by 15 units.

They come with the page's bundle, which takes them from the icon set when it is made (``webmap/frontend/build.mjs``);
a checkout that has no bundle yet writes styles without icons.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_BUNDLED = Path(__file__).parents[2] / "webmap" / "static" / "dist" / "icons.json"


@cache
def icon_paths() -> Mapping[str, str]:
    """Path data by name; none where there is no bundle."""
    try:
        found = json.loads(_BUNDLED.read_text(encoding="utf-8"))
    except OSError:
        return {}
    return {str(name): str(path) for name, path in found.items()}
