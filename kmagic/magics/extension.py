"""`%load_ext kmagic`: registers the magics, their completion and their errors' looks. Nothing else happens here.

What runs a magic, completes it or shows its error is imported by the first that needs it.
Loading sends no request. Unloading removes what was registered and stops what the magics started, so that
`%reload_ext kmagic` leaves nothing behind.
"""

from __future__ import annotations

import atexit
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.error import UsageError as UnknownMagic
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from IPython.core.magic import no_var_expand

from kmagic._lazy import collector_paused
from kmagic._version import __version__
from kmagic.client.guarding import guard_new_clients, leave_new_clients
from kmagic.errors import ConfigError, EmptyConfigError, KubeError
from kmagic.magics.language.registry import KUBECTL, VERBS, help_text
from kmagic.magics.results.saved import is_notebook
from kmagic.magics.session.cells import Cells
from kmagic.magics.session.session import Session
from kmagic.magics.value_hook import ValueHook
from kmagic.safety.readonly import ReadOnlyContexts

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.language.verb import Verb

__all__ = ("is_attended", "is_headless", "load", "session_of", "unload")

# One extension a shell; a process has one shell, but tests make several.
_loaded: dict[int, _Extension] = {}
# What a shell made read-only stays so when the extension is loaded again.
_readonly: WeakKeyDictionary[InteractiveShell, ReadOnlyContexts] = WeakKeyDictionary()


class _Extension:
    """The magics, events and completers that are registered with one shell."""

    def __init__(self, shell: InteractiveShell, began: float | None) -> None:
        self.shell = shell
        self.session = Session(
            lambda: is_headless(shell),
            readonly=_readonly.setdefault(shell, ReadOnlyContexts()),
            attended=lambda: is_attended(shell),
            cells=Cells(time.time, began, _dated(shell)),
            perform=_perform,
            keep=self._name,
        )
        self.matcher = self._make_matcher()
        self._cells: list[ExecutionInfo] = []  # a cell may run others inside

    def register(self) -> None:
        for verb in (*VERBS.values(), KUBECTL):
            function = self._magic(verb)
            for kind in verb.kinds:
                self.shell.register_magic_function(function, kind, verb.magic)
        if self.shell.Completer is not None:
            self.shell.Completer.custom_matchers.append(self.matcher)
        self._show_errors()
        self.shell.display_trap.hook = ValueHook(self.shell)
        self.shell.events.register("pre_run_cell", self._begin_cell)
        self.shell.events.register("post_run_cell", self._end_cell)
        atexit.register(self.session.close)
        guard_new_clients(self.session.guard)

    def unregister(self) -> None:
        for verb in (*VERBS.values(), KUBECTL):
            for kind in verb.kinds:
                self.shell.magics_manager.magics[kind].pop(verb.magic, None)
        if self.shell.Completer is not None and self.matcher in self.shell.Completer.custom_matchers:
            self.shell.Completer.custom_matchers.remove(self.matcher)
        self.shell.custom_exceptions, self.shell.CustomTB = self._shown_before
        self.shell.display_trap.hook = self.shell.displayhook
        self.shell.events.unregister("pre_run_cell", self._begin_cell)
        self.shell.events.unregister("post_run_cell", self._end_cell)
        atexit.unregister(self.session.close)
        leave_new_clients(self.session.guard)
        self.session.close()

    def _begin_cell(self, info: ExecutionInfo) -> None:
        self._cells.append(info)
        self.session.cells.begin(_dated(self.shell))
        self.session.begin_cell(_cell_of(info))

    def _end_cell(self, result: ExecutionResult) -> None:
        self.session.cells.end()
        # The cell that loaded the extension ends without having begun here.
        if self._cells and self._cells[-1] is result.info:
            self._cells.pop()
            self.session.continue_cell(_cell_of(self._cells[-1]) if self._cells else "")

    def _show_errors(self) -> None:
        """Shows what leaves a cell through our code without our frames; a handler that was there keeps its own."""
        self._shown_before = (self.shell.custom_exceptions, self.shell.CustomTB)
        kinds, show = self._shown_before

        def shown(
            shell: InteractiveShell,
            kind: type[BaseException],
            error: BaseException,
            trace: TracebackType | None,
            tb_offset: int | None = None,
        ) -> object:
            if isinstance(error, kinds) and not isinstance(error, KubeError):
                return show(kind, error, trace)
            from kmagic.magics import tracebacks

            return tracebacks.show(shell, error, trace)

        self.shell.set_custom_exc((*kinds, KubeError, UnknownMagic, KeyboardInterrupt), shown)

    def _magic(self, verb: Verb) -> Callable[..., object]:
        def magic(line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> object:
            from kmagic.sync.interrupts import Interrupts

            with Interrupts() as interrupts:
                # A module whose import was torn would stay broken.
                with interrupts.held(), collector_paused():
                    from kmagic.magics.running import run_magic
                return run_magic(self.shell, self.session, verb, line, cell, local_ns or {})

        magic.__name__ = verb.magic
        magic.__doc__ = help_text(verb)
        magic.needs_local_scope = True  # type: ignore[attr-defined]  # IPython's protocol
        return no_var_expand(magic)  # type: ignore[no-any-return]

    def _name(self, name: str, value: object) -> None:
        self.shell.user_ns[name] = value

    def _make_matcher(self) -> Callable[[CompletionContext], SimpleMatcherResult]:
        @context_matcher()
        def kmagic_matcher(context: CompletionContext) -> SimpleMatcherResult:
            lines = context.full_text.split("\n")[: context.cursor_line + 1]
            lines[-1] = lines[-1][: context.cursor_position]
            with collector_paused():
                from kmagic.magics import complete
            found = complete.complete("\n".join(lines), self.session.sources)
            if found is None:
                return SimpleMatcherResult(completions=[], suppress=False)
            offers = [SimpleCompletion(item.text, type=item.kind) for item in found.items]
            return SimpleMatcherResult(completions=offers, matched_fragment=found.fragment, suppress=True, ordered=True)

        return kmagic_matcher  # type: ignore[no-any-return]


def _cell_of(info: ExecutionInfo) -> str:
    """Returns the id of a cell, or its text where the front-end sends none, as a terminal."""
    return info.cell_id or info.raw_cell or ""


def _dated(shell: InteractiveShell) -> float | None:
    """Returns the time at which the running cell was sent, by the front-end's clock; None where it sends none."""
    parent = getattr(shell, "parent_header", None) or {}
    date = parent.get("header", {}).get("date")
    if isinstance(date, str):
        try:
            date = datetime.fromisoformat(date)
        except ValueError:
            return None
    return date.timestamp() if isinstance(date, datetime) else None


def _perform(command: Command, session: Session) -> object:
    from kmagic.magics.running import run_command

    return run_command(command, session)


def load(shell: InteractiveShell, began: float | None = None) -> None:
    """Registers the magics, pins the target and says where it is; sends nothing.

    Args:
        shell: The shell to register with.
        began: Time at which loading began, by `time.time`; None for now.
    """
    extension = _Extension(shell, began)
    _loaded[id(shell)] = extension
    extension.register()
    sys.stdout.write(f"{_greeting(extension.session)}\n")


def unload(shell: InteractiveShell) -> None:
    """Removes what `load` registered and stops what the magics started."""
    extension = _loaded.pop(id(shell), None)
    if extension is not None:
        extension.unregister()


def session_of(shell: InteractiveShell) -> Session:
    """The session of a shell that has the extension loaded."""
    return _loaded[id(shell)].session


def is_headless(shell: InteractiveShell) -> bool:
    """Returns whether there is no person to look or click: no kernel, or one whose front-end answers no prompts."""
    kernel = getattr(shell, "kernel", None)
    return kernel is None or getattr(kernel, "_allow_stdin", True) is False


def is_attended(shell: InteractiveShell) -> bool:
    """Returns whether a person sits at the terminal that the shell runs in."""
    return not is_notebook(shell) and sys.stdin is not None and sys.stdin.isatty()


def _greeting(session: Session) -> str:
    try:
        where = f"{session.target.badge}"
    except EmptyConfigError:
        where = "%ksandbox start gives you a cluster of your own, right here · or set KUBECONFIG to yours"
    except ConfigError as error:
        where = f"{error.message} · %ksandbox start gives you a cluster of your own"
    return f"kmagic {__version__} · {where} · %khelp"
