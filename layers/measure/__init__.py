"""From geometry to numbers."""
