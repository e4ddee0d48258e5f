"""What a cell shows and keeps: Python values, the server's table, cards of changes, lines of progress."""

__all__ = ()
