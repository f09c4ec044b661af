"""Live services under ``/ogc``: OGC API, WMS, WMTS."""
