"""The catalogue of a shelf of plans: pages and data that belong to no plan."""
