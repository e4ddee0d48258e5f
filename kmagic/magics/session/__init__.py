"""The state that lives as long as the notebook: its place, clients, the feeds of its views, the names it has seen."""

__all__ = ()
