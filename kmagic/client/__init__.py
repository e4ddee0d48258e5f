"""The verbs, async: what a program says to a server."""
