"""A plan's own text: cut into clauses, read for what it proposes."""
