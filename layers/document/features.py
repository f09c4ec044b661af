"""Named things of a plan: what its sentences, lists and boxes name, each once, with all the places that name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from layers.document.blocks import fold
from layers.document.clauses import Clause, Text, split_id
from layers.document.leads import LEAD
from layers.document.lexicon import table
from layers.document.naming import Candidate, candidates, endings, tokens
from layers.document.sentences import Sentence, pieces, sentences
from layers.document.structure import UNIT


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
        zone: Not set here.
    """

    name: str
    kind: str
    confidence: float
    clause: str
    start: int
    aliases: list[str] = field(default_factory=list)
    status: str = ""


@dataclass(frozen=True, slots=True)
class _Heading:
    """What is said over a list: the words before its colon, of its row or of its box."""

    words: str
    boxed: bool
    listed: bool


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
            if not clause.id.startswith(("表", "附表")):
                self._clause(clause)
        return self.found

    # -- going through the text

    def _clause(self, clause: Clause) -> None:
        head, _ = split_id(clause.id)
        boxed = not clause.id[0].isdigit()
        box = self.text.by_id.get(head)
        over = fold(box.title if box and boxed else "")
        folded = LEAD.sub(lambda found: "。" * len(found[0]), fold(clause.text))
        for sentence in sentences(folded, clause.start):
            self._sentence(clause, sentence, _Heading(over, boxed, False))

    def _sentence(self, clause: Clause, sentence: Sentence, over: _Heading) -> None:
        title = re.sub(r"^(?:\(?[一二三四五六七八九十\d]{1,2}[)、.]\s*|第.{1,3}[章节]\s*|专栏.{1,3}[:\s]*|—+)+", "", sentence.text)
        shift = len(sentence.text) - len(title)
        if shift and over.boxed and re.search("工程$|行动$|项目$|计划$", title):
            return
        parts = list(pieces(title))
        heading = over.words
        if sentence.cell and over.boxed and len(sentence.cell) < 24:
            heading = sentence.cell
        for index, (place, piece) in enumerate(parts):
            start = sentence.start + shift + place
            mark = title[place - 1] if place else ""
            if mark == ":" and len(parts[index - 1][1]) < 20:
                heading = parts[index - 1][1] + " " + over.words
            listed = over.boxed and (mark == ":" or place == 0)
            self._piece(clause, piece, start, sentence.text[: shift + place], _Heading(heading, over.boxed, listed))

    def _piece(self, clause: Clause, piece: str, start: int, before: str, over: _Heading) -> None:
        items = _items(piece)
        if self._shared(clause, items, start, before, over):
            return
        whole_list = over.listed and len(items) >= 3 and self._mostly_names(items)
        for place, item in items:
            hits = list(candidates(item, self.known))
            if whole_list and not any(hit.start == 0 and hit.end >= len(_listed_name(item)) - 4 for hit in hits):
                self._whole(clause, item, start + place, over)
                continue
            for hit in hits:
                self._candidate(clause, hit, start + place, before + piece[:place], over, whole_list)

    def _mostly_names(self, items: list[tuple[int, str]]) -> bool:
        """Whether the items of a list are names: most end like one or have a proper word; events and actions do not."""
        events = tuple(table("names")["events"]["words"].split())
        good = 0
        for _, item in items:
            name = _listed_name(item)
            if name.endswith(events) or len(name) > 30:
                return False
            words = tokens(name)
            if words and words[0].role == "cut" and len(words[0].text) > 1:
                continue
            proper = sum(one.role == "name" for one in words)
            good += proper > 0 or any(word in name for word in self.known)
        return good * 10 >= len(items) * 6

    # -- what is kept

    def _whole(self, clause: Clause, item: str, start: int, over: _Heading) -> None:
        """An item of a list of names, whatever it ends with."""
        name = _listed_name(item)
        if not 3 <= len(name) <= 34 or _rejected(name):
            return
        kind = _kind(name, "", over)
        if kind:
            self._keep(name, kind, 0.78, clause, start, "")

    def _candidate(
        self, clause: Clause, hit: Candidate, start: int, before: str, over: _Heading, listed: bool
    ) -> None:
        name, end = _extended(hit)
        if _rejected(name):
            return
        confidence = _confidence(hit, name, over, listed, self.known)
        if confidence < 0.4:
            return
        kind = _kind(name, hit.ending.kind, over, before + hit.before, listed)
        outside, alias = _bracketed(name)
        status = _status(before + hit.before)
        named = self._keep(outside, kind, confidence, clause, start + hit.start, status)
        if alias and alias not in named.aliases:
            named.aliases.append(alias)

    def _shared(self, clause: Clause, items: list[tuple[int, str]], start: int, before: str, over: _Heading) -> bool:
        """A、B等生态走廊; 闻堰、义桥两镇; 地铁5、7号线: items that share an end or a beginning."""
        if len(items) < 2:
            return False
        last_place, last = items[-1]
        made = _common_end(items, last) or _common_number(items)
        if not made:
            return False
        first_hits = list(candidates(items[0][1], self.known))
        for place, name in made:
            ends = endings(name)
            kind = _kind(name, ends[-1].kind if ends else "", over, before)
            if kind and not _rejected(name):
                self._keep(name, kind, 0.85, clause, start + place, _status(before + items[0][1]))
        rest = [hit for hit in first_hits if hit.end <= len(items[0][1]) - len(made[0][1])]
        for hit in rest:
            self._candidate(clause, hit, start, before, over, False)
        return True

    def _keep(self, name: str, kind: str, confidence: float, clause: Clause, start: int, status: str) -> Named:
        there = self.found.get(key(name))
        if there is None:
            there = self.found[key(name)] = Named(name, kind, confidence, clause.id, start, [], status)
        elif confidence > there.confidence:
            there.kind, there.confidence = kind, confidence
        if status and not there.status:
            there.status = status
        return there


def key(name: str) -> str:
    """How names are compared: without quotes, brackets and dashes.

    Example:
        >>> key("蓝橙(国际)科创中心") == key("蓝橙（国际）科创中心")
        True
    """
    return re.sub(r"[\s()“”\"·、—\-（）]", "", fold(name))


# ---- lists


def _items(piece: str) -> list[tuple[int, str]]:
    """The items of a list, and what 和 and 及 join where both sides end like names."""
    found: list[tuple[int, str]] = []
    for place, item in pieces(piece, "、"):
        cut = None
        for joint in re.finditer("以及|和|及|与|或", item):
            left, right = item[: joint.start()], item[joint.end() :]
            if len(left) >= 3 and len(right) >= 3 and _ends_like_name(left) and candidates_of(right):
                cut = joint
                break
        if cut:
            found += [(place, item[: cut.start()]), (place + cut.end(), item[cut.end() :])]
        else:
            found.append((place, item))
    return found


def _ends_like_name(words: str) -> bool:
    return any(one.end == len(words) for one in endings(words)) or bool(re.search(r"[)”]$|[一二三四]期$|段$", words))


def candidates_of(words: str) -> bool:
    """Whether some end of a name stands in these words."""
    return bool(endings(words))


def _listed_name(item: str) -> str:
    """An item of a list without 等 and what follows it."""
    return re.sub(r"(?:等)?(?:\d+|[一二三四五六七八九十]+)?(?:个|条|座|项)?(?:重点|重大)?(?:项目|工程|平台)?等$|等[^等]{0,14}$", "", item).strip(" .。")


def _common_end(items: list[tuple[int, str]], last: str) -> list[tuple[int, str]]:
    """Names whose common end stands after the last of them."""
    words = table("names")["shared"]["suffixes"].split()
    ends = "|".join(sorted(words, key=len, reverse=True))
    found = re.match(rf"(.{{2,16}}?)(?:等)?(?:\d+|[一二两三四五六七八九十]+)?(?:大|条|座|个)?(?:沿江、?|沿河、?|沿路、?)*({ends})", last)
    listed = re.match(rf"(.{{2,16}}?)(?:等(?:\d+|[一二两三四五六七八九十]+)?(?:大|条|座|个)?|(?:[一二两三四五六七八九十]+)(?:大|条|座|个)?)(?:[\u4e00-\u9fff]、)*({ends})", last)
    if listed is None and not (found and _bare_list(items)):
        return []
    one = listed or found
    assert one is not None
    end = one[2]
    if end in ("街道", "镇", "乡", "中心镇") and not re.search("[两三四五六七八九十]", last[: one.start(2)]):
        return []
    end = {"绿道网络": "绿道", "中心镇": "镇"}.get(end, end)
    made = []
    for index, (place, item) in enumerate(items):
        name = one[1] if index == len(items) - 1 else _after_cut(item)
        if not name or (len(name) > 14 and "—" not in name):
            return []
        shift = place + (item.rindex(name) if name in item else 0)
        if any(hit.end == len(name) for hit in endings(name) if hit.hard) or name.endswith(("公园", "镇", "街道")):
            made.append((shift, name))
        else:
            made.append((shift, name + end))
    return made


def _bare_list(items: list[tuple[int, str]]) -> bool:
    """Whether all but the last of a list are bare words, without any end of a name."""
    return all(not endings(_after_cut(item)) and len(_after_cut(item)) <= 8 for _, item in items[:-1])


def _after_cut(item: str) -> str:
    """The words after the last verb of the first item of a list."""
    name = item
    for token in tokens(item):
        if token.role == "cut" or (token.role == "weak" and len(token.text) > 1):
            name = item[token.start + len(token.text) :]
    return name


def _common_number(items: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """地铁5、7号线和6号线二期: numbers that share the line's name before and after them."""
    numbers = "[0-9一二三四五六七八九十]{1,3}"
    first = re.search(rf"((?:[\u4e00-\u9fff]{{0,4}}地铁|轨道交通|城市轨道)?)({numbers})$", items[0][1])
    if not first or not any(re.match(rf"{numbers}号线", item) for _, item in items[1:]):
        return []
    prefix = first[1][-4:] if first[1].endswith("轨道交通") else first[1]
    made = [(items[0][0] + first.start(2), f"{prefix}{first[2]}号线")]
    for place, item in items[1:]:
        if found := re.match(rf"({numbers}(?:号线(?:[一二三四]期)?)?(?:[东南西北]延)?)", item):
            made.append((place, prefix + found[1] + ("" if "号线" in found[1] else "号线")))
    return made


# ---- judging a name


def _extended(hit: Candidate) -> tuple[str, int]:
    return hit.text, hit.end


def _rejected(name: str) -> bool:
    words = table("names")["reject"]
    bare = re.sub("[“”]", "", name)
    return bare in words["whole"].split() or bare.endswith(tuple(words["ends"].split())) or bool(re.search("的.*的|[,:;。]", bare))


def _confidence(hit: Candidate, name: str, over: _Heading, listed: bool, known: frozenset[str]) -> float:
    """How sure a name is: by its end, its proper words and where it stands."""
    own = bool(re.match("[区县市旗省](?=[^域级内外民]{2})", name)) and hit.ending.hard
    head = name[: hit.ending.start - hit.start]
    if not hit.proper and not own and not re.search("[A-Za-z0-9“]", head):
        return 0.72 if listed else 0.45 if hit.ending.hard and len(head) >= 2 else 0.0
    score = 0.74 if hit.ending.hard else 0.62
    score += 0.06 * min(hit.proper, 3)
    score += 0.06 if any(word in name for word in known) else 0.0
    score += 0.06 if listed else 0.0
    score -= 0.14 if "的" in name else 0.0
    return min(score, 0.97)


def _kind(name: str, ending: str, over: _Heading, before: str = "", listed: bool = True) -> str:
    """The kind of a name: by its end, else by what is said over the list."""
    headings = table("names")["heading"]
    if over.boxed and listed:
        by_heading = next((kind for kind, words in headings.items() if re.search(words, over.words)), "")
        if by_heading in ("innovation_source", "innovation_carrier", "commercial") and ending not in ("metro_line", "expressway"):
            return by_heading
        if by_heading == "project" and "标杆" in over.words:
            return "project"
        if by_heading == "platform" and ending in ("", "platform", "project", "commercial", "innovation_carrier", "research_institute"):
            return "platform"
        if not ending:
            return by_heading
    if ending == "trunk_road" and name.endswith("大道") and re.search("快速路", before + over.words):
        return "urban_expressway"
    return ending


def _status(before: str) -> str:
    """What stage the words before a name speak of: the last of them that does."""
    words = table("names")["status"]
    best, status = -1, ""
    for one, pattern in words.items():
        for found in re.finditer(pattern, before[-40:]):
            if found.end() > best:
                best, status = found.end(), one
    return status


def _bracketed(name: str) -> tuple[str, str]:
    """A name and what its last bracket says it is also called, where that is a name of its own."""
    found = re.fullmatch(r"(.{3,})\(([A-Za-z]{2,12}|[\u4e00-\u9fff]{4,})\)", name)
    return (found[1], found[2]) if found else (name, "")


# ---- townships


def townships(text: Text) -> dict[str, tuple[str, int]]:
    """The townships that lists of the text name, each with its clause and offset.

    A list has two at least, 、 or 和 between; a name has one to four characters before 街道, 镇 or 乡.
    """
    found: dict[str, tuple[str, int]] = {}
    counts: dict[str, int] = {}
    whole = set(table("names")["reject"]["whole"].split())
    pattern = re.compile(rf"(?:(?<=[、,:;。(和及由括盖含持进])|^)({UNIT[:-1]}))(?=(?:的?(?:部分|[东南西北中]部))?(?:[、,。;:)和及与以等组构]|$))", re.MULTILINE)
    for clause in text.clauses:
        for one in pattern.finditer(fold(clause.text)):
            name = one[1]
            if name in whole or not 2 <= len(name) <= 6 or name.endswith("小镇") or _general(name):
                continue
            counts[name] = counts.get(name, 0) + 1
            found.setdefault(name, (clause.id, clause.start + one.start(1)))
    return found


def _general(name: str) -> bool:
    """Whether a name's own part is general words that no township is called by."""
    stem = re.sub("(?:街道|镇|乡|苏木)$", "", name)
    return bool(re.search("各|区|县|市|省|级|型|试点|示范|中心|特色|重点|和|及|与|个|名|强|数字|美丽|卫生|健康|文明|全|每", stem)) or not stem


def known_words(names: Iterable[str]) -> frozenset[str]:
    """Stems of townships: 瓜沥 of 瓜沥镇; two characters at least."""
    stems = (re.sub("(?:街道|镇|乡|苏木|农场)$", "", name) for name in names)
    return frozenset(stem for stem in stems if len(stem) >= 2)


def district_words(text: Text) -> Iterator[str]:
    """The names in the plan's title: 某省, 某市, 某区, without their last character too."""
    title = fold(text.title + text.whole[: text.clauses[0].start] if text.clauses else text.title)[:200]
    for found in re.finditer(r"(?:^|[\s(])?([\u4e00-\u9fff]{2,4}?)(省|市|自治州|自治区|盟|区|县|新区|旗)(?=[\u4e00-\u9fff)])", title):
        if "五年" not in found[1]:
            yield found[1]
