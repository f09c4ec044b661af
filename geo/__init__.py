"""Geometry: CRS, recipes, measures, coverages and files; knows nothing of plans."""
