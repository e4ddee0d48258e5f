"""What lives as long as the notebook: where it works, its clients, the feeds of its views, the names it has seen."""

__all__ = ()
