"""Accessibility surfaces of an edition: as pictures for the map, as rasters for QGIS, as tables, in words."""
