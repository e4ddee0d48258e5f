"""The views: objects and server tables become tables, text, HTML, YAML, diffs and descriptions; pure."""

__all__ = ()
