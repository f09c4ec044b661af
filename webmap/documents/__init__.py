"""Documents by address: report, atlas and stories, made by processes of their own, and followed by the page."""
