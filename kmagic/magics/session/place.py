"""The place of a notebook: a context as it was opened, and a namespace in it, with the clients that go there.

A `Place` is a value. It never moves: another context or namespace is another place, so a plan, a view or a client
that was handed out keeps going where it was made to go, as carefully as it was made to. Only a context that is made
read-only later is read-only for everyone at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from kmagic._lazy import collector_paused
from kmagic.magics.session.seen_names import Memory
from kmagic.safety.policy import Level
from kmagic.safety.target import target_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from kmagic.cache.pool import InformerPool
    from kmagic.client.client import AsyncClient
    from kmagic.config.client_config import ClientConfig
    from kmagic.safety.guard import GuardedTransport
    from kmagic.safety.readonly import ReadOnlyContexts
    from kmagic.safety.target import Target
    from kmagic.sync.client import Client

__all__ = ("REQUEST_SECONDS", "Opened", "Place")

# Long enough for a slow server, short enough that a cell does not look hung.
REQUEST_SECONDS = 15.0


class Opened:
    """A context as it was read from its kubeconfig: one configuration and its clients, for all its namespaces.

    Attributes:
        config: Configuration of the clients; its repr shows no credentials.
        kubeconfig: The file it was read from; None for the usual places.
        memory: The names seen there, for completion.
    """

    def __init__(
        self,
        config: ClientConfig,
        kubeconfig: str | None,
        readonly: ReadOnlyContexts,
        pool_of: Callable[[ClientConfig], InformerPool] | None = None,
    ) -> None:
        self.config: ClientConfig = (
            config if config.timeout else msgspec.structs.replace(config, timeout=REQUEST_SECONDS)
        )
        self.kubeconfig = kubeconfig
        self.memory: Memory = Memory()
        # A plugin may open a browser to log somebody in, which no Tab should.
        self.memory.silent = bool(self.config.auth.exec or self.config.auth.auth_provider)
        self._readonly = readonly
        self._pool_of = pool_of
        # One client a level: what a level refuses is refused where requests leave.
        self._clients: dict[Level, AsyncClient] = {}
        self._syncs: dict[Target, Client] = {}

    def place(self, namespace: str = "", level: Level | None = None) -> Place:
        """A place in this context.

        Args:
            namespace: "" for the context's own.
            level: Protection level instead of the policy's; a read-only context stays read-only.
        """
        target = target_of(self.config, namespace=namespace)
        if self._readonly.holds(self.config):
            level = Level.READONLY
        return Place(self, target if level is None else target.at_level(level))

    def is_readonly(self) -> bool:
        """Returns whether this context was made read-only in this kernel."""
        return self._readonly.holds(self.config)

    def client(self, level: Level) -> AsyncClient:
        """The guarded client of a level; made at first use."""
        if level not in self._clients:
            # What sends requests is imported by the first request: loading the extension needs none of it.
            with collector_paused():
                from kmagic.client.client import AsyncClient

            self._clients[level] = AsyncClient(transport=self._transport(self.config, level))
        return self._clients[level]

    def sync_client(self, target: Target) -> Client:
        """A blocking client, as guarded as `client`, whose namespace is the target's."""
        if target not in self._syncs:
            from kmagic.cache.client import AsyncClient as CachingClient
            from kmagic.sync.client import Client

            config = msgspec.structs.replace(self.config, namespace=target.namespace)
            client = CachingClient(transport=self._transport(config, target.level))
            if self._pool_of is not None:
                client.pool = self._pool_of(self.config)
            self._syncs[target] = Client(client=client)
        return self._syncs[target]

    def _transport(self, config: ClientConfig, level: Level) -> GuardedTransport:
        from kmagic.safety.guard import GuardedTransport

        return GuardedTransport(config, level, self._readonly)

    @property
    def sent(self) -> int:
        """The number of requests that its clients have sent so far."""
        clients = [*self._clients.values(), *(each.unblocked for each in self._syncs.values())]
        # All of them are made here, with a transport that counts.
        return sum(getattr(each.transport, "sent", 0) for each in clients)

    async def aclose(self) -> None:
        """Closes the clients' connections."""
        clients = [*self._clients.values(), *(each.unblocked for each in self._syncs.values())]
        self._clients.clear()
        self._syncs.clear()
        for client in clients:
            await client.aclose()


@dataclass(frozen=True, eq=False)
class Place:
    """A namespace of a context, and how carefully it is treated; the value that says where something goes.

    Attributes:
        opened: The context, with its clients.
        target: Whom requests go to: context, cluster, server, namespace, user, level.
    """

    opened: Opened
    target: Target

    @property
    def config(self) -> ClientConfig:
        """The configuration of the clients; its repr shows no credentials."""
        return self.opened.config

    @property
    def kubeconfig(self) -> str | None:
        """The file it was read from; None for the usual places."""
        return self.opened.kubeconfig

    @property
    def memory(self) -> Memory:
        """The names seen in this context."""
        return self.opened.memory

    @property
    def level(self) -> Level:
        """The present protection level: as decided, or read-only if its context was made so since."""
        return Level.READONLY if self.opened.is_readonly() else self.target.level

    @property
    def client(self) -> AsyncClient:
        """The guarded client that the magics use."""
        return self.opened.client(self.target.level)

    def sync_client(self) -> Client:
        """A blocking client for the user, with this place's namespace; guarded as the magics are."""
        return self.opened.sync_client(self.target)

    def at(self, namespace: str) -> Place:
        """The place of another namespace in this context, treated at least as carefully as that namespace asks.

        A level that was chosen for this place (other than the policy's) goes with it.
        """
        if namespace == self.target.namespace:
            return self
        usual = self.opened.place(self.target.namespace).target.level
        chosen = self.target.level if self.target.level is not usual else None
        return self.opened.place(namespace, chosen)

    def approved(self) -> AbstractContextManager[None]:
        """Requests of this place's client made inside belong to a plan that the user approved."""
        from kmagic.safety.guard import approved

        return approved(self.client.transport)
