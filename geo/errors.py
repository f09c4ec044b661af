"""The errors that users may see: a key of a message catalogue and parameters, no text in the code."""

from pathlib import Path
from typing import Any, ClassVar

from geo.messages import DEFAULT_LANGUAGE, Catalogue


class PlanmapError(Exception):
    """Something is wrong with what the user gave; says what, where and how to mend it.

    A package with texts of its own subclasses this in one line of substance:

        class LayersError(PlanmapError):
            catalogue = Catalogue(Path(__file__).with_name("messages.toml"))

    Args:
        key: dotted key in the class's catalogue.
        params: values for the message; `where` (optional) names the place in the user's data
            and is put before the message.

    Example:
        >>> GeoError("crs.unknown", text="abc").message("en")
        'Unknown coordinate reference system: abc'
    """

    catalogue: ClassVar[Catalogue] = Catalogue(
        Path(__file__).with_name("messages.toml"),
        Path(__file__).with_name("messages_files.toml"),
        Path(__file__).with_name("messages_scans.toml"),
        Path(__file__).with_name("messages_raster.toml"),
    )

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    @property
    def where(self) -> str:
        """The place in the user's data (a field path such as `union[1].buffer`), or empty."""
        return str(self.params.get("where", ""))

    def message(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong, as plain text in the language."""
        text = self.catalogue.text(self.key, lang, **self.params)
        if not self.where:
            return text
        return f"{self.where}：{text}" if lang != "en" else f"{self.where}: {text}"

    def remedy(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """What to do about it, as plain text in the language; may be empty."""
        return self.catalogue.remedy(self.key, lang, **self.params)

    def __str__(self) -> str:
        return self.message()

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword parameters would be lost between processes otherwise.
        return _restore, (type(self), self.key, self.params)


class GeoError(PlanmapError):
    """Wrong geometry, CRS, recipe or file."""


def _restore(cls: type[PlanmapError], key: str, params: dict[str, Any]) -> PlanmapError:
    return cls(key, **params)
