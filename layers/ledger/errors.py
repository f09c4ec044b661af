"""What can be wrong with a ledger, or with what is to be put into it."""

from __future__ import annotations

from layers.model.errors import LayersError


class LedgerError(LayersError):
    """Something is wrong with a ledger or with what is to be put into it."""


class ConflictError(LedgerError):
    """Somebody else has changed a cell meanwhile; the parameters say who, when and to what."""
