"""Failed attempts to sign in, counted by name and by address in the one file that all workers share."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping

from webmap.admin.store import Store, folded

MOST_BY_NAME, MOST_BY_ADDRESS = 5, 20
"""Failures in a row after which a name, or an address, has to wait."""
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 900.0
"""The wait doubles with every further failure."""
FORGOTTEN_S = 3600.0
"""Seconds after which a failure no longer counts."""
MOST_KEPT = 10_000
"""Names and addresses that are remembered; beyond that the oldest are forgotten."""


def keys_of(name: str, address: str) -> dict[bytes, int]:
    """What an attempt is counted under, and how often each may fail; an IPv6 address by its network of 64 bits.

    Example:
        >>> len(keys_of("wang", "192.0.2.7"))
        2
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(found, ipaddress.IPv6Address):
            mapped = found.ipv4_mapped
            address = str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    except ValueError:
        address = address[:60]
    return {_digest("name", folded(name)): MOST_BY_NAME, _digest("address", address): MOST_BY_ADDRESS}


def begin(store: Store, keys: Mapping[bytes, int], now: float) -> tuple[float, bool]:
    """Count an attempt as failed before it is looked at, so that many at once are no more than as many in a row.

    Args:
        store: The people.
        keys: As ``keys_of`` gives them.
        now: Seconds.

    Returns:
        Seconds to wait, 0 when it may be looked at; and whether this one, if it fails, is the one after which there
        is a wait.
    """
    with store.writing() as database:
        database.execute("DELETE FROM attempt WHERE last < ? AND until < ?", (now - FORGOTTEN_S, now))
        held = {
            key: row for key in keys
            if (row := database.execute("SELECT count, until FROM attempt WHERE key = ?", (key,)).fetchone())
        }  # fmt: skip
        wait = max((until - now for _, until in held.values()), default=0.0)
        if wait > 0:
            return wait, False
        locks = False
        for key, most in keys.items():
            count = held[key][0] + 1 if key in held else 1
            over = count - most
            until = now + min(FIRST_WAIT_S * 2 ** min(over, 10), LONGEST_WAIT_S) if over >= 0 else 0.0
            locks = locks or over >= 0
            database.execute("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?)", (key, count, now, until))
        (kept,) = database.execute("SELECT count(*) FROM attempt").fetchone()
        if kept > MOST_KEPT:
            oldest = "SELECT key FROM attempt ORDER BY until, last LIMIT ?"
            database.execute(f"DELETE FROM attempt WHERE key IN ({oldest})", (kept - MOST_KEPT,))  # noqa: S608
    return 0.0, locks


def succeeded(store: Store, keys: Mapping[bytes, int]) -> None:
    """Forget what was counted: the name's failures, and this one attempt of the address."""
    with store.writing() as database:
        for key, most in keys.items():
            if most == MOST_BY_NAME:
                database.execute("DELETE FROM attempt WHERE key = ?", (key,))
            else:
                database.execute("UPDATE attempt SET count = count - 1, until = 0 WHERE key = ?", (key,))


def _digest(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\x1f{value}".encode("utf-8", "surrogatepass")).digest()
