"""The nouns of a plan and its columns; reads no file, measures nothing."""
