"""The contexts that were made read-only in this kernel. They are added, never taken away.

A notebook may lower what it is allowed to do, never raise it again: only a new kernel begins without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmagic.config.client_config import ClientConfig

__all__ = ("ReadOnlyContexts",)


class ReadOnlyContexts:
    """Contexts identified by name and server, whichever kubeconfig they are read from.

    Args:
        known: Names and servers' URLs to begin with, shared with who gives them.
    """

    def __init__(self, known: set[tuple[str, str]] | None = None) -> None:
        self._known: set[tuple[str, str]] = set() if known is None else known

    def add(self, config: ClientConfig) -> None:
        """Makes a context read-only, for what was opened before as well."""
        self._known.add((config.context_name, config.server))

    def holds(self, config: ClientConfig) -> bool:
        """Returns whether a configuration's context is read-only."""
        return self.names(config.context_name, config.server)

    def by_server(self) -> ReadOnlyContexts:
        """The same contexts, for a server that was chosen apart from its context: any of them there makes it read-only."""
        return _ByServer(self._known)

    def names(self, context: str, server: str) -> bool:
        """Returns whether the context of that name and server URL is read-only."""
        return (context, server) in self._known


class _ByServer(ReadOnlyContexts):
    def names(self, context: str, server: str) -> bool:
        return any(server == known for _, known in self._known)
