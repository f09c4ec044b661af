"""The pages for reading."""
