"""The rows of the table of verbs, one a magic, by what they do; `registry` puts them together."""

__all__ = ()
