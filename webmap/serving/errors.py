"""The web's error class, apart from the web: commands that read settings need no Flask for it."""

from __future__ import annotations

from typing import ClassVar

from geo.errors import PlanmapError
from geo.messages import Catalogue
from webmap.serving import messages


class WebError(PlanmapError):
    """Something is wrong with what the web was asked for, or with how it is set up."""

    catalogue: ClassVar[Catalogue] = messages.CATALOGUE
