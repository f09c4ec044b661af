"""Targets of the running text: value, unit, comparator, measure, year and what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from layers.document.blocks import fold
from layers.document.clauses import Clause, Text
from layers.document.found import Finding, Span
from layers.document.lexicon import table
from layers.document.listing import after_cut
from layers.document.numerals import ARABIC, number
from layers.document.period import YEAR, Period
from layers.document.project_tables import projects
from layers.document.sentences import Sentence, pieces, quoted, sentences
from layers.document.structure import UNIT

_UNTIL = re.compile(rf"(?:到|至|在|力争|展望)?“?{YEAR}(?:底|末|前)?|“?十四五”?末")
CHINESE = "[一二三四五六七八九十百千两〇零点]"
_BARE = re.compile(rf"(?<![\d.A-Za-z第+])({ARABIC})(?=(?:以[内上下]|左右)?(?:[,。;]|$))")
_TRIM_HEAD = re.compile(
    r"^(?:[\s,、:和与及的]|并|其中|分别|力争|争取|确保|到|实现|全区|全县|全市|全旗|使|让|推动|推进|加快|预计|在此基础上)+"
)
_TRIM_TAIL = re.compile(
    r"(?:[\s,、:的和]|等|力争|争取|实现|达到|达|将|要|均|分别|基本|总量|提高|提升|增加|降低|下降|缩小|上升|升|降|稳定|保持)+$"
)


@dataclass(frozen=True, slots=True)
class _Number:
    """A number with its unit in a sentence; offsets are of the sentence."""

    value: float | None
    low: float | None
    high: float | None
    unit: str
    start: int
    end: int
    comparator: str = ""
    chinese: bool = False


def targets(text: Text, period: Period, tables: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """The targets of all clauses.

    Args:
        text: The plan.
        period: Its years; the last is the year of targets that name none.
        tables: Ids of clauses whose tables are read as indicators, which are left out here.
    """
    for clause in text.clauses:
        if clause.id in tables:
            continue
        folded = clause.folded
        year, past, line_end = period.last, False, 0
        seen: set[tuple[str, str]] = set()
        yield from _of_title(clause, folded, period)
        contents = any(True for _ in projects(clause))
        for sentence in sentences(folded, clause.start):
            if contents and sentence.row:
                continue
            if sentence.start > line_end:
                line_end = clause.start + (folded + "\n").index("\n", sentence.start - clause.start)
                past = False
            past = _past(sentence.text, period) or (past and not _ahead(sentence.text, period))
            if past:
                continue
            for found in _of_sentence(clause, sentence, year, period):
                key = (str(sorted(found.fields.items())), found.name)
                if key not in seen:
                    seen.add(key)
                    yield found
            year = _year_at(sentence.text, len(sentence.text), year, period) if sentence.stop == ";" else period.last


def _of_sentence(clause: Clause, sentence: Sentence, year: int, period: Period) -> Iterator[Finding]:
    words = sentence.text
    last: dict[str, Any] = {"name": "", "measure": ""}
    for place, piece in pieces(words):
        if re.fullmatch(r"\(?(?:牵头|责任).*", piece):
            continue
        found = [one for one in (*_numbers(piece), *_bare(piece)) if not _existing(piece, one)]
        end = 0
        subjects, joint = _joint(piece, found)
        apart = not joint and len(found) > 1 and "分别" in piece[: found[0].start]
        holders = _holders(words[:place], len(found)) if apart else []
        for index, one in enumerate(found):
            before, after = piece[end : one.start], piece[one.end :]
            end = one.end
            shift = Span(clause.id, sentence.start + place + one.start, sentence.start + place + one.end)
            at = _year_at(words, place + one.start, year, period)
            names = [subjects[index]] if joint and index < len(subjects) else None
            holder = holders[index] if index < len(holders) else ""
            for target in _targets_of(one, before if not joint else piece[: found[0].start], after, words, last, names):
                last = dict(target)
                name, confidence = holder + str(target.pop("name")), float(target.pop("confidence"))
                yield Finding(
                    "target", name, clause.id, shift.start, shift.end, confidence, {**target, "year": at}, (shift,)
                )
        at = year if found else _year_at(words, place + len(piece), year, period)
        for said in _worded(clause, sentence, place, piece, at, only="share" if found else ""):
            last = {"name": re.sub(_doubled(), "", said.name), "measure": ""}
            yield said


# ---- numbers


@cache
def _pattern() -> re.Pattern[str]:
    unit = table("figures")["unit"]
    long = sorted(unit["plain"], key=len, reverse=True)
    many = sorted(unit["multiplied"], key=len, reverse=True)
    per = r"(?:/[\u4e00-\u9fff]{1,4})?"
    counted = f"(?:万|亿|百万|千万)?(?:{'|'.join(map(re.escape, many))}){per}"
    ratios, plain = ([re.escape(one) for one in long if ("/" in one) is ratio] for ratio in (True, False))
    units = "|".join([*ratios, counted, *plain, "万(?=[,。;以左]|$)"])
    figure = rf"(?:{ARABIC})(?:[~—-](?:{ARABIC}))?|{CHINESE}{{1,8}}"
    return re.compile(
        rf"(?<![\d.A-Za-z第+每])(?P<figure>{figure})(?P<more>余|多)?(?P<unit>{units})(?![变工一二三四五六七八九十])"
    )


def _numbers(piece: str) -> Iterator[_Number]:
    """All numbers with units."""
    signs = table("figures")["comparator"]
    inside = quoted(piece)
    for found in _pattern().finditer(piece):
        chinese = not found["figure"][0].isdigit()
        if any(start < found.start() < end for start, end in inside) and (
            chinese or not re.match(".{0,4}圈", piece[found.end() :])
        ):
            continue
        low, high = (number(part) for part in [*re.split("[~—-]", found["figure"]), ""][:2])
        if low is None or (chinese and low < 2 and found["unit"] != "%"):
            continue
        comparator = ""
        before, after = piece[: found.start()], piece[found.end() :]
        for pattern, sign in signs["before"]:
            if re.search(f"(?:{pattern})$", before[-8:]) and not (
                "(?=" in pattern and not re.search("(?:不低于|不少于|至少|≥)$", before)
            ):
                comparator = sign
                break
        end = found.end()
        for pattern, sign in signs["after"]:
            if follow := re.match(pattern, after):
                comparator = "<=" if comparator == "<=" and sign == "~" else sign
                end += follow.end()
                break
        yield _Number(low if high is None else None, low if high is not None else None, high, found["unit"],
                      found.start(), end, comparator, chinese)  # fmt: skip


def _bare(piece: str) -> Iterator[_Number]:
    """Numbers without a unit: 倍差缩小至1.65以内."""
    words = table("figures")["comparator"]
    for found in _BARE.finditer(piece):
        before = piece[: found.start()]
        if not re.search("(?:比|差|系数|指数|强度)[^,、]{0,8}$", before) or not re.search(
            f"(?:{words['reach']})$", before
        ):
            continue
        after = piece[found.end() :]
        comparator = next((sign for pattern, sign in words["after"] if re.match(pattern, after)), "")
        yield _Number(
            number(found[1]), None, None, "倍" if "倍" in before else "", found.start(), found.end(), comparator
        )


def _existing(piece: str, one: _Number) -> bool:
    """Whether a number is no target: an age, something that exists, part of a name."""
    only = table("figures")["unit"]["only_with"]
    base = one.unit.lstrip("万亿")
    around = piece[: one.start] + piece[one.end :]
    if base in only and (not re.search(only[base], around) or (base == "年" and (one.value or 0) >= 1900)):
        return True
    sized = one.unit.endswith(tuple(table("figures")["unit"]["of_names"]))
    if sized and re.match("级?(?!以|左右|及|和|等)[\u4e00-\u9fff]{2,}", piece[one.end :]):
        return True
    if piece[: one.start].endswith("年产") and re.match("[^,]{0,14}(?:项目|工程|生产线|基地)", piece[one.end :]):
        return True
    return bool(re.search(f"(?:{table('figures')['past']['existing']})$", piece[: one.start][-6:]))


# ---- what a number says


def _targets_of(
    one: _Number, before: str, after: str, sentence: str, last: dict[str, Any], names: list[str] | None
) -> Iterator[dict[str, Any]]:
    """The targets that a number states: one, or several subjects that share it."""
    words = table("figures")
    again = last["name"] and re.fullmatch("[、和及]", before) and "分别" in sentence
    reach = again or re.search(rf"(?:{words['comparator']['reach']})(?:到|在|至|为)?$", before)
    verb = _last_of(words["measure"]["new"], before)
    named_after = bool(re.match(r"(?:以上)?(?:的)?[\u4e00-\u9fffA-Za-z“]{2,}", after)) and not re.match(
        r"(?:和|与|及|、|以[上内下])", after
    )
    counted = one.unit not in ("%", "‰")
    per_year = re.search(words["measure"]["per_year"], before[-12:])
    tail = bool(re.search(r"等$", before))
    if not (reach or verb or per_year or one.comparator or tail or _is_noun_number(one, before)):
        return
    if one.chinese and not (reach or tail or (verb and counted and (before.endswith(verb) or (one.value or 0) >= 10))):
        return
    subject = last["name"] if again else _subject(before, after, named_after and counted and not reach)
    subject = names[0] if names else subject
    if last["name"] and (len(subject) < 2 or re.match("占|比重|年均|增速|其中", subject)):
        subject = re.sub("年均增长$|占.*$", "", last["name"]) + subject
    subjects = [subject] if names else _shared(subject)
    measure = last["measure"] if again else _measure(one, before, sentence, subject)
    if (
        re.match("[、和及]|以及|.*[、和]$", before)
        and not reach
        and not verb
        and counted
        and last["measure"] in ("new", "per_year", "total", "cumulative")
    ):
        measure = last["measure"]
    for name in subjects:
        unit = one.unit
        if unit == "万":
            unit = next(
                (said for words_of, said in words["unit"]["bare"].items() if re.search(words_of, name + after)), "万"
            )
        fields: dict[str, Any] = {"name": name[:60], "unit": unit, "comparator": one.comparator, "measure": measure}
        fields |= {
            key: value
            for key, value in (("value", one.value), ("low", one.low), ("high", one.high))
            if value is not None
        }
        fields["confidence"] = 0.9 if reach or (verb and counted) else 0.7
        if measure in ("growth", "total") and not counted and not re.search("增|速|下降|降低|率$", name):
            fields["name"] = name[:56] + ("年均增长" if measure == "growth" else "降幅")
        if len(name) < 2:
            fields["confidence"] = 0.4
        yield fields


def _is_noun_number(one: _Number, before: str) -> bool:
    """新增床位1500张: a noun of counting right before the number."""
    return (
        bool(re.search(r"[\u4e00-\u9fff)）”]$", before))
        and not one.chinese
        and len(before) >= 3
        and one.unit not in ("米", "次")
    )


def _last_of(pattern: str, before: str) -> str:
    found = list(re.finditer(pattern, before))
    return found[-1][0] if found else ""


def _subject(before: str, after: str, from_after: bool) -> str:
    """What a number is about: the noun before it, else the one after."""
    head = _UNTIL.sub("", before)
    if from_after:
        noun = re.match(r"(?:以上)?的?([\u4e00-\u9fffA-Za-z0-9“”()·&+.]{2,30})", after)
        if noun:
            return _TRIM_TAIL.sub("", noun[1])
    reach = table("figures")["comparator"]["reach"]
    head = re.sub(rf"(?:{reach})+(?:到|在|至|为)?$", "", head)
    head = _TRIM_TAIL.sub("", _TRIM_HEAD.sub("", head))
    if "、" in head and not re.search("(?:率|比例|比重|占比|总额|收入|产值|增加值)、", head):
        head = head.rsplit("、", 1)[1]
    return head or _TRIM_TAIL.sub("", after[:20])


def _shared(subject: str) -> list[str]:
    """Subjects in a row that share a number: A率、B率."""
    parts = [part for part in re.split("[、和]", subject) if part]
    if len(parts) > 1 and all(re.search("(?:率|比例|比重|占比|总额|收入|产值|增加值)$", part) for part in parts):
        return parts
    return [subject]


def _joint(piece: str, found: list[_Number]) -> tuple[list[str], bool]:
    """A、B分别达到1和2: the subjects in their order."""
    if len(found) < 2 or "分别" not in piece[: found[0].start]:
        return [], False
    head = _TRIM_HEAD.sub("", _UNTIL.sub("", piece[: piece.index("分别")]))
    parts = [part for part in re.split("[、和]", head) if part]
    if len(parts) == 1 and len(found) == 2 and parts[0].startswith("城乡"):
        parts = [parts[0].replace("城乡", "城镇", 1), parts[0].replace("城乡", "农村", 1)]
    return parts, len(parts) == len(found)


def _doubled() -> str:
    return f"(?:{'|'.join(table('figures')['words']['doubles'])})$"


def _holders(before: str, count: int) -> list[str]:
    """The townships of a list before 分别, where there are as many as numbers: 支持甲镇、乙镇…,人口分别达到1和2."""
    lists = re.findall(rf"{UNIT}(?:[、和]{UNIT})+", before)
    holders = [after_cut(one) for one in re.split("、|(?<=[道镇乡木])和", lists[-1])] if lists else []
    return holders if len(holders) == count else []


def _measure(one: _Number, before: str, sentence: str, subject: str) -> str:
    words = table("figures")["measure"]
    near = before[-24:]
    if one.unit in ("%", "‰", "个百分点"):
        if re.search(words["growth"], near) or "增速" in subject:
            return "growth"
        if re.search(words["change"], near):
            return "total"
        return "growth" if re.search("(?:增长|递增)$", near) else "share"
    if "每年" in before or re.search(words["per_year"] + "$", near[:-1]) or subject.startswith("年产"):
        return "per_year"
    if re.search(words["total_words"], sentence) and re.search(words["total_verbs"], before):
        return "total"
    if re.search(words["cumulative"], before):
        return "cumulative"
    return "new" if _is_new(one, before, subject) else "level"


def _is_new(one: _Number, before: str, subject: str) -> bool:
    """Whether things are counted that are made in the plan's years."""
    words = table("figures")["measure"]
    if re.search(f"(?:{words['added']})[^,、]{{0,16}}$", before):
        return True
    if not one.unit or one.unit.endswith(tuple(words["never_new"])) or re.search(f"(?:{words['stock']})$", before):
        return False
    if re.search(f"(?:{words['reached']})(?:到|在)?$", before) and not re.search(words["surely_new"], before):
        return False
    if re.search(words["new"], before) and not re.search("^(?:每|人均|年)", subject):
        return True
    listed = before.endswith("等") and re.search("条|座|所|家", one.unit)
    return bool(listed) and not re.search(words["kept"], before)


# ---- years and what is past


def _year_at(words: str, place: int, year: int, period: Period) -> int:
    """The year that the words before a place set, else the one given."""
    for found in re.finditer(rf"(?:到|至|展望){YEAR}|(?:到|至)?{YEAR}(?:底|末|前)", words[:place]):
        value = number(found[1] or found[2])
        if value and period.base < value <= 2100:
            year = int(value)
    return year


def _ahead(words: str, period: Period) -> bool:
    """Whether a sentence names a year of the plan, so that it no longer tells of the years before."""
    return any((number(one) or 0) > period.base for one in re.findall(YEAR, words)) or bool(
        re.search("“十[四五六七]五”|未来五年|今后五年", words)
    )


def _past(words: str, period: Period) -> bool:
    """Whether a sentence tells what has been reached."""
    if re.search(table("figures")["past"]["words"], words):
        return True
    years = [int(number(one) or 0) for one in re.findall(YEAR, words)]
    return bool(years) and max(years) <= period.base


# ---- targets without numbers


def _worded(clause: Clause, sentence: Sentence, place: int, piece: str, year: int, only: str = "") -> Iterator[Finding]:
    words = table("figures")["words"]
    hits = [
        (measure, one, piece.find(one))
        for measure in ("share", "level", "growth")
        for one in words[measure]
        if one in piece
    ]
    hits += [("share", found[0], found.start()) for found in re.finditer(words["covers"], piece)]
    hits += [("level", found[0], found.start()) for found in re.finditer(words["avoids"], piece)]
    hits += [("growth", one, piece.find(one)) for one in words["doubles"] if piece.endswith(one)]
    hits += [
        ("level", found[0], found.start())
        for key in ("nets", "near", "grades")
        for found in re.finditer(words[key], piece)
    ]
    hits = [hit for hit in hits if not piece[: hit[2]].endswith("健")]
    if only:
        hits = [hit for hit in hits if hit[0] == only]
    kept: list[tuple[str, str, int]] = []
    for hit in sorted(hits, key=lambda hit: -len(hit[1])):
        if hit[2] >= 0 and not any(
            hit[2] < other[2] + len(other[1]) and other[2] < hit[2] + len(hit[1]) for other in kept
        ):
            kept.append(hit)
    for measure, one, at in kept:
        subject = _TRIM_TAIL.sub("", _TRIM_HEAD.sub("", _UNTIL.sub("", piece[:at]))) or piece
        start = sentence.start + place + at
        fields: dict[str, Any] = {
            "text": one,
            "unit": "%" if measure != "level" else "",
            "comparator": "",
            "measure": measure,
            "year": year,
        }
        if one in words["doubles"]:
            subject = f"{subject[:56]}{one}"
            fields |= {"value": words["doubles"][one], "unit": "倍", "measure": "level"}
            del fields["text"]
        span = Span(clause.id, start, start + len(one))
        yield Finding("target", subject[:60], clause.id, span.start, span.end, 0.75, fields, (span,))


_GREAT = re.compile(rf"({CHINESE}{{1,3}}|\d{{1,2}})大([\u4e00-\u9fff“”A-Za-z]{{2,16}})")


def _of_title(clause: Clause, folded: str, period: Period) -> Iterator[Finding]:
    """五大工程 in a box's title, lists closed by 等六大领域, 三大森林公园: how many there are."""
    title = fold(clause.title) if not clause.id[0].isdigit() else ""
    title_end = folded.find(title) + len(title) if title else 0
    hits = []
    for found in _GREAT.finditer(folded):
        noun = re.split("[的,、。和]", found[2])[0]
        in_title = found.start() < title_end
        listed = folded[: found.start()].endswith("等")
        if (value := number(found[1])) is None or value < 2:
            continue
        if in_title or listed or re.search(f"(?:{table('figures')['words']['great_nouns']})$", noun):
            hits.append((in_title, noun, value, found))
    listed_nouns = tuple({noun for in_title, noun, _, _ in hits if not in_title})
    for in_title, noun, value, found in hits:
        if in_title and noun.startswith(listed_nouns):
            continue
        unit = "项" if noun.endswith(("工程", "行动", "计划", "任务")) else "个"
        span = Span(clause.id, clause.start + found.start(), clause.start + found.end())
        fields = {"value": value, "unit": unit, "comparator": "", "measure": "level", "year": period.last}
        yield Finding("target", noun, clause.id, span.start, span.end, 0.6, fields, (span,))
