"""The plan's own words: in which sentences of its clauses a feature is named, and where in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from layers.edition.inventory import Entry, inventory
from layers.edition.store import Store
from layers.model.tables import split

_ENDS = re.compile(r"[^。！？；\n]*(?:[。！？；]+[”’」』）)]*|\n|$)")
_PASSED_OVER = re.compile(r"[\s()（）“”‘’\"'·—–《》〈〉-]")
_EDITORS = re.compile(r"（[^（）]*）$|\([^()]*\)$|轴线$")
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("○"): ord("〇"), ord("◯"): ord("〇")}
_SENTENCES = 4
"""At most so many sentences of a clause are shown for one feature."""
_SHOWN = 240
"""So many characters of a clause are shown where a name does not stand in it as it is written."""
_NUMBER = re.compile(r"(?:第[一二三四五六七八九十百〇零\d]+[^\s\d]{1,3}|[^\W\d_]{1,8}\d+)[\s:：]+")
"""A heading's number: 第一节, 专栏2."""
_LONGEST_TITLE = 80
_SHORTENED = 200
"""Among more names, those that lists shorten are not looked for."""
_LONGEST_NAME = 40
_HEADING = 18
"""A sentence so short at a line's beginning (——南站新城。) is said with the next one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence.

    Attributes:
        text: The words.
        named: They are a name that was looked for: its number among the names, or None.
    """

    text: str
    named: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one clause.

    Attributes:
        cite: The clause.
        parts: Sentences, in order, cut where names begin and end.
        exact: A name stands in them; else the clause's first words are shown.
        more: The clause goes on, before, between or after them.
    """

    cite: str
    parts: tuple[Part, ...]
    exact: bool
    more: bool


class Wording:
    """Words of an edition's clauses.

    Args:
        store: The edition; one without the plan's words has none here.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clauses: Mapping[str, str] = store.edition.meta.get("clauses", {})
        self.titles: Mapping[str, str] = store.edition.meta.get("titles", {})

    def title(self, clause: str) -> str:
        """A clause's heading: as the plan folder gives it, else what its words begin with, without the number."""
        said = self.titles.get(clause) or _NUMBER.sub("", self.clauses.get(clause, "").partition("\n")[0])
        return said if len(said) <= _LONGEST_TITLE else ""

    def body(self, clause: str) -> str:
        """A clause's words without its heading, which stands above them."""
        first, _, rest = self.clauses.get(clause, "").partition("\n")
        title = self.title(clause)
        return rest if title and first.endswith(title) and _NUMBER.match(first) else self.clauses.get(clause, "")

    def text(self, cite: str) -> str:
        """The words of a clause; of an item of a table its row; "" where there are none.

        A clause that is not kept by itself is looked for in the one above.
        """
        if cite in self.clauses:
            return self.clauses[cite]
        head, mark, item = cite.rpartition("-") if "-" in cite else cite.rpartition(".")
        whole = self.clauses.get(head, "") if mark else ""
        rows = [
            line for line in whole.split("\n") if item in [cell.strip() for cell in line.split("|")[:3]] and "|" in line
        ]
        return rows[0] if rows else whole

    def kept(self, clause: str) -> list[str]:
        """A clause and those below it, as far as their words are there."""
        return [one for one in (clause, *self.below(clause)) if one in self.clauses]

    def below(self, cite: str) -> list[str]:
        """The clauses that stand under a clause: of 7.1 its items, of a box its items."""
        heads = (f"{cite}.", f"{cite}-")
        return [clause for clause in self.clauses if clause.startswith(heads)]

    def of(self, entry: Entry) -> list[Quote]:
        """Where a feature's clauses name it."""
        names = names_of(entry)
        quotes = []
        for cite in entry.cites:
            found = [self._quote(one, names) for one in [cite, *self.below(cite)] if self.text(one)]
            named = [one for one in found if one.exact]
            quotes += named or found[:1]
        return quotes

    def _quote(self, cite: str, names: Sequence[str]) -> Quote:
        text = self.text(cite)
        sentences = _sentences(text)
        marked = [(sentence, parted(sentence, names)) for sentence in sentences]
        named = [parts for _, parts in marked if any(part.named is not None for part in parts)]
        if not named:
            short = text[:_SHOWN]
            return Quote(cite, (Part(short.replace("\n", " ")),), exact=False, more=len(text) > len(short))
        shown = named[:_SENTENCES]
        said = tuple(part for parts in shown for part in parts)
        return Quote(cite, said, exact=True, more=len(shown) < len([one for one in sentences if one.strip()]))


def names_of(entry: Entry) -> list[str]:
    """The names under which a feature may stand in the text, what editors add left out."""
    name = entry.text("name")
    found = [name, _EDITORS.sub("", name), *split(entry.cells.get("aliases"))]
    return [one for one in dict.fromkeys(found) if len(one) > 1]


def _sentences(text: str) -> list[str]:
    r"""A text's sentences; nothing between quotation marks ends one, a heading belongs to what follows.

    Example:
        >>> _sentences("建设“一核。两轴”。到2025年，达到1.5万人以上的城镇人口；其他。\n——南站。打造新城。")
        ['建设“一核。两轴”。到2025年，达到1.5万人以上的城镇人口；', '其他。', '——南站。打造新城。']
    """
    found: list[str] = []
    for line in text.split("\n"):
        begins = len(found)
        for match in _ENDS.finditer(line):
            if not match[0].strip():
                continue
            goes_on = len(found) > begins and (
                len(found[-1]) <= _HEADING or (found[-1].count("“") > found[-1].count("”") and len(found[-1]) < 500)
            )
            if goes_on:
                found[-1] += match[0]
            else:
                found.append(match[0])
    return found


def parted(text: str, names: Sequence[str]) -> tuple[Part, ...]:
    """A text cut where names stand in it; width, blanks and quotation marks make no difference, the longest name wins.

    A name that a list shortens is found in its parts, where it stands nowhere whole.

    Example:
        >>> [(part.text, part.named) for part in parted("建设云台山 森林公园。", ["云台山森林公园"])]
        [('建设', None), ('云台山 森林公园', 0), ('。', None)]
        >>> [part.text for part in parted("建成地铁5、7号线。", ["地铁7号线"]) if part.named == 0]
        ['地铁', '7号线']
    """
    return _parted(text, _keys(names))


def _keys(names: Sequence[str]) -> list[tuple[str, int]]:
    """Names as they are compared, with their numbers, the longest first."""
    return sorted(((_folded(name)[0], number) for number, name in enumerate(names)), key=lambda one: -len(one[0]))


def _parted(text: str, keys: Sequence[tuple[str, int]]) -> tuple[Part, ...]:
    folded, at = _folded(text)
    spans: list[tuple[int, int, int]] = []
    taken = [False] * len(folded)
    for key, number in keys:
        start = folded.find(key) if key else -1
        while start >= 0:
            end = start + len(key)
            if not any(taken[start:end]):
                taken[start:end] = [True] * len(key)
                spans.append((start, end, number))
            start = folded.find(key, start + 1)
    if not spans and len(keys) <= _SHORTENED:
        for key, number in keys:
            if spans := [(start, end, number) for start, end in _shortened(folded, key)]:
                break
    parts: list[Part] = []
    done = 0
    for start, end, number in sorted(spans):
        begin, stop = at[start], at[end - 1] + 1
        if begin > done:
            parts.append(Part(text[done:begin]))
        parts.append(Part(text[begin:stop], number))
        done = stop
    return (*parts, Part(text[done:])) if done < len(text) else tuple(parts)


def _folded(text: str) -> tuple[str, list[int]]:
    """A text's characters that tell names apart, half width, and where each stands."""
    kept = [number for number, character in enumerate(text) if not _PASSED_OVER.match(character)]
    return "".join(text[number] for number in kept).translate(_FOLD), kept


def _shortened(text: str, name: str) -> list[tuple[int, int]]:
    """Where a list names a thing by two parts: 地铁…、7号线, 闻堰、…两镇; the longest head first."""
    if not 4 <= len(name) <= _LONGEST_NAME:
        return []
    item = "[^。;；,，:：]"
    for cut in range(len(name) - 1, 1, -1):
        head, tail = re.escape(name[:cut]), re.escape(name[cut:])
        if not (name[:cut] in text and name[cut:] in text):
            continue
        found = re.search(rf"({head}){item}{{0,60}}?[、和及]{item}{{0,60}}?({tail})", text)
        if found and (len(tail) > 1 or name[cut:] in ("镇", "乡", "街道", "村", "站")):
            return [found.span(1), found.span(2)]
    return []


def sentences_of(store: Store) -> dict[str, list[dict[str, object]]]:
    """The quotes of every feature that has any, as the page takes them: ``{id: [{cite, exact, more, parts}]}``.

    A part is a text, or a list of one text where it is a name.
    """
    wording = Wording(store)
    if not wording.clauses:
        return {}
    found = {}
    for entry in inventory(store).entries.values():
        if quotes := wording.of(entry):
            found[entry.id] = [
                {
                    "cite": quote.cite,
                    "exact": quote.exact,
                    "more": quote.more,
                    "parts": [part.text if part.named is None else [part.text] for part in quote.parts],
                }
                for quote in quotes
            ]
    return found


def linked(text: str, entries: Iterable[Entry]) -> list[list[tuple[str, str]]]:
    """A clause's words line by line, each cut into pairs of text and the id of the feature that it names, or ""."""
    known = [(name, entry.id) for entry in entries for name in names_of(entry)]
    keys = _keys([name for name, _ in known])
    lines = []
    for line in text.split("\n"):
        if line.strip():
            parts = _parted(line, keys)
            lines.append([(part.text, "" if part.named is None else known[part.named][1]) for part in parts])
    return lines
