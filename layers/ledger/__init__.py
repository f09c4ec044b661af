"""Observed values in an append-only chain of entries: entered, corrected, proved, moved; and sheets read into it."""
