"""Named things of a plan: what its sentences, lists and boxes name, each once, with all the places that name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from layers.document.blocks import fold
from layers.document.clauses import Clause, Text, split_id
from layers.document.leads import LEAD
from layers.document.lexicon import genre_words, table
from layers.document.naming import Candidate, Ending, candidates, endings, tokens
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
    """What is said over a list: the words before its colon, of its row or of its box; whether it is an item's title."""

    words: str
    boxed: bool
    listed: bool
    title: bool
    sentence: str
    cell: bool = False


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
        over = fold(
            f"{clause.title} {box.title}" if box and box is not clause and boxed else box.title if box and boxed else ""
        )
        folded = LEAD.sub(lambda found: "。" * len(found[0]), clause.folded)
        first = clause.start + (folded.find("\n") if not split_id(clause.id)[1] and "\n" in folded else 0)
        for sentence in sentences(folded, clause.start):
            if sentence.start < first and not boxed:
                continue
            self._sentence(clause, sentence, _Heading(over, boxed, False, False, ""))

    def _sentence(self, clause: Clause, sentence: Sentence, over: _Heading) -> None:
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
            listed = over.boxed and (mark == ":" or place == 0)
            said = _Heading(heading, over.boxed, listed, bool(shift and not place and "-" in clause.id), sentence.text,
                            heading == sentence.cell)  # fmt: skip
            self._piece(clause, piece, start, sentence.text[: shift + place], said)

    def _piece(self, clause: Clause, piece: str, start: int, before: str, over: _Heading) -> None:
        items = _items(piece, self.known)
        if self._shared(clause, piece, items, start, before, over):
            return
        hits = [(place, item, list(candidates(item, self.known))) for place, item in items]
        row = over.cell and bool(_above(over))
        whole_list = over.listed and len(items) >= (1 if row else 3) and self._mostly_names(hits, 1 if row else 0)
        company = sum(any(hit.proper for hit in found) for _, _, found in hits) if len(items) > 1 else 0
        for place, item, _ in hits:
            said = before + piece[:place]

            def refused(hit: Candidate, item: str = item, said: str = said) -> bool:
                name = _extended(hit, item)
                return _rejected(name, whole_list) or _unlike(hit, name, item, self.known, over, whole_list)

            found = list(candidates(item, self.known, refused))
            if whole_list and not any(hit.end >= len(_listed_name(item)) - 4 for hit in found):
                self._whole(clause, item, start + place, over)
                continue
            for hit in found:
                self._candidate(clause, hit, item, start + place, said + hit.before, over, whole_list, company)

    def _mostly_names(self, hits: list[tuple[int, str, list[Candidate]]], least: int) -> bool:
        """Whether the items of a list are names: most end like one or have a proper word; events and actions do not."""
        events = tuple(table("names")["events"]["words"].split())
        good = sure = 0
        for _, item, found in hits:
            name = _listed_name(item)
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

    def _whole(self, clause: Clause, item: str, start: int, over: _Heading) -> None:
        """An item of a list of names, whatever it ends with."""
        name = _after_lead(_listed_name(item))
        kind = _kind(name, None, over, True)
        if name.endswith("工程") and not re.search(table("names")["physical"]["words"], name[:-2]):
            return
        if kind and 3 <= len(name) <= 34 and not _rejected(name, True):
            self._keep(name, kind, 0.76, clause, start + item.index(name), "")

    def _candidate(
        self,
        clause: Clause,
        hit: Candidate,
        item: str,
        start: int,
        before: str,
        over: _Heading,
        listed: bool,
        company: int,
    ) -> None:
        name = _extended(hit, item)
        title = over.title and bool(re.search("策源|载体|平台|园区|项目|基地|枢纽|高地", over.words))
        confidence = _confidence(hit, name, listed or title, company, before, self.known)
        if re.search(f"(?:{table('names')['goals']['words']})$", before) and re.search(
            f"(?:{table('names')['goals']['ends']})$", name
        ):
            confidence -= 0.2
        if confidence < 0.5:
            return
        kind = _kind(name, hit.ending, over, listed or title)
        outside, alias = _bracketed(name)
        if base := _base(outside):
            outside, alias, kind = base[0], outside, base[1]
        named = self._keep(outside, kind, confidence, clause, start + hit.start, _status(before))
        if alias and alias not in named.aliases:
            named.aliases.append(alias)

    def _shared(
        self, clause: Clause, piece: str, items: list[tuple[int, str]], start: int, before: str, over: _Heading
    ) -> bool:
        """A、B等生态走廊; 闻堰、义桥两镇; 地铁5、7号线: items that share an end or a beginning."""
        if len(items) < 2:
            return False
        made = _common_end(piece) or _common_number(items)
        for place, name, end in made:
            ends = endings(name)
            if not ends or ends[-1].end < len(name):
                ends = endings(end)
            kind = _kind(name, ends[-1] if ends and not name.endswith("变") else None, over, True)
            if kind and not _rejected(name, True):
                self._keep(name, kind, 0.85, clause, start + place, _status(before + items[0][1]))
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


def rank(kind: str) -> int:
    """Which of two kinds said of one name stays: what a box's title says, then what its end says, then project."""
    return {"innovation_source": 4, "innovation_carrier": 3, "project": 0, "platform": 1}.get(kind, 2)


def key(name: str) -> str:
    """How names are compared: without quotes, brackets and dashes.

    Example:
        >>> key("蓝橙(国际)科创中心") == key("蓝橙（国际）科创中心")
        True
    """
    return re.sub(r"[\s()“”\"·、—\-（）]", "", fold(name))


# ---- lists


def _items(piece: str, known: frozenset[str]) -> list[tuple[int, str]]:
    """The items of a list, and what 和 and 及 join where both sides are names of their own."""
    found: list[tuple[int, str]] = []
    for place, item in pieces(piece, "、"):
        cut = None
        for joint in re.finditer("以及|和|及|与|或", item):
            left, right = item[: joint.start()], item[joint.end() :]
            if len(left) >= 3 and len(right) >= 3 and _ends_like_name(left) and _has_name(right, known):
                cut = joint
                break
        if cut:
            found += [(place, item[: cut.start()]), (place + cut.end(), item[cut.end() :])]
        else:
            found.append((place, item))
    return found


def _has_name(words: str, known: frozenset[str]) -> bool:
    return any(hit.proper or re.search("[0-9]|[一二三四五]线", hit.text) for hit in candidates(words, known))


def _ends_like_name(words: str) -> bool:
    return any(one.end == len(words) for one in endings(words)) or bool(re.search(r"[)”]$|[一二三四]期$|段$", words))


def _listed_name(item: str) -> str:
    """An item of a list without 等 and what follows it."""
    return re.sub(
        r"(?:等)?(?:\d+|[一二三四五六七八九十]+)?(?:个|条|座|项)?(?:重点|重大)?(?:项目|工程|平台)?等$|等[^等]{0,14}$",
        "",
        item,
    ).strip(" .。")


@cache
def _shared_ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    ends = "|".join(sorted(table("names")["shared"]["suffixes"].split(), key=len, reverse=True))
    number = r"(?:\d+|[一二两三四五六七八九十]+)(?:大|条|座|个)?"
    closed = re.compile(
        rf"^(.{{2,80}}?)(?:等(?:{number})?|(?<=[^第]){number})(?:[\u4e00-\u9fff]{{1,2}}、){{0,3}}(?:沿路)?({ends})"
    )
    bare = re.compile(
        r"^((?:[\u4e00-\u9fff—·]{2,9}、)+[\u4e00-\u9fff—·]{1,6}[江河湖山溪港渠塘])(生态走廊|生态廊道|生态带|绿道|饮用水水源地规范化建设|饮用水水源地)"
    )
    return closed, bare


def _common_end(piece: str) -> list[tuple[int, str, str]]:
    """Names whose common end stands after the last of them: A、B等生态走廊, A、B两镇."""
    closed, bare = _shared_ends()
    found = closed.match(piece) or bare.match(piece)
    if not found or "、" not in found[1]:
        return []
    end = {"绿道网络": "绿道", "中心镇": "镇"}.get(found[2], found[2])
    if end in ("街道", "镇", "乡") and "等" in piece[found.end(1) : found.start(2)]:
        return []
    made = []
    place = 0
    for item in found[1].split("、"):
        name = _after_cut(item)
        if not name or (len(name) > 12 and "—" not in name) or re.search("[“”]", name):
            return []
        made.append((place + item.rindex(name), _with_end(name, end), end))
        place += len(item) + 1
    return made


def _with_end(name: str, end: str) -> str:
    """A name with an end that it may have already, in whole or in part: 智能物联产业 and 产业创新服务综合体."""
    if (
        any(one.end == len(name) and one.hard for one in endings(name))
        or name.endswith(end[-2:])
        or name.endswith(("公园", "镇", "街道", "变", "工程"))
    ):
        return name
    for size in range(min(len(name), len(end)) - 1, 1, -1):
        if name.endswith(end[:size]):
            return name + end[size:]
    return name + end


def _after_lead(item: str) -> str:
    """An item of a list of names after the verbs at its head."""
    begin = 0
    for token in tokens(item):
        if token.role not in ("cut", "weak"):
            break
        begin = token.start + len(token.text)
    return item[begin:]


def _after_cut(item: str) -> str:
    """An item of a list after its last verb; verbs that names hold count before the first proper word only."""
    begin, proper = 0, False
    for token in tokens(item):
        if token.role == "cut" or (token.role == "weak" and len(token.text) > 1 and not proper):
            begin, proper = token.start + len(token.text), False
        proper = proper or token.role == "name"
    return item[begin:]


def _common_number(items: list[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """地铁5、7号线和6号线二期: numbers that share the line's name before and after them."""
    numbers = "[0-9一二三四五六七八九十]{1,3}"
    first = re.search(rf"((?:[\u4e00-\u9fff]{{0,4}}地铁|轨道交通|城市轨道)?)({numbers})$", items[0][1])
    if not first or not any(re.match(rf"{numbers}号线", item) for _, item in items[1:]):
        return []
    prefix = first[1][-4:] if first[1].endswith("轨道交通") else first[1]
    made = [(items[0][0] + first.start(2), f"{prefix}{first[2]}号线", "1号线")]
    for place, item in items[1:]:
        if found := re.match(rf"({numbers}(?:号线(?:[一二三四]期)?)?(?:[东南西北]延)?)", item):
            made.append((place, prefix + found[1] + ("" if "号线" in found[1] else "号线"), "1号线"))
    return made


# ---- judging a name


def _extended(hit: Candidate, item: str) -> str:
    """A name with the short bracket behind it; 二期项目 without 项目."""
    name, rest = hit.text, item[hit.end :]
    if found := re.match(r"\([^()]{1,8}\)|(?:项目)?[一二三四]期|新馆|新院区|新院|新校区", rest):
        name += found[0]
    return re.sub("(?<=[一二三四五]期)项目$", "", name)


def _rejected(name: str, listed: bool) -> bool:
    """Whether a name is none by itself; in a list of names only what is never one is refused."""
    words = table("names")["reject"]
    bare = re.sub("[“”]", "", name)
    if bare in words["whole"].split() or re.search(
        "的.*的|[,:;。+]|.等|[0-9]A级|^.{0,9}[一二三四五六七八九十]大.*(?:项目|工程)$", bare
    ):
        return True
    if name.count("“") != name.count("”") or name.count("(") != name.count(")"):
        return True
    if listed and bare.endswith(tuple(words["lenient"].split())):
        return False
    return bare.endswith(tuple(words["ends"].split()))


def _unlike(hit: Candidate, name: str, item: str, known: frozenset[str], over: _Heading, listed: bool) -> bool:
    """Whether what ends like a name is something else: a slogan, a programme, a partner, a stretch of talk."""
    words = table("names")
    if item[: hit.start].count("“") > item[: hit.start].count("”"):
        return True
    kind, head = hit.ending.kind, name[: hit.ending.start - hit.start]
    if hit.ending.literal and not head and kind not in ("control_line", "venue"):
        return True
    if (
        name.endswith(("工程", "项目"))
        and kind in ("project", "waterwork")
        and not (listed and hit.proper and name.endswith("项目"))
    ):
        bare = re.sub("“[^”]*”|工程$|项目$", "", name)
        for word in known:
            bare = bare.replace(word, "")
        if not re.search(words["physical"]["words"], bare) or (not hit.proper and not listed):
            return True
        if name.endswith("项目") and hit.proper < 2 and not listed:
            return True
    if hit.ending.end - hit.ending.start == 1 and (len(name) < 3 or (kind == "platform" and len(name) < 4)):
        return True
    if kind == "trunk_road" and (len(name) > 18 or "“" in name) and not re.search("[横纵]|联网", name):
        return True
    if name.endswith("大学") and re.search(words["partners"]["words"], over.sentence):
        return True
    if (
        name.endswith("站")
        and hit.ending.end - hit.ending.start == 1
        and not re.search("铁路|高铁|轨道|铁:", over.sentence + over.words)
    ):
        return True
    if name.endswith("总部") and not listed and not any(word in name for word in known):
        return kind == "project"
    joined = re.search("[和与及].{4,}", head) and kind not in (
        "research_institute",
        "school",
        "waterwork",
        "pipeline",
        "railway",
    )
    return bool(joined) or (kind == "village" and len(name) > 7)


def _confidence(hit: Candidate, name: str, listed: bool, company: int, before: str, known: frozenset[str]) -> float:
    """How sure a name is: by its end, its proper words and where it stands."""
    if hit.ending.kind == "control_line":
        return 0.85
    own = bool(re.match("[区县市旗省](?!域|级|内|外|民|镇|区|委).{3}", name))
    own = own and (hit.ending.hard or hit.ending.end - hit.ending.start > 3)
    head = name[: hit.ending.start - hit.start] or name
    familiar = [word for word in known if word in name]
    bare = head
    for word in familiar:
        bare = re.sub(f"^{re.escape(word)}[省市]?", "", bare)
    kind, hard = hit.ending.kind, hit.ending.hard
    ranked = (
        kind in ("research_institute", "platform")
        and bool(re.match("[^省市]{2,4}[省市](?!级)", head))
        and len(bare) < 6
    )
    ranked = ranked and bool(familiar) and not _has_proper(bare) and not listed
    if ranked or (not hit.proper and not own and not re.search("[A-Za-z0-9“]", head)):
        if listed and len(name) >= 4:
            return 0.7
        return 0.0 if ranked else _general(hit, name, head, company, before)
    score = 0.68 if hard else 0.58
    score += 0.05 * min(hit.proper, 3)
    score += 0.08 if familiar else 0.0
    score += 0.08 if listed else 0.0
    score += 0.03 if company > 1 else 0.0
    score -= 0.12 if "的" in name else 0.0
    score -= 0.06 if len(name) > 18 else 0.0
    return min(score, 0.95)


def _general(hit: Candidate, name: str, head: str, company: int, before: str) -> float:
    """How sure a name of general words is: beside names in a list, or a thing to be built that is said at length."""
    kind, hard = hit.ending.kind, hit.ending.hard
    if before.endswith("等") or hit.before.endswith("等"):
        return 0.0
    if (
        company > 1
        and len(name) >= 3
        and (kind in ("venue", "trunk_road", "pole_block") or (len(name) >= 4 and (hard or kind == "platform")))
    ):
        return 0.58
    if company and kind in ("venue", "platform", "trunk_road") and len(name) >= 3 and len(head) >= 2:
        return 0.52
    if kind == "airport_work" and len(name) >= 4:
        return 0.55
    if hard and kind in _PLACED and head not in genre_words() and 2 <= len(head) <= 3 and len(tokens(head)) == 1:
        return 0.6
    built = re.search(f"(?:{table('names')['built']['verbs']})$", before[-10:])
    lengthy = len(head) >= 3 and kind in ("facility", "hospital", "research_institute") and (hard or kind == "facility")
    return 0.52 if lengthy and built else 0.0


def _has_proper(words: str) -> bool:
    return any(one.role == "name" for one in tokens(words))


_WORKS = re.compile(
    r"^(.{3,}?)(?:整体)?(?:综合)?(?:迁建|搬迁|改扩建|扩建|改建|新建|建设|改造|提升|保护|新院区|新院|新馆|新校区|[一二三]期)+(?:工程|项目)?$"
)
_PLACED = frozenset(["waterwork", "trunk_road", "tunnel", "forest_park", "port", "railway", "school", "village"])
_BUILT = frozenset(["lock", "hospital", "school", "culture_facility", "venue", "facility", "heritage"])


def _base(name: str) -> tuple[str, str] | None:
    """The hospital of 区二医院迁建项目, with its kind; None where works are what is meant."""
    found = _WORKS.match(name)
    ends = [one for one in endings(found[1]) if one.end == len(found[1])] if found else []
    return (found[1], ends[-1].kind) if found and ends and ends[-1].kind in _BUILT and ends[-1].hard else None


def _above(over: _Heading) -> str:
    """The kind that the words over a list say; empty where they say none."""
    return _heading_kind(over.words)


@lru_cache(maxsize=4096)
def _heading_kind(words: str) -> str:
    return next((one for one, pattern in table("names")["heading"].items() if re.search(pattern, words)), "")


def _kind(name: str, ending: Ending | None, over: _Heading, listed: bool) -> str:
    """The kind of a name: by its end, else by what is said over the list."""
    kind = ending.kind if ending else ""
    if re.search("遗址|古海塘|古城|文物|故居|石刻", name) and kind in ("waterwork", "project", "tourism", ""):
        return "heritage"
    if over.boxed and listed:
        above = _above(over)
        if above in ("innovation_source", "innovation_carrier", "commercial"):
            return above
        if above == "project" and not (ending and ending.hard):
            return "project"
        if above == "platform" and not (ending and ending.hard and kind not in ("project", "research_institute")):
            return "platform"
        if not kind:
            return above
    if kind == "trunk_road" and name.endswith("大道") and "快速路" in over.sentence + over.words:
        return "urban_expressway"
    return kind


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
    pattern = re.compile(
        rf"(?:(?<=[、,:;。(和及由括盖含持进])|^)({UNIT[:-1]}))(?=(?:的?(?:部分|[东南西北中]部))?(?:[、,。;:)和及与以等组构]|$))",
        re.MULTILINE,
    )
    for clause in text.clauses:
        for one in pattern.finditer(clause.folded):
            name = one[1]
            name = _after_cut(name)
            if (
                name in whole
                or not 2 <= len(name) <= 6
                or not re.search("..(?:街道|镇|乡|苏木)$|.[镇乡]$", name)
                or name.endswith("小镇")
                or _ordinary(name)
            ):
                continue
            counts[name] = counts.get(name, 0) + 1
            found.setdefault(name, (clause.id, clause.start + one.end(1) - len(name)))
    return found


def _ordinary(name: str) -> bool:
    """Whether a name's own part is general words that no township is called by."""
    stem = re.sub("(?:街道|镇|乡|苏木)$", "", name)
    return (
        bool(
            re.search(
                "各|区|县|市|省|级|型|试点|示范|中心|特色|重点|和|及|与|个|名|强|数字|美丽|卫生|健康|文明|全|每|[立强兴富活美古]$|城$",
                stem,
            )
        )
        or not stem
    )


def known_words(names: Iterable[str]) -> frozenset[str]:
    """Stems of townships: 瓜沥 of 瓜沥镇; two characters at least."""
    stems = (re.sub("(?:街道|镇|乡|苏木|农场)$", "", name) for name in names)
    return frozenset(stem for stem in stems if len(stem) >= 2)


def district_words(text: Text) -> Iterator[str]:
    """The names in the plan's title: 某省, 某市, 某区, without their last character too."""
    title = fold(text.title + text.whole[: text.clauses[0].start] if text.clauses else text.title)[:200]
    for found in re.finditer(
        r"(?:^|[\s(])?([\u4e00-\u9fff]{2,4}?)(省|市|自治州|自治区|盟|区|县|新区|旗)(?=[\u4e00-\u9fff)])", title
    ):
        if "五年" not in found[1]:
            yield found[1]
