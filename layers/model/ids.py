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
