"""IPython magics: the text of a cell becomes a `Command`, the command a call, its answer a view."""

__all__ = ()
