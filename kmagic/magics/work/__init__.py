"""The work of verbs: read, print, follow, and the one pipeline for everything that changes objects."""

__all__ = ()
