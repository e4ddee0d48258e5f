"""A magic's line or cell: read, run, its result kept, its error shown as a card. Imported by the first one.

`%load_ext kmagic` registers functions that come here, so that loading costs what loading needs.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kmagic._lazy import collector_paused
from kmagic.api.door import MISREAD
from kmagic.errors import ConfigError, DecodeError, KubeError, UsageError
from kmagic.magics.language.flags import DryRun
from kmagic.magics.language.grammar import Command, parse
from kmagic.magics.language.registry import KUBECTL, help_text, kubectl_command
from kmagic.magics.language.verb import Effect
from kmagic.magics.results.cards import Card, KPlan, result_of
from kmagic.magics.results.values import KText
from kmagic.sync.interrupts import Interrupts
from kmagic.views import errors as error_views

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kmagic.magics.language.tokens import Evaluate
    from kmagic.magics.language.verb import Verb
    from kmagic.magics.session.session import Session

__all__ = ("run_command", "run_magic")


def run_magic(
    shell: InteractiveShell,
    session: Session,
    verb: Verb,
    line: str,
    cell: str | None,
    local_ns: Mapping[str, Any],
) -> object:
    """Runs what a person wrote and returns the value of its cell.

    Args:
        shell: The shell whose variables it reads and sets.
        session: That shell's.
        verb: The verb of the magic.
        line: The rest of its line.
        cell: The rest of a cell, or None for a line magic.
        local_ns: Variables of the function it stands in.

    Raises:
        KubeError: It could not be done; shown as a card already.
    """
    command: Command | None = None
    try:
        command = _command(verb, line, cell, _evaluator(shell, local_ns))
        return _run(command, shell, session)
    except KubeError as error:
        # Shown as a card; raised all the same, so that Run All stops here.
        error_views.show_as_card(error, where=_where(error, command, session))
        raise
    except KeyboardInterrupt as error:
        asked = f"%{'' if cell is None else '%'}{verb.magic} {line}".strip()
        error.args = error.args or (f"{asked} was interrupted",)
        raise


def _command(verb: Verb, line: str, cell: str | None, evaluate: Evaluate) -> Command:
    return kubectl_command(line, cell, evaluate) if verb is KUBECTL else parse(verb, line, cell, evaluate)


def _evaluator(shell: InteractiveShell, local_ns: Mapping[str, Any]) -> Evaluate:
    def evaluate(expression: str) -> object:
        return eval(expression, {**shell.user_ns, **local_ns})

    return evaluate


def _run(command: Command, shell: InteractiveShell, session: Session) -> object:
    try:
        result = run_command(command, session)
    except BaseException as error:
        # Also of a change that failed half-way, what was done is a value.
        partial = result_of(error)
        if partial is not None:
            _keep(command, partial, shell)
        raise
    _keep(command, result, shell)
    # A cell's value cannot be assigned, and a card has shown itself.
    shown = command.body is not None and isinstance(result, Card)
    return None if command.to or shown else result


def _keep(command: Command, result: object, shell: InteractiveShell) -> None:
    names = ["_k", "_kp"] if isinstance(result, KPlan) else ["_k"]
    for name in names:
        shell.user_ns[name] = shell.user_ns_hidden[name] = result
    if command.to:
        shell.user_ns[command.to] = result


def _where(error: KubeError, command: Command | None, session: Session) -> str:
    # What was never sent is about the cell, not about a place.
    if command is None or isinstance(error, UsageError | ConfigError):
        return ""
    try:
        return session.place_for(command).target.badge
    except ConfigError:
        return session.badge


def run_command(command: Command, session: Session) -> object:
    """Runs a command and returns its result.

    Raises:
        KubeError: It could not be done; nothing else, whatever the server's objects hold.
    """
    try:
        return _run_verb(command, session)
    except KubeError:
        raise
    except MISREAD as error:
        says = f"what the server sent could not be read, or kmagic is at fault: {type(error).__name__}"
        raise DecodeError(says, hint="%tb shows where") from error


def _run_verb(command: Command, session: Session) -> object:
    if command.help:
        return KText(help_text(command.row if command.row.summary else command.verb))
    # --list of a verb that changes only reads.
    if command.effect is Effect.WRITE and DryRun.of(command) is DryRun.NONE and not command.on("list"):
        session.check(command)
    with Interrupts() as interrupts, interrupts.held(), collector_paused():
        module = importlib.import_module(f"kmagic.magics.verbs.{command.verb.module}")
    found: object = session.heard.while_doing(command, lambda: module.run(command, session))
    return found
