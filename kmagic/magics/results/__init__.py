"""The values of cells: Python objects, the server's table, cards of changes, lines of progress."""

__all__ = ()
