"""What one notebook's magics share: the pinned target, its client, what was seen, what must be stopped.

Promises: making a session and loading the extension send nothing; the target moves only by `switch` and
`use_namespace`, never because a kubeconfig or another shell changed; `close` leaves no client, view or
sandbox behind.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from kmagic import errors
from kmagic.config.loader import load_config
from kmagic.errors import ConfigError, GateError, ProtectedError, UsageError
from kmagic.magics.cards import KPlan, announce
from kmagic.magics.memory import Memory
from kmagic.magics.selection import seconds_of
from kmagic.safety.policy import Level
from kmagic.safety.target import Target, target_of

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.config.client_config import ClientConfig
    from kmagic.magics.grammar import Command
    from kmagic.sandbox.host.process import SandboxProcess
    from kmagic.sync.client import Client
    from kmagic.sync.runtime import Runtime

__all__ = ("REQUEST_SECONDS", "Place", "Session")

T = TypeVar("T")

# Long enough for a slow server, short enough that a cell does not look hung.
REQUEST_SECONDS = 15.0


class Place:
    """A target with the client that goes there; made once, kept until the session leaves it for good.

    Attributes:
        target: Whom requests go to and how carefully.
        config: What the client was made of; its repr shows no credentials.
    """

    def __init__(self, config: ClientConfig, kubeconfig: str | None, level: Level | None = None) -> None:
        self.kubeconfig = kubeconfig
        self.config: ClientConfig = (
            config if config.timeout else msgspec.structs.replace(config, timeout=REQUEST_SECONDS)
        )
        self.target: Target = target_of(self.config)
        if level is not None:
            self.target = self.target.at_level(level)
        self._client: AsyncClient | None = None
        self._sync: Client | None = None
        self._syncs: list[Client] = []

    @property
    def client(self) -> AsyncClient:
        """The guarded client; made at first use."""
        if self._client is None:
            # What sends requests is imported by the first request: loading the extension needs none of it.
            from kmagic.client.client import AsyncClient
            from kmagic.safety.guard import GuardedTransport

            self._client = AsyncClient(transport=GuardedTransport(self.config, lambda: self.target.level))
        return self._client

    def sync_client(self) -> Client:
        """A blocking client for the user: guarded as the magics are, and the notebook's namespace is its own."""
        if self._sync is None or self._sync.config.namespace != self.target.namespace:
            import kmagic
            from kmagic.safety.guard import GuardedTransport

            config = msgspec.structs.replace(self.config, namespace=self.target.namespace)
            transport = GuardedTransport(config, lambda: self.target.level)
            self._sync = kmagic.Client(client=kmagic.AsyncClient(transport=transport))
            self._syncs.append(self._sync)
        return self._sync

    def move(self, namespace: str) -> None:
        """Changes the namespace."""
        level = self.target.level
        self.target = replace(target_of(self.config, namespace=namespace), level=level)

    async def aclose(self) -> None:
        """Closes the client's connections."""
        for client in (self._client, *(each.unblocked for each in self._syncs)):
            if client is not None:
                await client.aclose()
        self._client = self._sync = None
        self._syncs.clear()


class Session:
    """A notebook's place in the world of clusters.

    Attributes:
        memory: Names seen, for completion.
        headless: Tells whether nobody can look or click, so that views are static.
    """

    def __init__(self, headless: Callable[[], bool] = lambda: True, runtime: Runtime | None = None) -> None:
        self.memory: Memory = Memory()
        self.headless = headless
        self._runtime = runtime
        self._place: Place | None = None
        self._before: Place | None = None
        self._namespace_before = ""
        self._others: dict[str, Place] = {}
        self._places: list[Place] = []
        self.sandbox: SandboxProcess | None = None
        self._plan: KPlan | None = None
        self._closers: list[Callable[[], object]] = []
        self._cell, self._cells_run = "", 0
        self._of_cells: dict[str, tuple[int, list[Callable[[], object]]]] = {}

    @property
    def runtime(self) -> Runtime:
        """The loop that the notebook's requests run on."""
        if self._runtime is None:
            from kmagic.sync.runtime import shared_runtime

            self._runtime = shared_runtime()
        return self._runtime

    # -- where we are

    @property
    def place(self) -> Place:
        """Where this notebook works; pinned by the first call.

        Raises:
            ConfigError: There is no usable kubeconfig.
        """
        if self._place is None:
            self._place = self._open(None, None)
            self.memory.namespace = self._place.target.namespace
        return self._place

    @property
    def target(self) -> Target:
        """The pinned target."""
        return self.place.target

    @property
    def badge(self) -> str:
        """The target in words, also when there is none."""
        return self._place.target.badge if self._place else "nowhere"

    @property
    def kubeconfig(self) -> str | None:
        """The kubeconfig file in use; None for the usual places."""
        return self._place.kubeconfig if self._place else None

    def _open(self, kubeconfig: str | None, context: str | None, level: Level | None = None) -> Place:
        try:
            config = load_config(kubeconfig, context)
        except ConfigError as error:
            if not error.hint:
                error.hint = "%ksandbox start gives you a cluster of your own; %kctx lists the contexts"
            raise
        place = Place(config, kubeconfig, level)
        self._places.append(place)
        return place

    def switch(
        self, context: str | None, *, kubeconfig: str | None = None, namespace: str = "", level: Level | None = None
    ) -> Target:
        """Points the notebook at another context; nothing on disk changes and nothing is sent."""
        with suppress(ConfigError):
            _ = self.place  # pinned first, so that there is somewhere to come back to
        place = self._open(kubeconfig or self.kubeconfig, context, level)
        if namespace:
            place.move(namespace)
        return self._go(place)

    def back(self) -> Target:
        """Returns to the context before this one.

        Raises:
            UsageError: There was none.
        """
        if self._before is None:
            raise UsageError("there is no context to go back to", hint="example: %kctx staging")
        return self._go(self._before)

    def leave(self) -> None:
        """Leaves the context for the one before it, or for none."""
        self._place, self._before = self._before, None
        if self._place is not None:
            self.memory.namespace = self._place.target.namespace

    def _go(self, place: Place) -> Target:
        self._before, self._place = self._place, place
        self.memory.namespace = place.target.namespace
        return place.target

    def use_namespace(self, namespace: str) -> Target:
        """Makes a namespace this notebook's; ``-`` returns to the one before."""
        if namespace == "-":
            if not self._namespace_before:
                raise UsageError("there is no namespace to go back to", hint="example: %kns shop")
            namespace = self._namespace_before
        self._namespace_before = self.target.namespace
        self.place.move(namespace)
        self.memory.namespace = namespace
        return self.target

    # -- what a command asks for

    def place_for(self, command: Command) -> Place:
        """The place a command works in: this notebook's, or that of its ``--context``."""
        context = command.text("context")
        if not context or context == self.target.context:
            return self.place
        if context not in self._others:
            self._others[context] = self._open(self.place.kubeconfig, context)
        return self._others[context]

    def namespace_for(self, command: Command) -> str | None:
        """The namespace a command works in; None for all."""
        if command.on("all-namespaces"):
            return None
        return command.text("namespace") or self.place_for(command).target.namespace

    def run(self, command: Command, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a verb's work on the loop thread; ■ and Ctrl-C cancel it."""
        try:
            seconds = seconds_of(command, "request-timeout")
        except UsageError:
            coroutine.close()
            raise
        return self.runtime.run(_within(coroutine, seconds))

    # -- who may change what

    def needs_plan(self, command: Command) -> bool:
        """Whether a change must first be a plan."""
        return self.place_for(command).target.level is Level.PROTECTED

    def check(self, command: Command) -> None:
        """Refuses a changing command that may not run now; called before every one.

        Raises:
            ProtectedError: The target is read-only.
            GateError: A plan still waits.
        """
        if self.place_for(command).target.level is Level.READONLY:
            raise ProtectedError(
                f"{command.verb.prompt} was not run: {self.place_for(command).target.badge}",
                hint="%kctx NAME goes to another context",
            )
        if self._plan is not None and self._plan.open:
            raise GateError(
                "a plan waits to be applied, so nothing else is changed",
                hint="_kp.apply() applies it, _kp.discard() drops it",
            )

    def gate(self, plan: KPlan) -> KPlan:
        """Shows a plan and makes later changes wait for it.

        Raises:
            ProtectedError: Nobody is here to approve it.
        """
        announce(plan)
        if self.headless():
            raise ProtectedError(
                f"the change was planned and not sent: {self.target.badge}, and nobody is here to approve it",
                hint="run the notebook with a front-end, or against another context",
            )
        self._plan = plan
        return plan

    # -- what must end

    def on_close(self, close: Callable[[], object]) -> None:
        """Remembers what to stop when the extension is unloaded or the kernel ends."""
        self._closers.append(close)

    def begin_cell(self, cell: str) -> None:
        """Remembers which cell runs now: its id, or its text where a front-end tells none."""
        self._cell, self._cells_run = cell, self._cells_run + 1

    def on_rerun(self, close: Callable[[], object]) -> None:
        """Stops what earlier runs of this cell left running, and remembers to stop this when it runs again.

        It is stopped like everything else when the extension is unloaded or the kernel ends.
        """
        run, closers = self._of_cells.get(self._cell, (self._cells_run, []))
        if run != self._cells_run:
            _close_all(closers)
        self._of_cells[self._cell] = (self._cells_run, closers)
        closers.append(close)

    def close(self) -> None:
        """Stops every live view, sandbox and connection of this notebook."""
        while self._of_cells:
            _close_all(self._of_cells.popitem()[1][1])
        while self._closers:
            self._closers.pop()()
        while self._places:
            place = self._places.pop()
            if self._runtime is not None and self._runtime.running:
                self._runtime.run(place.aclose())
        self._place = self._before = None
        self._others.clear()


def _close_all(closers: list[Callable[[], object]]) -> None:
    while closers:
        closers.pop()()


async def _within(coroutine: Coroutine[Any, Any, T], seconds: float | None) -> T:
    """Awaits a coroutine, at most so long."""
    if seconds is None:
        return await coroutine
    import anyio

    try:
        with anyio.fail_after(seconds):
            return await coroutine
    except TimeoutError as error:
        raise errors.TimeoutError(f"no answer within {seconds:g} s (--request-timeout)") from error
