"""Lists of a plan's text: their items, and the ends and beginnings that items share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from layers.document.lexicon import table
from layers.document.naming import candidates, endings, tokens
from layers.document.sentences import pieces

_WORKS = re.compile("(?:现代化|节水|智能化|数字化)?(?:改造|提升|升级|配套)(?:工程|项目|$)")
_LONGEST = 160
"""No name and no verb before it is as long."""


def items(piece: str, known: frozenset[str]) -> list[tuple[int, str]]:
    """The items of a list, and what 和 and 及 join where both sides are names of their own."""
    found: list[tuple[int, str]] = []
    for place, item in _short(piece):
        cut = None
        for joint in re.finditer("以及|和|及|与|或", item):
            left, right = item[: joint.start()], item[joint.end() :]
            if _WORKS.match(right):  # 续建配套与现代化改造工程 is one work
                continue
            if len(left) >= 3 and len(right) >= 3 and ends_like_name(left) and has_name(right, known):
                cut = joint
                break
        if cut:
            found += [(place, item[: cut.start()]), (place + cut.end(), item[cut.end() :])]
        else:
            found.append((place, item))
    return found


def _short(piece: str) -> Iterator[tuple[int, str]]:
    """What stands between 、; what is far too long for an item in parts."""
    for place, item in pieces(piece, "、"):
        for begin in range(0, len(item), _LONGEST):
            yield place + begin, item[begin : begin + _LONGEST]


def has_name(words: str, known: frozenset[str]) -> bool:
    """Whether words hold a name with a proper part or a number."""
    return any(
        hit.proper or hit.ending.kind == "control_line" or re.search("[0-9]|[一二三四五]线", hit.text)
        for hit in candidates(words, known)
    )


def ends_like_name(words: str) -> bool:
    """Whether words end as names do."""
    return any(one.end == len(words) for one in endings(words)) or bool(re.search(r"[)”]$|[一二三四]期$|段$", words))


def listed_name(item: str) -> str:
    """An item of a list without 等 and what follows it."""
    counted = r"(?:\d+|[一二三四五六七八九十]+)?(?:个|条|座|项)?(?:重点|重大)?(?:项目|工程|平台)?"
    return re.sub(rf"等?{counted}等$|等[^等]{{0,14}}$", "", item).strip(" .。")


@cache
def _shared_ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    ends = "|".join(sorted(table("names")["shared"]["suffixes"].split(), key=len, reverse=True))
    number = r"(?:\d+|[一二两三四五六七八九十]+)(?:大|条|座|个)?"
    closed = re.compile(
        rf"^(.{{2,80}}?)(?:等(?:{number})?|(?<=[^第]){number})(?:[\u4e00-\u9fff]{{1,2}}、){{0,3}}(?:沿路)?({ends})"
    )
    marks = table("names")["marks"]
    word = r"[\u4e00-\u9fff—·]"
    bare = re.compile(rf"^((?:{word}{{2,9}}、)+{word}{{1,6}}{marks['waters']})({marks['water_ends']})")
    return closed, bare


def common_end(piece: str) -> list[tuple[int, str, str]]:
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
        name = after_cut(item)
        if not name or (len(name) > 12 and "—" not in name) or re.search("[“”]", name):
            return []
        made.append((place + item.rindex(name), _with_end(name, end), end))
        place += len(item) + 1
    return made


def _with_end(name: str, end: str) -> str:
    """A name with an end that it may have already, in whole or in part: 智能物联产业 and 产业创新服务综合体."""
    closed = any(one.end == len(name) and one.hard for one in endings(name))
    if closed or name.endswith((end[-2:], "公园", "镇", "街道", "变", "工程")):
        return name
    for size in range(min(len(name), len(end)) - 1, 1, -1):
        if name.endswith(end[:size]):
            return name + end[size:]
    return name + end


def after_lead(item: str) -> str:
    """An item of a list of names after the verbs at its head."""
    begin = 0
    for token in tokens(item):
        if token.role not in ("cut", "weak"):
            break
        begin = token.start + len(token.text)
    return item[begin:]


def after_cut(item: str) -> str:
    """An item of a list after its last verb; verbs that names hold count before the first proper word only."""
    begin, proper = 0, False
    for token in tokens(item):
        if token.role == "cut" or (token.role == "weak" and len(token.text) > 1 and not proper):
            begin, proper = token.start + len(token.text), False
        proper = proper or token.role == "name"
    return item[begin:]


def common_number(items: list[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """地铁5、7号线和6号线二期: numbers that share the line's name before and after them."""
    numbers = "[0-9一二三四五六七八九十]{1,3}"
    first = re.search(rf"((?:[\u4e00-\u9fff]{{0,4}}地铁|轨道交通|城市轨道)?)({numbers})(号线)?$", items[0][1])
    if not first or (first[3] and not first[1]) or not any(re.match(rf"{numbers}号线", item) for _, item in items[1:]):
        return []
    prefix = first[1][-4:] if first[1].endswith("轨道交通") else first[1]
    # 轨道交通3号线、6号线: the first one is whole already.
    begin = first.start(1) if first[3] else first.start(2)
    made = [(items[0][0] + begin, f"{prefix}{first[2]}号线", "1号线")]
    for place, item in items[1:]:
        if found := re.match(rf"({numbers}(?:号线(?:[一二三四]期)?)?(?:[东南西北]延)?)", item):
            made.append((place, prefix + found[1] + ("" if "号线" in found[1] else "号线"), "1号线"))
    return made
