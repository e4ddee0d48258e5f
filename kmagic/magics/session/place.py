"""The place of a notebook: a context as it was opened, and a namespace in it, with the clients that go there.

A `Place` is a value. It never moves: another context or namespace is another place, so a plan, a view or a client
that was handed out keeps going where it was made to go, as carefully as it was made to. Only a context that is made
read-only later is read-only for everyone at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from kmagic._lazy import collector_paused
from kmagic.errors import ConfigError
from kmagic.magics.session.asked import NOTHING_ASKED, Asked
from kmagic.magics.session.seen_names import Memory
from kmagic.safety.policy import Level, strictest
from kmagic.safety.target import target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from kmagic.cache.pool import InformerPool
    from kmagic.client.client import AsyncClient
    from kmagic.client.hooks import Hooks
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
        asked: All that it has instead of the context's own: cluster, user, whom it acts as.

    Args:
        on_warning: Called with each warning of the server, on the loop's thread; None logs them.
        contexts: The contexts that lead to its cluster, where that was chosen apart from its own context: each of them
            may make it more careful.
    """

    def __init__(
        self,
        config: ClientConfig,
        kubeconfig: str | None,
        readonly: ReadOnlyContexts,
        pool_of: Callable[[ClientConfig], InformerPool] | None = None,
        *,
        asked: Asked = NOTHING_ASKED,
        contexts: Sequence[str] = (),
        on_warning: Callable[[str], object] | None = None,
    ) -> None:
        self.config: ClientConfig = (
            config if config.timeout else msgspec.structs.replace(config, timeout=REQUEST_SECONDS)
        )
        self.kubeconfig = kubeconfig
        self.memory: Memory = Memory()
        # A plugin may open a browser to log somebody in, which no Tab should.
        self.memory.silent = bool(self.config.auth.exec or self.config.auth.auth_provider)
        self.asked = asked
        self._contexts = tuple(contexts)
        self._on_warning = on_warning
        self._readonly = readonly.by_server() if asked.cluster else readonly
        self._pool_of = pool_of
        self._variants: list[Opened] = []
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
        if level is None and self.asked.cluster:
            # The context's name says nothing good of a cluster that is not its own.
            others = [target_of(_named(self.config, name), namespace=namespace) for name in ("", *self._contexts)]
            level = strictest([target.level, *(each.level for each in others)])
        return Place(self, target if level is None else target.at_level(level))

    def asking(self, asked: Asked) -> Opened:
        """The same context, for requests that act as another user or are told.

        Raises:
            ConfigError: A group or uid is asked for, and no user to act as.
        """
        asked = asked.of_clients
        if asked == NOTHING_ASKED:
            return self
        wanted = replace(self.asked, who=asked.who or self.asked.who, verbosity=asked.verbosity)
        for known in self._variants:
            if known.asked == wanted:
                return known
        who = asked.who
        if who is not None and not who.user:
            before = self.config.impersonate
            if before is None:
                name = self.config.user_name
                raise ConfigError(f"requesting uid, groups or user-extra for {name} without impersonating a user")
            who = msgspec.structs.replace(who, user=before.user)
        config = self.config if who is None else msgspec.structs.replace(self.config, impersonate=who)
        made = Opened(
            config,
            self.kubeconfig,
            self._readonly,
            self._pool_of,
            asked=wanted,
            contexts=self._contexts,
            on_warning=self._on_warning,
        )
        self._variants.append(made)
        return made

    def words_from(self, here: Opened) -> list[str]:
        """The flags that lead here from another opened context, for a line that stands elsewhere; none for itself."""
        if self is here:
            return []
        file = self.kubeconfig if self.kubeconfig != here.kubeconfig else None
        named = file or self.config.context_name != here.config.context_name
        context = self.config.context_name if named else ""
        return replace(self.asked, kubeconfig=file or "", context=context).words

    def same_cluster(self, other: Opened) -> bool:
        """Returns whether another opened context leads to the same server, by the same way and authority."""
        return _cluster_of(self.config) == _cluster_of(other.config)

    def is_readonly(self) -> bool:
        """Returns whether this context was made read-only in this kernel."""
        return self._readonly.holds(self.config)

    def client(self, level: Level) -> AsyncClient:
        """The guarded client of a level; made at first use."""
        if level not in self._clients:
            # What sends requests is imported by the first request: loading the extension needs none of it.
            with collector_paused():
                from kmagic.client.client import AsyncClient

            client = AsyncClient(transport=self._transport(self.config, level), hooks=self._hooks())
            self._clients[level] = client
        return self._clients[level]

    def _hooks(self) -> Hooks:
        from kmagic.client.hooks import Hooks

        hooks = Hooks() if self._on_warning is None else Hooks(on_warning=self._on_warning)
        if not self.asked.verbosity:
            return hooks
        from kmagic.client.wire_logging import wire_log

        return wire_log(self.asked.verbosity, hooks, server=self.config.server)

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
        sent = sum(getattr(each.transport, "sent", 0) for each in clients)
        return int(sent) + sum(each.sent for each in self._variants)

    async def aclose(self) -> None:
        """Closes the clients' connections."""
        clients = [*self._clients.values(), *(each.unblocked for each in self._syncs.values())]
        self._clients.clear()
        self._syncs.clear()
        for client in clients:
            await client.aclose()
        while self._variants:
            await self._variants.pop().aclose()


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

    def asking(self, asked: Asked) -> Place:
        """The same place, for requests that act as another user or are told; it is treated as carefully.

        Raises:
            ConfigError: A group or uid is asked for, and no user to act as.
        """
        opened = self.opened.asking(asked)
        return self if opened is self.opened else opened.place(self.target.namespace, self.target.level)

    def approved(self) -> AbstractContextManager[None]:
        """Requests of this place's client made inside belong to a plan that the user approved."""
        from kmagic.safety.guard import approved

        return approved(self.client.transport)


def _named(config: ClientConfig, context: str) -> ClientConfig:
    return msgspec.structs.replace(config, context_name=context)


def _cluster_of(config: ClientConfig) -> tuple[object, ...]:
    tls = config.tls
    return config.server, config.proxy_url, tls.ca_data, tls.ca_file, tls.server_name, tls.insecure
