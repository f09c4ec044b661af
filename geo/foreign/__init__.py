"""Files from others: each kind of file has one reader, chosen by its name and held to its content."""
