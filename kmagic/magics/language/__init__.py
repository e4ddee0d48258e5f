"""What a person writes: the line of a magic, its flags, the table of verbs, the manifests in a cell."""

__all__ = ()
