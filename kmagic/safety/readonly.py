"""The contexts that were made read-only in this kernel. They are added, never taken away.

A notebook may lower what it is allowed to do, never raise it again: only a new kernel begins without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmagic.config.client_config import ClientConfig

__all__ = ("ReadOnlyContexts",)


class ReadOnlyContexts:
    """Contexts identified by name and server, whichever kubeconfig they are read from."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def add(self, config: ClientConfig) -> None:
        """Makes a context read-only, for what was opened before as well."""
        self._known.add((config.context_name, config.server))

    def holds(self, config: ClientConfig) -> bool:
        """Returns whether a configuration's context is read-only."""
        return self.names(config.context_name, config.server)

    def names(self, context: str, server: str) -> bool:
        """Returns whether the context of that name and server URL is read-only."""
        return (context, server) in self._known
