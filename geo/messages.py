"""Message catalogues: what users read, apart from the code, in Chinese and English.

A catalogue is one or more TOML files. A dotted key is a table with `zh` and `en`, for problems
also `remedy_zh` and `remedy_en`:

    [crs.unknown]
    zh = "未知坐标系：{text}"
    en = "Unknown CRS: {text}"

Parameters are data, never format strings: `{name}` in the template is replaced by the value's
text, and nothing in the value is looked at again.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli

DEFAULT_LANGUAGE = "zh"
MAX_PARAMETER_LENGTH = 200
"""Longer values are cut: a message stays a message when a name has 10,000 characters."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LIST_SEPARATORS = {"zh": "、", "en": ", "}
# Control, format (right-to-left marks, zero-width), surrogate, private, line and paragraph separators:
# shown as escapes, so that a name can neither drive a terminal nor turn the text around.
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


Shown = Callable[[Any, str], str]
"""How a value is put into a text, in a language."""


class Catalogue:
    """The texts of one package, read from TOML on first use.

    Args:
        paths: TOML files, or folders whose `*.toml` files are all read.

    Example:
        >>> from pathlib import Path
        >>> catalogue = Catalogue(Path(__file__).with_name("messages.toml"))
        >>> catalogue.text("crs.unknown", "en", text="abc")
        'Unknown coordinate reference system: abc'
    """

    def __init__(self, *paths: Path) -> None:
        self.paths = paths

    @cached_property
    def entries(self) -> dict[str, dict[str, str]]:
        """Every key with its fields (`zh`, `en`, `remedy_zh`, …)."""
        entries: dict[str, dict[str, str]] = {}
        for file in self._files():
            for key, fields in _flatten(tomli.loads(file.read_text(encoding="utf-8-sig"))):
                if key in entries:
                    raise ValueError(f"message {key!r} is defined twice, the second time in {file.name}")
                entries[key] = fields
        return entries

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def keys(self) -> Iterable[str]:
        """The keys, in file order."""
        return self.entries.keys()

    def text(self, key: str, lang: str = DEFAULT_LANGUAGE, **params: Any) -> str:
        """The text of a key.

        Args:
            key: dotted key.
            lang: `zh` or `en`; any other language falls back to `zh`.
            params: values for the placeholders; lists are joined in the language's manner.

        Raises:
            KeyError: the key is unknown, or a placeholder has no value: a fault of the program.
        """
        return self._render(key, "", lang, params)

    def filled(self, key: str, lang: str = DEFAULT_LANGUAGE, **params: Any) -> str:
        """The same as `text`, with the values whole and as they are: for pages and data, which show text as typed.

        Raises:
            KeyError: as `text`.
        """
        return self._render(key, "", lang, params, as_is)

    def remedy(self, key: str, lang: str = DEFAULT_LANGUAGE, **params: Any) -> str:
        """What the user can do about it; empty when the entry has no remedy."""
        return self._render(key, "remedy_", lang, params)

    def language(self, lang: str) -> dict[str, str]:
        """All texts of one language with placeholders left in, e.g. to hand to the page."""
        return {key: fields.get(lang, fields.get(DEFAULT_LANGUAGE, "")) for key, fields in self.entries.items()}

    def _files(self) -> list[Path]:
        files: list[Path] = []
        for path in self.paths:
            files.extend(sorted(path.glob("*.toml")) if path.is_dir() else [path])
        return files

    def _render(self, key: str, prefix: str, lang: str, params: Mapping[str, Any], shown: Shown | None = None) -> str:
        fields = self.entries[key]
        if prefix + lang not in fields:
            lang = DEFAULT_LANGUAGE
        template = fields.get(prefix + lang)
        if template is None:
            if prefix:
                return ""
            raise KeyError(f"message {key!r} has no text")
        return _PLACEHOLDER.sub(lambda match: (shown or plain)(params[match[1]], lang), template)


@dataclass(frozen=True)
class Phrase:
    """A parameter that is itself a text of a catalogue: the reason why a library gave up, in the reader's language.

    Attributes:
        catalogue: where the text stands.
        key: its key.
        params: values for its placeholders.
    """

    catalogue: Catalogue
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """The text in a language."""
        return self.catalogue.text(self.key, lang, **self.params)


def plain(value: Any, lang: str = DEFAULT_LANGUAGE) -> str:
    """A value as harmless plain text for a message (not escaped for HTML: that is the web's part).

    Example:
        >>> plain(["a", 1.50, None], "en")
        'a, 1.5, –'
    """
    return _shown(value, lang, _harmless)


def as_is(value: Any, lang: str = DEFAULT_LANGUAGE) -> str:
    """A value as text, whole and unchanged.

    Example:
        >>> as_is(["a\u202eb", 1.50, None], "en") == "a\u202eb, 1.5, –"
        True
    """
    return _shown(value, lang, str)


def _shown(value: Any, lang: str, text: Callable[[str], str]) -> str:
    if value is None:
        return "–"
    if isinstance(value, Phrase):
        return value.text(lang)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Mapping):  # as TOML writes it, which is what people wrote
        parts = [f"{_shown(name, lang, text)} = {_quoted(part, lang, text)}" for name, part in value.items()]
        return "{ " + ", ".join(parts) + " }"
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        separator = _LIST_SEPARATORS.get(lang, _LIST_SEPARATORS[DEFAULT_LANGUAGE])
        return separator.join(_shown(item, lang, text) for item in items)
    return text(str(value))


def _quoted(value: Any, lang: str, text: Callable[[str], str]) -> str:
    """A value inside a table, as TOML writes it."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_quoted(part, lang, text) for part in value) + "]"
    return f'"{text(value)}"' if isinstance(value, str) else _shown(value, lang, text)


def _harmless(text: str) -> str:
    """A text cut to a length for a message, with what could drive a terminal shown as escapes."""
    if len(text) > MAX_PARAMETER_LENGTH:
        text = text[:MAX_PARAMETER_LENGTH] + "…"
    return "".join(_escape(c) if unicodedata.category(c) in _UNSAFE_CATEGORIES else c for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, dict[str, str]]]:
    """Tables of strings are entries; tables inside tables continue the dotted key."""
    fields = {name: value for name, value in table.items() if isinstance(value, str)}
    if fields:
        yield prefix, fields
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}.{name}" if prefix else name)
