"""Which release this is, said once: asking the installed package for it takes longer than the rest of a start."""

VERSION = "0.1.0"
