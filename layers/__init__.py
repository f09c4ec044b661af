"""Plans: load, check, build into editions, indicators, styles, export; knows nothing of the web."""
