"""Writers: one module a family of formats, each from a `Part` to files in a folder."""
