"""The map: page, embed and stand-alone file."""
