"""The tables that plans share: kinds, symbols and computed indicators.

They come with the program: in a wheel beside the package (the build puts them there), in a checkout in ``data/``. A
data folder that holds a table of its own has it used instead; a plan folder's own records replace those of the same id.
"""

from __future__ import annotations

from pathlib import Path

import layers

KINDS = "kinds.toml"
COMPUTED_INDICATORS = "computed_indicators.toml"

_PACKAGE = Path(layers.__file__).parent
_INSTALLED = _PACKAGE / "shared_tables"
_CHECKOUT = _PACKAGE.parent / "data"


def table(name: str, data_dir: Path) -> Path:
    """The file of a shared table.

    Args:
        name: ``kinds.toml`` or ``computed_indicators.toml``.
        data_dir: The data folder, whose own table comes before the program's.
    """
    own = data_dir / name
    return own if own.is_file() else (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / name
