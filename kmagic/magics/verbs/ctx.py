"""``%kctx``: the contexts of the kubeconfig, or another one for this notebook; the file is never written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.words import did_you_mean
from kmagic.config.loader import load_kubeconfig
from kmagic.errors import ConfigError
from kmagic.magics.session.asked import Asked
from kmagic.magics.session.contexts import KContexts, KTarget
from kmagic.safety.policy import Level, level_of

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Lists or switches.

    Returns:
        `KContexts`, or the new place as a `KTarget` with its `client`.
    """
    readonly = command.on("readonly")
    if command.has("readonly") and not readonly:
        raise command.usage_error("a context that was made read-only stays so until the kernel is restarted")
    kubeconfig = Asked.of(command).kubeconfig or None
    if not command.arguments and not kubeconfig and not readonly and not command.has("namespace"):
        return _contexts(session)
    before = session.badge
    if command.arguments == ("-",):
        session.back()
    else:
        name = command.arguments[0] if command.arguments else None
        if name is not None:
            _require(session, kubeconfig, name)
        elif not kubeconfig:
            name = session.target.context
        session.switch(name, kubeconfig=kubeconfig, namespace=command.text("namespace"), readonly=readonly)
    stays = " (until the kernel is restarted)" if session.target.level is Level.READONLY else ""
    return KTarget(session.place, f"{before} → {session.target.badge}{stays}")


def _contexts(session: Session) -> KContexts:
    kubeconfig = load_kubeconfig(session.kubeconfig)
    current = session.target.context
    rows = []
    for name, stanza in kubeconfig.contexts.items():
        cluster = str(stanza.fields.get("cluster") or "")
        known = kubeconfig.clusters.get(cluster)
        server = str(known.fields.get("server") or "") if known else ""
        namespace = str(stanza.fields.get("namespace") or "default")
        level = session.target.level if name == current else level_of(name, cluster, server, namespace)
        if session.readonly.names(name, server):
            level = Level.READONLY
        rows.append(("*" if name == current else "", name, cluster, namespace, level.value))
    session.memory.saw_contexts(kubeconfig.contexts, [row[3] for row in rows])
    return KContexts(rows, session.place)


def _require(session: Session, kubeconfig: str | None, name: str) -> None:
    """A context that is not in the file is refused with those that look like it."""
    known = load_kubeconfig(kubeconfig or session.kubeconfig).contexts
    if name in known:
        return
    hint = did_you_mean(name, known) or f"there are: {', '.join(known) or 'none'}"
    raise ConfigError(f'the kubeconfig has no context "{name}"', hint=hint)
