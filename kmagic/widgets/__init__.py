"""Live views in the browser: row patches become messages, messages become a table."""

__all__ = ()
