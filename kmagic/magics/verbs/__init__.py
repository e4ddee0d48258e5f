"""One file a verb; none knows another. Each has `run(command, session)`."""

__all__ = ()
