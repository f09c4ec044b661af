"""A target for the whole split over its parts, by rules that always add up again; nothing here is from a plan."""
