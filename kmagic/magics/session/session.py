"""The state that one notebook's magics share: the pinned target, its client, names, everything to stop.

Promises: making a session and loading the extension send nothing; the notebook moves only by `switch` and
`use_namespace`, never because a kubeconfig or another shell changed, and what was handed out does not move with it
(`place`); `close` leaves no client, view or sandbox behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from kmagic import errors
from kmagic.config.loader import load_config, load_kubeconfig
from kmagic.errors import ConfigError, EmptyConfigError, GateError, ProtectedError, UsageError
from kmagic.magics.session.asked import NOTHING_ASKED, Asked
from kmagic.magics.session.caches import Caches
from kmagic.magics.session.cells import Cells
from kmagic.magics.session.heard import Heard
from kmagic.magics.session.place import Opened
from kmagic.magics.session.seen_names import Memory
from kmagic.safety.policy import Level
from kmagic.safety.readonly import ReadOnlyContexts
from kmagic.safety.target import target_of

if TYPE_CHECKING:
    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.results.cards import Card, KPlan
    from kmagic.magics.session.asking import Seen
    from kmagic.magics.session.place import Place
    from kmagic.safety.target import Target
    from kmagic.sandbox.host.process import SandboxProcess
    from kmagic.sync.runtime import Runtime
    from kmagic.transport.http import Transport

__all__ = ("Session", "within")

T = TypeVar("T")


class Session:
    """A notebook's place in the world of clusters.

    Attributes:
        headless: Returns whether there is no person to look or click, so that views are static.
        attended: Returns whether a person can answer although they cannot click: at a terminal.
        readonly: The contexts this kernel made read-only; they outlive the session.
        cells: Gives the time at which the running cell was sent.
        perform: Runs a command as its magic would; for what is asked for in a view's page.
        keep: Gives a value a name in the notebook; for what is asked for in a view's page.
        columns: Names of the columns that a person chose for live tables, by kind.
        heard: The warnings of the servers.
    """

    def __init__(
        self,
        headless: Callable[[], bool] = lambda: True,
        runtime: Runtime | None = None,
        readonly: ReadOnlyContexts | None = None,
        *,
        attended: Callable[[], bool] = lambda: False,
        cells: Cells | None = None,
        perform: Callable[[Command, Session], object] | None = None,
        keep: Callable[[str, object], None] | None = None,
    ) -> None:
        self.headless = headless
        self.attended = attended
        self.cells: Cells = cells or Cells(time.time)
        self.readonly: ReadOnlyContexts = readonly or ReadOnlyContexts()
        self.perform = perform
        self.keep = keep
        self.columns: dict[str, tuple[str, ...]] = {}
        self._runtime = runtime
        self._place: Place | None = None
        self._before: Place | None = None
        self._namespace_before = ""
        self._opened: list[Opened] = []
        self.heard: Heard = Heard()
        self._current: dict[str, str] = {}  # the current contexts of files that lines have named
        self._nothing_seen = Memory()
        self._asked: WeakKeyDictionary[Opened, dict[tuple[object, ...], float]] = WeakKeyDictionary()
        self.sandbox: SandboxProcess | None = None
        self._plan: KPlan | None = None
        self._closers: list[Callable[[], object]] = []
        self._cell = ""
        self._of_cells: dict[str, list[Callable[[], object]]] = {}
        self.caches: Caches = Caches()

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
        """The place of this notebook; pinned by the first call.

        Raises:
            ConfigError: There is no usable kubeconfig.
        """
        if self._place is None:
            self._go(self._open(None, None).place())
            self._before = None
        assert self._place is not None
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

    @property
    def memory(self) -> Memory:
        """The names seen in the current context."""
        return self._place.memory if self._place else self._nothing_seen

    def _open(self, kubeconfig: str | None, context: str | None, asked: Asked = NOTHING_ASKED) -> Opened:
        """The context as its kubeconfig says now; one that reads as before is the one that was opened before."""
        try:
            opened = Opened(
                load_config(kubeconfig, context, overrides=asked.overrides),
                kubeconfig,
                self.readonly,
                self.caches.pool,
                asked=replace(NOTHING_ASKED, cluster=asked.cluster, user=asked.user),
                contexts=_contexts_of(kubeconfig, asked.cluster),
                on_warning=self.heard,
            )
        except EmptyConfigError as error:
            raise EmptyConfigError(
                "this notebook has no cluster yet",
                hint="%ksandbox start gives you one of your own, right here\n"
                f"for another, set KUBECONFIG, write ~/.kube/config or name a file: %kctx --kubeconfig FILE\n{error.message}",
            ) from error
        except ConfigError as error:
            if not error.hint:
                error.hint = "%ksandbox start gives you a cluster of your own; %kctx lists the contexts"
            raise
        for known in self._opened:
            if (known.kubeconfig, known.config, known.asked) == (opened.kubeconfig, opened.config, opened.asked):
                return known
        self._opened.append(opened)
        return opened

    def switch(
        self, context: str | None, *, kubeconfig: str | None = None, namespace: str = "", readonly: bool = False
    ) -> Target:
        """Points the notebook at another context; nothing on disk changes and nothing is sent.

        Args:
            context: Its name; None for the kubeconfig's current one.
            kubeconfig: Another file than the one in use.
            namespace: "" for the context's own.
            readonly: Refuse every change there, until the kernel ends.
        """
        with suppress(ConfigError):
            _ = self.place  # pinned first, so that there is somewhere to come back to
        opened = self._open(kubeconfig or self.kubeconfig, context)
        if readonly:
            self.readonly.add(opened.config)
        return self._go(opened.place(namespace))

    def guard(self, config: ClientConfig, clock: Clock | None) -> Transport:
        """The connections of a client that was made without a magic: as guarded as the magics there."""
        from kmagic.safety.guard import GuardedTransport

        way_out = "apply it by a magic, which makes a plan first; kmagic.Client(guard=False) leaves the guard"
        return GuardedTransport(config, target_of(config).level, self.readonly, clock=clock, way_out=way_out)

    def back(self) -> Target:
        """Returns to the context before this one.

        Raises:
            UsageError: There was none.
        """
        if self._before is None:
            raise UsageError("there is no context to go back to", hint="example: %kctx staging")
        return self._go(self._before)

    def leave(self, kubeconfig: str) -> None:
        """Forgets the contexts of a kubeconfig that is no more; one of them left goes back, or nowhere."""
        if self._before is not None and self._before.kubeconfig == kubeconfig:
            self._before = None
        if self._place is not None and self._place.kubeconfig == kubeconfig:
            self._place, self._before = self._before, None
            if self._place is not None:
                self._go(self._place)
                self._before = None

    def _go(self, place: Place) -> Target:
        contexts = self.memory.contexts()
        self._before, self._place = self._place, place
        if place.opened.is_readonly():
            self._place = place = place.opened.place(place.target.namespace)
        place.memory.namespace = place.target.namespace
        place.memory.saw_contexts(contexts or place.memory.contexts(), ())
        return place.target

    def use_namespace(self, namespace: str) -> Target:
        """Makes a namespace this notebook's; ``-`` returns to the one before."""
        if namespace == "-":
            if not self._namespace_before:
                raise UsageError("there is no namespace to go back to", hint="example: %kns shop")
            namespace = self._namespace_before
        place = self.place
        self._namespace_before = place.target.namespace
        self._place = place.at(namespace)
        place.memory.namespace = namespace
        return self.target

    @property
    def sent(self) -> int:
        """The number of requests that this notebook has sent so far, wherever they went."""
        return sum(opened.sent for opened in self._opened)

    # -- what a command asks for

    def place_for(self, command: Command) -> Place:
        """The place a command works in: this notebook's, or the one that its flags name (``--context``, ``--as`` …)."""
        asked = Asked.of(command)
        named = asked.elsewhere or asked.context not in ("", self.target.context)
        place = (self._elsewhere(asked) if named else self.place).asking(asked)
        namespace = command.text("namespace")
        return place.at(namespace) if namespace else place

    def _elsewhere(self, asked: Asked) -> Place:
        """Another context, cluster or user of a kubeconfig, pinned by the first call that names it.

        Raises:
            ConfigError: There is none, or another user alone is named, and the file has moved the cluster since.
        """
        file, context, namespace = asked.kubeconfig or None, asked.context or None, ""
        pinned: Opened | None = None
        if file is None:
            here = self.place
            file = here.kubeconfig
            if context in (None, here.target.context):
                context, namespace, pinned = here.target.context or None, here.target.namespace, here.opened
        elif context is None:
            if file not in self._current:
                self._current[file] = load_kubeconfig(file).current_context
            context = self._current[file] or None
        if asked.cluster or not asked.user:
            opened = self._known(file, context, asked) or self._open(file, context, asked)
        else:
            pinned = pinned or self._known(file, context, NOTHING_ASKED)
            opened = self._known(file, context, asked, pinned) or self._open(file, context, asked)
            if pinned is not None and not opened.same_cluster(pinned):
                raise ConfigError(
                    f'context "{context or ""}" leads to another cluster since it was pinned: {opened.config.server}',
                    hint="%kctx NAME goes there as the kubeconfig says now; --cluster NAME names it for one line",
                )
        return opened.place(namespace)

    def _known(self, file: str | None, context: str | None, asked: Asked, at: Opened | None = None) -> Opened | None:
        """The context as a line has opened it last, at the cluster of another one if that is given."""
        for known in reversed(self._opened):
            same = (known.asked.cluster, known.asked.user) == (asked.cluster, asked.user)
            there = (known.kubeconfig, known.config.context_name) == (file, context)
            if context and same and there and (at is None or known.same_cluster(at)):
                return known
        return None

    def namespace_for(self, command: Command) -> str | None:
        """The namespace a command works in; None for all."""
        return None if command.on("all-namespaces") else self.place_for(command).target.namespace

    def run(self, command: Command, coroutine: Coroutine[Any, Any, T], place: Place | None = None) -> T:
        """Runs a verb's work on the loop thread; ■ and Ctrl-C cancel it.

        Args:
            command: Its flags bound the time of requests.
            coroutine: The work.
            place: Destination, decided before; None for where the command goes now.
        """
        seconds = command.seconds("request-timeout") or 0.0
        found = self.runtime.run(within(coroutine, seconds if seconds > 0 else None))
        with suppress(ConfigError):  # a kubeconfig that went away meanwhile takes nothing back
            (place or self.place_for(command)).memory.silent = False  # it answers
        return found

    def sources(self, context: str = "") -> Seen:
        """Returns the sources of completions in a context, this notebook's by default; for one Tab."""
        # What asks is imported by the first Tab.
        from kmagic.magics.session.asking import Answers, Seen

        try:
            place = self.place if context in ("", self.target.context) else self._elsewhere(Asked(context=context))
        except ConfigError:
            return Seen(self._nothing_seen, self.kubeconfig)
        return Answers(place, self.runtime, self._asked.setdefault(place.opened, {}))

    # -- who may change what

    def needs_plan(self, place: Place) -> bool:
        """Returns whether a change must first be a plan."""
        return place.level is Level.PROTECTED

    def check(self, command: Command) -> None:
        """Refuses a changing command that may not run now; called before every one.

        Raises:
            ProtectedError: The target is read-only.
            GateError: A plan still waits.
        """
        place = self.place_for(command)
        if place.level is Level.READONLY:
            raise ProtectedError(
                f"{command.verb.prompt} was not run: {place.target.at_level(Level.READONLY).badge}",
                hint="%kctx NAME goes to another context",
            )
        self.check_plan()

    def check_plan(self) -> None:
        """Refuses a change while a plan waits.

        Raises:
            GateError: One does.
        """
        if self._plan is not None and self._plan.open:
            raise GateError(
                f"a plan for {self._plan.target.badge} waits to be applied, so nothing else is changed",
                hint=f"{self._plan.demand.call} applies it, _kp.discard() drops it",
            )

    def gate(self, plan: KPlan) -> KPlan:
        """Shows a plan and makes later changes wait for it; the cell that made it replaces it when it runs again.

        Raises:
            ProtectedError: The target wants an approval, and there is no person to give it.
        """
        if plan.target.level is Level.PROTECTED and self.headless() and not self.attended():
            self.announce(plan.preview)  # without the call that would apply it: there will be no plan
            raise ProtectedError(
                f"the change was planned and not sent: {plan.target.badge}, and nobody is here to approve it",
                hint="run the notebook with a front-end, or against another context",
            )
        self.announce(plan)
        plan.shown_at = self.cells.now()
        self._plan = plan
        self.on_rerun(plan.discard)
        return plan

    def announce(self, card: Card) -> None:
        """Shows a card below the running cell."""
        from kmagic.magics.results.cards import announce

        announce(card)

    def admit(self, plan: KPlan, said: str) -> None:
        """Refuses a call that may not apply a plan.

        Args:
            plan: It was shown by `gate`.
            said: The confirmation in the call.

        Raises:
            GateError: The cell cannot have meant the plan, or does not say what the plan wants to hear.
        """
        from kmagic.safety.approval import objection

        reason = objection(plan.demand, said, plan.shown_at, self.cells.sent)
        if reason:
            raise GateError(
                f"the plan for {plan.target.badge} was not applied: {reason}",
                hint=f"read the plan, then run {plan.demand.call} in a cell of its own; _kp.discard() drops the plan",
            )

    # -- what must end

    def on_close(self, close: Callable[[], object]) -> None:
        """Remembers what to stop when the extension is unloaded or the kernel ends."""
        self._closers.append(close)

    def begin_cell(self, cell: str) -> None:
        """Stops what the last run of this cell left running; what starts now is this run's.

        Args:
            cell: The cell's id, or its text where a front-end sends none.
        """
        self.continue_cell(cell)
        _close_all(self._of_cells.get(cell, []))
        self._of_cells.pop(cell, None)

    def continue_cell(self, cell: str) -> None:
        """Goes on with a cell, after another one that it ran inside."""
        self._cell = cell

    def on_rerun(self, close: Callable[[], object]) -> None:
        """Remembers what to stop when this cell runs again.

        It is stopped like everything else when the extension is unloaded or the kernel ends.
        """
        self._of_cells.setdefault(self._cell, []).append(close)

    def close(self) -> None:
        """Stops every live view, sandbox and connection of this notebook."""
        while self._of_cells:
            _close_all(self._of_cells.popitem()[1])
        while self._closers:
            self._closers.pop()()
        while self._opened:
            opened = self._opened.pop()
            if self._runtime is not None and self._runtime.running:
                self._runtime.run(opened.aclose())
        self._place = self._before = None


def _contexts_of(kubeconfig: str | None, cluster: str) -> list[str]:
    """The contexts that lead to a cluster; none for the cluster of the context itself."""
    if not cluster:
        return []
    contexts = load_kubeconfig(kubeconfig).contexts
    return [name for name, stanza in contexts.items() if stanza.fields.get("cluster") == cluster]


def _close_all(closers: list[Callable[[], object]]) -> None:
    while closers:
        closers.pop()()


async def within(coroutine: Coroutine[Any, Any, T], seconds: float | None) -> T:
    """Awaits a coroutine, at most so long."""
    if seconds is None:
        return await coroutine
    import anyio

    try:
        with anyio.fail_after(seconds):
            return await coroutine
    except TimeoutError as error:
        raise errors.TimeoutError(f"no answer within {seconds:g} s (--request-timeout)") from error
