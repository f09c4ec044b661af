"""What ids and colours look like: they stand in addresses, file names, tables and styles as they are."""

from __future__ import annotations

import re

FEATURE_ID = re.compile(r"[a-z][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)?")
"""``pole/xianghu``, ``district``."""
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
"""Ids of everything else that has a name."""
PLAN_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""Ids of plans, which name their files."""
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
"""``#rrggbb``."""
LONGEST_SLUG = 48
"""Characters of an id that is made of a name."""
_OTHERS = re.compile(r"[^a-z0-9]+")


def slug_of(name: str) -> str:
    """A name in pinyin, as ids are written: whole syllables, as many as have room; ``x`` for one without letters.

    Example:
        >>> slug_of("白马水厂"), slug_of("※")
        ('bai-ma-shui-chang', 'x')
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - a third of a second, for new names only

    slug = _OTHERS.sub("-", "-".join(lazy_pinyin(name)).lower()).strip("-")
    if len(slug) > LONGEST_SLUG:
        slug = slug[: LONGEST_SLUG + 1].rpartition("-")[0] or slug[:LONGEST_SLUG]
    return slug or "x"
