"""``%ksandbox``: a Kubernetes API server of the notebook's own, in a child process that ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.results.values import KText
from kmagic.magics.session.contexts import KTarget
from kmagic.sandbox.host import process

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Starts, stops or describes the sandbox.

    Returns:
        The sandbox as a `KTarget` after ``start``, else one line.
    """
    match command.action.name if command.action else "status":
        case "start":
            return _start(command, session)
        case "stop":
            return _stop(session)
        case _:
            return _status(session)


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


def _status(session: Session) -> KText:
    running = session.sandbox
    if running is None or not running.running:
        return KText("no sandbox is running; %ksandbox start starts one")
    return KText(f"sandbox running at {running.server} · kubeconfig {running.kubeconfig} · here: {session.badge}")
