"""Accessibility surfaces as pictures for the map and as files."""
