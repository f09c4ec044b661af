"""Which ledger belongs to a plan, by the server's setting."""

from __future__ import annotations

from pathlib import Path

from layers.ledger.book import Ledger, LedgerError, opened
from layers.ledger.keeping import ADDRESSES


def of(address: str, plan: str) -> Ledger | None:
    """The ledger of a plan; None when none is set, or when a folder or a database holds none of this plan.

    Args:
        address: The setting: a file, a folder, or the address of a database.
        plan: Id of the plan.

    Raises:
        LedgerError: A file is missing, of another plan, or no ledger; a database cannot be reached.
    """
    if not address:
        return None
    try:
        return opened(address, plan)
    except LedgerError as error:
        if error.key == "ledger.missing" and (Path(address).is_dir() or address.startswith(ADDRESSES)):
            return None
        raise
