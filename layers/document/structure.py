"""Spatial structure: slogans of the form 一核两轴三组团, their belts, axes, zones and poles, and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from layers.document.clauses import Clause, Text
from layers.document.found import Finding, Span
from layers.document.lexicon import table
from layers.document.naming import endings, tokens
from layers.document.numerals import chinese
from layers.document.sentences import pieces, sentences

UNIT = r"[\u4e00-\u9fff]{1,6}?(?:街道|镇|乡|苏木|农场|民族乡)"
"""A township's name."""
_ITEM = rf"{UNIT}(?:的?(?:部分区域|部分地区|部分|局部|[东西南北中]部|一部分))?"


@dataclass(slots=True)
class Part:
    """A part of a slogan.

    Attributes:
        count: 一, 三, 多; as a number, 0 for 多.
        noun: 带, 区, 极.
        kind: ``belt``, ``zone``, ``pole`` or ``corridor``.
        names: What it is made of.
    """

    count: int
    noun: str
    kind: str
    names: list[str] = field(default_factory=list)


@cache
def _slogan() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    words = table("names")["structure"]
    nouns = {noun: kind for kind in ("belt", "zone", "pole", "corridor") for noun in words[kind].split("|")}
    noun = "|".join(sorted(nouns, key=len, reverse=True))
    part = rf"({words['count']})({noun})"
    return re.compile(rf"(?:{part}(?:[\u4e00-\u9fff]{{2}})?[、,]?){{2,6}}"), re.compile(part), nouns


def slogan(words: str) -> list[Part]:
    """The parts of the first slogan in folded words; empty where there is none.

    Example:
        >>> [(part.count, part.noun, part.kind) for part in slogan("构建“一带引领、三区联动、多极支撑”空间格局")]
        [(1, '带', 'belt'), (3, '区', 'zone'), (0, '极', 'pole')]
    """
    whole, part, nouns = _slogan()
    found = whole.search(words)
    if not found:
        return []
    parts = [Part(_count(one[1]), one[2], nouns[one[2]]) for one in part.finditer(found[0])]
    return parts if len({one.noun for one in parts}) > 1 else []


def _count(word: str) -> int:
    return {"多": 0, "双": 2, "两": 2}.get(word, int(chinese(word) or 0))


def structure(text: Text) -> Iterator[Finding]:
    """The structures of a plan: one ``structure`` for the slogan, a ``feature`` for each part that the text names.

    A zone has ``members`` and, of those that it shares with others, ``split``.
    """
    for section, parts, span in _sections(text):
        found: list[Finding] = []
        current: Part | None = None
        for clause in section:
            for line, offset in _lines(clause):
                label = _label(line, parts)
                current = label or current
                found += _zones(clause, line, offset, label)
                if current:
                    found += _named(clause, line, offset, current, {one.name for one in found})
        if not found:
            continue
        found = _split(_once(found))
        for part in parts:
            part.names = [one.name for one in found if one.fields["kind"] == part.kind]
        said = text.whole[span.start : span.end].strip("、,，“”")
        made = tuple(
            {"count": part.count, "noun": part.noun, "kind": part.kind, "names": tuple(part.names)} for part in parts
        )
        yield Finding("structure", said, span.clause, span.start, span.end, 0.9, {"parts": made}, (span,))
        yield from found


def _sections(text: Text) -> Iterator[tuple[list[Clause], list[Part], Span]]:
    """Each section that spells a slogan out, with the slogan and its first place."""
    seen: dict[str, tuple[list[Part], Span]] = {}
    for clause in text.clauses:
        folded = clause.folded
        for found in _slogan()[0].finditer(folded):
            if parts := slogan(found[0]):
                key = "".join(f"{part.count}{part.noun}" for part in parts)
                seen.setdefault(key, (parts, Span(clause.id, clause.start + found.start(), clause.start + found.end())))
    groups: dict[str, list[Clause]] = {}
    for clause in text.clauses:
        if clause.id[0].isdigit():
            groups.setdefault(clause.id.split(".")[0], []).append(clause)
    for parts, span in seen.values():
        best: tuple[int, str] = (0, "")
        for group, members in groups.items():
            labels = {part.noun for clause in members for line, _ in _lines(clause) if (part := _label(line, parts))}
            if (len(labels), group) > best and len(labels) >= min(2, len(parts)):
                best = (len(labels), group)
        if best[1]:
            yield groups[best[1]], parts, span


def _lines(clause: Clause) -> Iterator[tuple[str, int]]:
    """The lines of a clause, long ones at their sentences too, with their offsets."""
    offset = clause.start
    for line in clause.folded.split("\n"):
        place = 0
        for cut in re.finditer(
            r"[。;](?=[一二两三四五六七八九十多双][\u4e00-\u9fff]{1,3}(?:[,:,即]|[\u4e00-\u9fff]{0,2}[:,]))|$", line
        ):
            if line[place : cut.start()]:
                yield line[place : cut.start()], offset + place
            place = cut.end()
        offset += len(line) + 1


def _label(line: str, parts: list[Part]) -> Part | None:
    """The part of the slogan that a line begins with: 一带引领:, 三轴:, (二)壮大两轴."""
    head = re.sub(
        r"^(?:第.{1,3}节\s*|[一二三四五六七八九十]{1,3}[、.]|\(?[一二三四五六七八九十\d]{1,3}[)、.]|——|—)+\s*", "", line
    )[:12]
    for part in parts:
        number = {0: "多", 2: "[二两双]"}.get(
            part.count, "一二三四五六七八九十"[part.count - 1] if 0 < part.count <= 10 else ""
        )
        if re.match(
            rf"(?:[\u4e00-\u9fff]{{2,4}})?“?{number}大?{part.noun}(?:”|[\u4e00-\u9fff]{{2}})?(?:$|[:,。、即是])", head
        ):
            return part
    return None


# ---- zones and their members


def _zones(clause: Clause, line: str, offset: int, label: Part | None) -> Iterator[Finding]:
    words = table("names")["structure"]
    for sentence in sentences(line, offset):
        for found in re.finditer(rf"(?:{words['members']}|\()", sentence.text):
            head, tail = sentence.text[: found.start()].rstrip(",:"), sentence.text[found.end() :]
            listed = re.match(rf"((?:[^、,。;:()]{{2,20}}[、,])*?{_ITEM}(?:(?:、|和|及|以及|与|,){_ITEM})*)", tail)
            if not listed or (found[0] == "(" and ")" not in tail):
                continue
            name = _zone_name(head)
            members = _member_names(listed[1])
            if not name or not members:
                continue
            start = sentence.start + sentence.text.index(name)
            said = label is not None and label.kind == "pole" and label.count == 1
            kind = "pole" if said or re.search("核心|县城|城区|中心$|[核极心]$", name) else "zone"
            yield Finding("feature", name, clause.id, start, start + len(name), 0.9,
                          {"kind": kind, "members": tuple(members), "partly": tuple(_partly(listed[1]))},
                          (Span(clause.id, start, start + len(name)),))  # fmt: skip
            if found[0] != "(":
                break


def _zone_name(head: str) -> str:
    """The zone that the words before its members name; of 以县城为核心 the town."""
    if core := re.search("以([\u4e00-\u9fff]{2,10})为(?:核心|中心|主体)$", head):
        return core[1]
    ends = table("names")["structure"]["zone_ends"]
    for piece in reversed(re.split("[,:、。;(]", head)):
        name = re.sub(r"^[—\s]*(?:\(?[一二三四五六七八九十\d]{1,2}[)、.])?", "", piece)
        name = re.sub("^(?:即|建设|打造|培育|构建|形成|做强|做优|做大|推进|发展|重点建设|规划建设|推动)+", "", name)
        if name in ("县城", "城区", "主城区", "中心城区", "老城区"):
            return name
        if re.fullmatch(rf"[\u4e00-\u9fffA-Za-z“”·-]{{2,16}}(?:{ends}|[主新副老]城)", name) and not name.startswith(
            "以"
        ):
            return name
    return ""


def _member_names(listed: str) -> list[str]:
    found = re.split(r"[、,]|以及|(?<=[道镇乡木区部分域])[和及与](?=[^、,和及与]{1,6}(?:街道|镇|乡|苏木))", listed)
    units = []
    for one in found:
        if matched := re.match(rf"({UNIT})(?:的?{_partly_words()})?$", one):
            units.append(matched[1])
        elif one.strip():
            units.append(one.strip())
    return list(dict.fromkeys(units))


def _partly_words() -> str:
    return f"(?:{table('names')['structure']['partly']})"


def _partly(listed: str) -> list[str]:
    """The members of which a part only is meant: the last before 部分区域, and those that 以及 joins to it."""
    units: list[str] = []
    for found in re.finditer(rf"((?:{UNIT}[、,])*{UNIT})的?{_partly_words()}", listed):
        group = re.split("[、,]", found[1])
        tied = re.search(r"(?:以及|和|及|与)$", listed[: found.start()]) or found.start() == 0
        meant = group if tied and "以及" in listed else group[-1:]
        units += [re.sub("^.*以及|^.+[和及与](?=[^和及与]{2,6}(?:街道|镇|乡))", "", one) for one in meant]
    return units


def _split(found: list[Finding]) -> list[Finding]:
    """Zones with those members marked that are divided: said to be in part, or members of two."""
    counts: dict[str, int] = {}
    for one in found:
        if one.fields["kind"] == "zone":
            for member in one.fields.get("members", ()):
                counts[member] = counts.get(member, 0) + 1
    done = []
    for one in found:
        fields: dict[str, Any] = dict(one.fields)
        partly = fields.pop("partly", ())
        if "members" in fields and fields["kind"] == "zone":
            fields["split"] = tuple(m for m in fields["members"] if counts[m] > 1 or m in partly)
        done.append(Finding(one.kind, one.name, one.clause, one.start, one.end, one.confidence, fields, one.mentions))
    return done


# ---- belts and poles


def _named(clause: Clause, line: str, offset: int, part: Part, there: set[str]) -> Iterator[Finding]:
    if part.kind == "belt":
        hits = list(_belts(line))
    elif part.kind == "pole":
        hits = list(_poles(line))
    elif part.kind == "zone":
        hits = list(_listed(line, table("names")["structure"]["zone_ends"]))
        hits = hits if part.count in (0, len(hits)) else []
    else:
        return
    for at, name in hits:
        if name not in there and "的" not in name and (part.kind != "pole" or _placed(name)):
            span = Span(clause.id, offset + at, offset + at + len(name))
            yield Finding("feature", name, clause.id, span.start, span.end, 0.88, {"kind": part.kind}, (span,))


def _placed(name: str) -> bool:
    """Whether a name ends as those of places do."""
    return bool(re.search("县城|城区|核心区|[镇乡街]$", name)) or any(one.end == len(name) for one in endings(name))


def _belts(line: str) -> Iterator[tuple[int, str]]:
    ends = table("names")["structure"]["belt_ends"]
    listed = list(_listed(line, ends))
    if listed:
        yield from listed
        return
    headed = re.match(rf"(?:——?|\(?\d[).、]\s*)?([\u4e00-\u9fff]{{3,14}}(?:{ends}))[,:。](?=.)", line)
    if headed and tokens(headed[1])[0].role != "cut":
        yield headed.start(1), headed[1]
        return
    for place, piece in pieces(line, ",:。;"):
        if found := re.search(
            rf"(?:以|即|建设|打造|构建|培育)([\u4e00-\u9fff]{{2,14}}(?:{ends}))(?:为(?:引领|主轴|轴)|$)", piece
        ):
            yield place + found.start(1), re.sub("^.*(?:建设|打造|构建|培育)", "", found[1])
            if "引领" in piece:
                return


def _listed(line: str, ends: str) -> Iterator[tuple[int, str]]:
    """Names in a list after 三轴: or 两翼,即."""
    found = re.match(r"[^:,。]{1,12}(?:[:。]即?|,?即)[:,]?((?:建设|打造|构建)?[^。;]+)", line)
    if not found or not re.search(rf"(?:{ends})(?:[、和。(]|$)", found[1]):
        return
    place = found.start(1)
    for one in re.split("(、|和|及|。)", re.sub(r"\([^()]*\)", lambda gap: "、" * len(gap[0]), found[1])):
        name = re.sub("^(?:建设|打造|构建|培育|形成)", "", one)
        if re.fullmatch(rf"[\u4e00-\u9fffA-Za-z0-9“”·-]{{2,14}}(?:{ends})", name) and tokens(name)[0].role != "cut":
            yield place + len(one) - len(name), name
        place += len(one)


def _poles(line: str) -> Iterator[tuple[int, str]]:
    if (found := re.match(r"——?([^。:,]{2,16})[。:]", line)) or (
        found := re.search("以([\u4e00-\u9fffA-Za-z]{2,14})为(?:核心|中心|主体)", line)
    ):
        yield found.start(1), found[1]
    elif found := re.match(r"[^:,。]{1,8}(?:[:。]即?|,即)([^。;,(]+)", line):
        place = found.start(1)
        for one in re.split("(、|和)", found[1]):
            name = re.sub("等.*$", "", one)
            if re.fullmatch(r"[\u4e00-\u9fffA-Za-z()]{2,20}", name):
                yield place, name
            place += len(one)


def _once(found: list[Finding]) -> list[Finding]:
    """Each name once; that with members stays."""
    best: dict[tuple[str, str], Finding] = {}
    for one in found:
        key = (one.name, one.fields["kind"])
        if key not in best or ("members" in one.fields and "members" not in best[key].fields):
            best[key] = one
    return list(best.values())
