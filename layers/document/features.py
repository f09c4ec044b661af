"""Named things of a plan: what its sentences, lists and boxes name, each once, with all the places that name it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from layers.document.blocks import fold
from layers.document.clauses import Clause, Text, split_id
from layers.document.judging import (
    Heading,
    above,
    bracketed,
    built_base,
    confidence_of,
    extended,
    kind_of,
    rank,
    rejected,
    status_of,
    unlike,
)
from layers.document.leads import LEAD
from layers.document.lexicon import table
from layers.document.listing import after_cut, after_lead, common_end, common_number, items, listed_name
from layers.document.naming import Candidate, candidates, endings, tokens
from layers.document.project_tables import Listed, projects
from layers.document.sentences import Sentence, pieces, sentences

LEAST = 0.5
"""Names that are less sure are not proposed."""


@dataclass(slots=True)
class Named:
    """A name on its way to a proposal.

    Attributes:
        name: As first written.
        kind: Of ``kinds.toml``.
        confidence: The best of all places.
        clause: Where it was found with that confidence.
        start: Offset in the whole text.
        aliases: Other ways to write it.
        status: Of ``kinds.toml``, or "".
        units: Lead units of its row in a table of projects.
    """

    name: str
    kind: str
    confidence: float
    clause: str
    start: int
    aliases: list[str] = field(default_factory=list)
    status: str = ""
    units: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands around a name: the words before it, what is said over its list, how many names are beside it."""

    before: str
    over: Heading
    listed: bool
    company: int


class Gatherer:
    """Collects names clause by clause.

    Args:
        text: The plan.
        known: Proper words known from the start: the district's name, stems of townships.
    """

    def __init__(self, text: Text, known: frozenset[str]) -> None:
        self.text = text
        self.known = known
        self.found: dict[str, Named] = {}

    def gather(self) -> dict[str, Named]:
        """All names, by how they are compared (`key`)."""
        for clause in self.text.clauses:
            listed = list(projects(clause))
            for one in listed:
                self._listed(clause, one)
            if not listed and not clause.id.startswith(("表", "附表")):
                self._clause(clause)
        return self.found

    def _listed(self, clause: Clause, one: Listed) -> None:
        """A project of a table: its name is the cell, whatever it ends with."""
        over = Heading(one.heading, True, True, False, one.name)
        ends = [end for end in endings(one.name) if end.end == len(one.name)]
        kind = kind_of(one.name, ends[-1] if ends else None, over, True) or "project"
        outside, alias = bracketed(one.name)
        if base := built_base(outside):
            outside, alias, kind = base[0], outside, base[1]
        named = self._keep(outside, kind, 0.86, clause, one.start, "planned")
        named.units += [unit for unit in one.units if unit not in named.units]
        if alias and alias not in named.aliases:
            named.aliases.append(alias)

    # -- going through the text

    def _clause(self, clause: Clause) -> None:
        head, _ = split_id(clause.id)
        boxed = not clause.id[0].isdigit()
        box = self.text.by_id.get(head)
        over = ""
        if box and boxed:
            over = fold(box.title if box is clause else f"{clause.title} {box.title}")
        folded = LEAD.sub(lambda found: "。" * len(found[0]), clause.folded)
        first = clause.start + (folded.find("\n") if not split_id(clause.id)[1] and "\n" in folded else 0)
        for sentence in sentences(folded, clause.start):
            if sentence.start < first and not boxed:
                continue
            self._sentence(clause, sentence, Heading(over, boxed, False, False, ""))

    def _sentence(self, clause: Clause, sentence: Sentence, over: Heading) -> None:
        title = re.sub(
            r"^(?:\(?[一二三四五六七八九十\d]{1,2}[)、.]\s*|第.{1,3}[章节]\s*|专栏.{1,3}[:\s]*|—+)+", "", sentence.text
        )
        shift = len(sentence.text) - len(title)
        parts = list(pieces(title))
        heading = over.words
        if sentence.cell and over.boxed and len(sentence.cell) < 24:
            heading = sentence.cell
        for index, (place, piece) in enumerate(parts):
            start = sentence.start + shift + place
            mark = title[place - 1] if place else ""
            if mark == ":" and len(parts[index - 1][1]) < 20:
                heading = parts[index - 1][1] + " " + over.words
            followed = title[place + len(piece) : place + len(piece) + 1]
            headed = followed == ":" or (not place and shift and len(parts) == 1)
            if headed and over.boxed and re.search("工程$|行动$|项目$|计划$|建设$", piece):
                continue
            listed = over.boxed and (mark == ":" or place == 0 or heading == sentence.cell)
            said = Heading(heading, over.boxed, listed, bool(shift and not place and "-" in clause.id), sentence.text,
                            heading == sentence.cell)  # fmt: skip
            self._piece(clause, piece, start, sentence.text[: shift + place], said)

    def _piece(self, clause: Clause, piece: str, start: int, before: str, over: Heading) -> None:
        parts = items(piece, self.known)
        if self._shared(clause, piece, parts, start, before, over):
            return
        hits = [(place, item, list(candidates(item, self.known))) for place, item in parts]
        row = over.cell and bool(above(over))
        whole = over.listed and len(parts) >= (1 if row else 3) and self._mostly_names(hits, 1 if row else 0)
        company = sum(any(hit.proper for hit in found) for _, _, found in hits) if len(parts) > 1 else 0
        for place, item, _ in hits:

            def refused(hit: Candidate, item: str = item) -> bool:
                name = extended(hit, item)
                return rejected(name, whole) or unlike(hit, name, item, self.known, over, whole)

            found = list(candidates(item, self.known, refused))
            if whole and not any(hit.end >= len(listed_name(item)) - 4 for hit in found):
                self._whole(clause, item, start + place, over)
                continue
            if not found and len(parts) > 2 and "等" in parts[-1][1]:
                self._sibling(clause, item, start + place, [hit for _, _, found in hits for hit in found])
            beside = _Beside(before + piece[:place], over, whole, company)
            for hit in found:
                self._candidate(clause, hit, item, start + place, beside)

    def _mostly_names(self, hits: list[tuple[int, str, list[Candidate]]], least: int) -> bool:
        """Whether the items of a list are names: most end like one or have a proper word; events and actions do not."""
        events = tuple(table("names")["events"]["words"].split())
        good = sure = 0
        for _, item, found in hits:
            name = listed_name(item)
            if name.endswith(events) or len(name) > 30:
                return False
            words = tokens(name)
            if words and words[0].role == "cut" and len(words[0].text) > 1:
                continue
            proper = any(one.role == "name" for one in words) or any(word in name for word in self.known)
            sure += proper
            good += proper or any(hit.end == len(item) and len(hit.text) >= 4 for hit in found)
        return good * 10 >= len(hits) * 6 and (sure >= least if least else sure * 3 >= len(hits))

    # -- what is kept

    def _whole(self, clause: Clause, item: str, start: int, over: Heading) -> None:
        """An item of a list of names, whatever it ends with."""
        name = after_lead(listed_name(item))
        kind = kind_of(name, None, over, True)
        if name.endswith("工程") and not re.search(table("names")["physical"]["words"], name[:-2]):
            return
        if kind and 3 <= len(name) <= 34 and not rejected(name, True):
            self._keep(name, kind, 0.76, clause, start + item.index(name), "")

    def _sibling(self, clause: Clause, item: str, start: int, hits: list[Candidate]) -> None:
        """An item that has no end of a name in a list of names: it begins with a township's name."""
        name = after_cut(item)
        sure = [hit for hit in hits if hit.proper]
        begins = any(name.startswith(word) and len(name) > len(word) + 1 for word in self.known)
        if begins and sure and len(name) <= 10 and not rejected(name, False):
            self._keep(name, sure[-1].ending.kind, 0.6, clause, start + item.index(name), "")

    def _candidate(self, clause: Clause, hit: Candidate, item: str, start: int, beside: _Beside) -> None:
        words, over = table("names"), beside.over
        name, before = extended(hit, item), beside.before + hit.before
        listed = beside.listed or (over.title and bool(re.search(words["marks"]["titles"], over.words)))
        confidence = confidence_of(hit, name, listed, beside.company, before, self.known)
        goal = re.search(f"(?:{words['goals']['words']})$", before)
        if goal and re.search(f"(?:{words['goals']['ends']})$", name):
            confidence -= 0.2
        if confidence < LEAST:
            return
        kind = kind_of(name, hit.ending, over, listed)
        outside, alias = bracketed(name)
        if base := built_base(outside):
            outside, alias, kind = base[0], outside, base[1]
        named = self._keep(outside, kind, confidence, clause, start + hit.start, status_of(before))
        if alias and alias not in named.aliases:
            named.aliases.append(alias)

    def _shared(
        self, clause: Clause, piece: str, parts: list[tuple[int, str]], start: int, before: str, over: Heading
    ) -> bool:
        """A、B等生态走廊; 甲山、乙河两镇; 地铁5、7号线: items that share an end or a beginning."""
        if len(parts) < 2:
            return False
        made = common_end(piece) or common_number(parts)
        for place, name, end in made:
            ends = endings(name)
            if not ends or ends[-1].end < len(name) or not ends[-1].hard:
                ends = endings(end)
            kind = kind_of(name, ends[-1] if ends and not name.endswith("变") else None, over, True)
            if kind and not rejected(name, True):
                self._keep(name, kind, 0.85, clause, start + place, status_of(before + parts[0][1]))
        return bool(made)

    def _keep(self, name: str, kind: str, confidence: float, clause: Clause, start: int, status: str) -> Named:
        there = self.found.get(key(name))
        if there is None:
            there = self.found[key(name)] = Named(name, kind, confidence, clause.id, start, [], status)
        else:
            there.confidence = max(confidence, there.confidence)
            if rank(kind) > rank(there.kind):
                there.kind = kind
        if status and not there.status:
            there.status = status
        return there


def key(name: str) -> str:
    """How names are compared: without quotes, brackets and dashes.

    Example:
        >>> key("云隐(国际)科创中心") == key("云隐（国际）科创中心")
        True
    """
    return re.sub(r"[\s()“”\"·、—\-（）]", "", fold(name))
