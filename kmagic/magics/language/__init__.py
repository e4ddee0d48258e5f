"""The language of the magics: lines, flags, the table of verbs, the manifests in a cell."""

__all__ = ()
