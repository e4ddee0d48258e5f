"""``%ksandbox``: a Kubernetes API server of the notebook's own, in a child process that ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.errors import UsageError
from kmagic.magics.results.values import KText
from kmagic.magics.session.contexts import KTarget
from kmagic.magics.work import playing
from kmagic.sandbox.host import process

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Starts, stops or describes the sandbox, or plays faults in it.

    Returns:
        The sandbox as a `KTarget` after ``start``, the changed objects after ``break`` and ``reset``, else text.

    Raises:
        UsageError: Faults are to be played somewhere else than in the sandbox.
    """
    match command.action.name if command.action else "status":
        case "start":
            return _start(command, session)
        case "stop":
            return _stop(session)
        case "break":
            _require_here(command, session)
            return playing.break_objects(command, session)
        case "reset":
            _require_here(command, session)
            return playing.reset_objects(command, session)
        case _:
            return _status(command, session)


def _start(command: Command, session: Session) -> KTarget:
    if session.sandbox is None or not session.sandbox.running:
        session.sandbox = process.start(nodes=command.number("nodes"))
        session.on_close(session.sandbox.stop)
    running = session.sandbox
    if session.kubeconfig != str(running.kubeconfig):
        session.switch(None, kubeconfig=str(running.kubeconfig))
    return KTarget(session.place, f"sandbox ready at {running.server} · {session.badge}")


def _stop(session: Session) -> KText:
    running = session.sandbox
    if running is None or not running.running:
        return KText("no sandbox is running")
    session.leave(str(running.kubeconfig))
    running.stop()
    session.sandbox = None
    return KText(f"sandbox stopped · {session.badge}")


def _status(command: Command, session: Session) -> KText:
    running = session.sandbox
    if running is None or not running.running:
        return KText("no sandbox is running; %ksandbox start starts one")
    line = f"sandbox running at {running.server} · kubeconfig {running.kubeconfig} · here: {session.badge}"
    if session.kubeconfig != str(running.kubeconfig):
        return KText(line)
    faults = session.run(command, playing.played(session.place_for(command).client))
    told = ["played:", *(f"  {fault}" for fault in faults)] if faults else ["nothing is played"]
    return KText("\n".join((line, *told)))


def _require_here(command: Command, session: Session) -> None:
    running = session.sandbox
    if running is None or not running.running:
        raise UsageError("no sandbox is running", hint="%ksandbox start starts one")
    if session.place_for(command).kubeconfig != str(running.kubeconfig):
        raise UsageError(
            "faults are played in the sandbox only, and this notebook is elsewhere",
            hint=f"here: {session.badge}; %ksandbox start goes to the sandbox",
        )
