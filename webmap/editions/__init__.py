"""The editions of a plan: those that are kept, and two of them compared."""
