"""What is wrong with a question to a service."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from geo.errors import PlanmapError
from geo.messages import Catalogue


class ServiceError(PlanmapError):
    """A question that cannot be answered as it is put: its filter, box, time, order or coordinate system is wrong."""

    catalogue: ClassVar[Catalogue] = Catalogue(Path(__file__).parents[1] / "messages" / "service.toml")
