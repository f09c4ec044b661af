"""From the text files of a plan folder to records."""
