"""One module a command, each a thin wrapper over plain functions; ``webmap.cli`` finds them by name."""
