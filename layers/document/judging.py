"""What is a name and what only ends like one, how sure it is, and of which kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from layers.document.lexicon import genre_words, table
from layers.document.naming import Candidate, Ending, endings, tokens


@dataclass(frozen=True, slots=True)
class Heading:
    """What is said over a list: the words before its colon, of its row or of its box; whether it is an item's title."""

    words: str
    boxed: bool
    listed: bool
    title: bool
    sentence: str
    cell: bool = False


def _marks(name: str) -> str:
    return str(table("names")["marks"][name])


def rank(kind: str) -> int:
    """Which of two kinds said of one name stays: what a box's title says, then what its end says, then project."""
    return {"innovation_source": 4, "innovation_carrier": 3, "project": 0, "platform": 1}.get(kind, 2)


def extended(hit: Candidate, item: str) -> str:
    """A name with the short bracket behind it; 二期项目 without 项目."""
    name, rest = hit.text, item[hit.end :]
    if found := re.match(rf"\([^()]{{1,8}}\)|{_marks('behind')}", rest):
        name += found[0]
    return re.sub("(?<=[一二三四五]期)项目$", "", name)


def rejected(name: str, listed: bool) -> bool:
    """Whether a name is none by itself; in a list of names only what is never one is refused."""
    words = table("names")["reject"]
    bare = re.sub("[“”]", "", name)
    if bare in words["whole"].split() or re.search(_marks("refused"), bare):
        return True
    if name.count("“") != name.count("”") or name.count("(") != name.count(")"):
        return True
    if listed and bare.endswith(tuple(words["lenient"].split())):
        return False
    return bare.endswith(tuple(words["ends"].split()))


def unlike(hit: Candidate, name: str, item: str, known: frozenset[str], over: Heading, listed: bool) -> bool:
    """Whether what ends like a name is something else: a slogan, a programme, a partner, a stretch of talk."""
    kind, head = hit.ending.kind, name[: hit.ending.start - hit.start]
    lone = hit.ending.end - hit.ending.start == 1
    familiar = any(word in name for word in known)
    return any(
        (
            item[: hit.start].count("“") > item[: hit.start].count("”"),
            re.search(f"(?:{table('names')['plural']['words']})$", item[: hit.start]),
            hit.ending.literal and not head and kind not in ("control_line", "venue"),
            hit.text.endswith("项目") and re.match("[一二三四]期", item[hit.end :]),
            _programme(hit, name, known, listed),
            lone and (len(name) < 3 or (kind == "platform" and len(name) < 4)),
            kind == "trunk_road" and (len(name) > 18 or "“" in name) and not re.search(_marks("networks"), name),
            name.endswith("大学") and re.search(table("names")["partners"]["words"], over.sentence),
            lone and name.endswith("站") and not re.search(_marks("stations"), over.sentence + over.words),
            kind == "project" and name.endswith("总部") and not listed and not familiar,
            re.search("[和与及].{4,}", head) and kind not in _marks("joined").split(),
            kind == "village" and len(name) > 7,
        )
    )


def _programme(hit: Candidate, name: str, known: frozenset[str], listed: bool) -> bool:
    """Whether a 工程 or a 项目 is a programme, not something that stands somewhere."""
    if not name.endswith(("工程", "项目")) or hit.ending.kind not in ("project", "waterwork"):
        return False
    if listed and hit.proper and name.endswith("项目"):
        return False
    bare = re.sub("“[^”]*”|工程$|项目$", "", name)
    for word in known:
        bare = bare.replace(word, "")
    if name.endswith("项目") and not listed:
        inner = any(one.end == len(name) - 2 and one.kind != "project" for one in endings(name[:-2]))
        return hit.proper < 2 or inner
    return not re.search(table("names")["physical"]["words"], bare) or (not hit.proper and not listed)


def confidence_of(hit: Candidate, name: str, listed: bool, company: int, before: str, known: frozenset[str]) -> float:
    """How sure a name is: by its end, its proper words and where it stands."""
    kind, hard = hit.ending.kind, hit.ending.hard
    if kind == "control_line":
        return 0.85
    own = bool(re.match(_marks("own"), name)) and (hard or hit.ending.end - hit.ending.start > 3)
    head = name[: hit.ending.start - hit.start] or name
    familiar = [word for word in known if word in name]
    ranked = not listed and _of_province(kind, head, familiar)
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


def _of_province(kind: str, head: str, familiar: list[str]) -> bool:
    """Whether a name says no more than whose it is: 某省实验室."""
    if kind not in ("research_institute", "platform") or not familiar or not re.match("[^省市]{2,4}[省市](?!级)", head):
        return False
    for word in familiar:
        head = re.sub(f"^{re.escape(word)}[省市]?", "", head)
    return len(head) < 6 and not _has_proper(head)


def _general(hit: Candidate, name: str, head: str, company: int, before: str) -> float:
    """How sure a name of general words is: beside names in a list, or a thing to be built that is said at length."""
    kind, hard, size = hit.ending.kind, hit.ending.hard, len(name)
    if before.endswith("等") or hit.before.endswith("等") or size < 3:
        return 0.0
    sided = kind in ("venue", "trunk_road", "pole_block", "village") or (size >= 4 and (hard or kind == "platform"))
    if company > 1 and sided:
        return 0.58
    if company and kind in ("venue", "platform", "trunk_road", "pole_block") and len(head) >= 2:
        return 0.52
    if kind == "airport_work" and size >= 4:
        return 0.55
    plain = 2 <= len(head) <= 3 and len(tokens(head)) == 1 and head not in genre_words()
    if hard and plain and kind in _marks("placed").split():
        return 0.6
    built = re.search(f"(?:{table('names')['built']['verbs']})$", before[-10:])
    lengthy = len(head) >= 3 and kind in ("facility", "hospital", "research_institute") and (hard or kind == "facility")
    return 0.52 if lengthy and built else 0.0


def _has_proper(words: str) -> bool:
    return any(one.role == "name" for one in tokens(words))


def built_base(name: str) -> tuple[str, str] | None:
    """The hospital of 区二医院迁建项目, with its kind; None where works are what is meant."""
    found = re.match(rf"(.{{3,}}?)(?:整体)?(?:综合)?(?:{_marks('works')})+(?:工程|项目)?$", name)
    ends = [one for one in endings(found[1]) if one.end == len(found[1])] if found else []
    built = bool(ends) and ends[-1].hard and ends[-1].kind in _marks("built").split()
    return (found[1], ends[-1].kind) if found and built else None


def above(over: Heading) -> str:
    """The kind that the words over a list say; empty where they say none."""
    return _heading_kind(over.words)


@lru_cache(maxsize=4096)
def _heading_kind(words: str) -> str:
    return next((one for one, pattern in table("names")["heading"].items() if re.search(pattern, words)), "")


def kind_of(name: str, ending: Ending | None, over: Heading, listed: bool) -> str:
    """The kind of a name: by its end, else by what is said over the list."""
    kind = ending.kind if ending else ""
    if re.search(_marks("heritage"), name) and kind in ("waterwork", "project", "tourism", ""):
        return "heritage"
    if over.boxed and listed:
        said = above(over)
        if said in ("innovation_source", "innovation_carrier", "commercial"):
            return said
        if said == "project" and not (ending and (ending.hard or kind not in _marks("vague").split())):
            return "project"
        if said == "platform" and not (ending and ending.hard and kind not in ("project", "research_institute")):
            return "platform"
        if not kind:
            return said
    if kind == "trunk_road" and name.endswith("大道") and "快速路" in over.sentence + over.words:
        return "urban_expressway"
    return kind


def status_of(before: str) -> str:
    """What stage the words before a name speak of: the last of them that does."""
    words = table("names")["status"]
    best, status = -1, ""
    for one, pattern in words.items():
        for found in re.finditer(pattern, before[-40:]):
            if found.end() > best:
                best, status = found.end(), one
    return status


def bracketed(name: str) -> tuple[str, str]:
    """A name and what its last bracket says it is also called, where that is a name of its own."""
    found = re.fullmatch(r"(.{3,})\(([A-Za-z]{2,12}|[\u4e00-\u9fff]{4,})\)", name)
    return (found[1], found[2]) if found else (name, "")
