"""``%kconfig``: the kubeconfig and its contexts as this notebook has them; the file is never written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.config.loader import load_kubeconfig
from kmagic.errors import ConfigError
from kmagic.magics.results.cards import partly
from kmagic.magics.results.values import KText, KValues
from kmagic.magics.session.asked import Asked
from kmagic.magics.session.contexts import KTarget
from kmagic.magics.work.printing import printed
from kmagic.magics.work.redacted import kubeconfig_view
from kmagic.views.text import aligned

if TYPE_CHECKING:
    from kmagic.config.kubeconfig import Kubeconfig
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

_HEAD = ("CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE")


def run(command: Command, session: Session) -> object:
    """Shows it, or goes to another context in this notebook only.

    Returns:
        Text or names; the new place as a `KTarget` for ``use-context``.

    Raises:
        ConfigError: There is no such context, or no usable kubeconfig.
    """
    match command.row.name:
        case "view":
            return _view(command, session)
        case "get-contexts":
            return _contexts(command, session)
        case "use-context":
            return _use(command, session)
        case _:
            return KText(_current(command, session, must=True))


def _view(command: Command, session: Session) -> object:
    current = _current(command, session)
    context = command.text("context") or current
    whole = kubeconfig_view(load_kubeconfig(_file(command, session)), current)
    if command.on("minify"):
        whole = _minified(whole, context)
    return printed(command, [whole], salt=None)


def _file(command: Command, session: Session) -> str | None:
    return Asked.of(command).kubeconfig or session.kubeconfig


def _current(command: Command, session: Session, *, must: bool = False) -> str:
    """The context that this notebook works in, or that a file names; "" where there is none.

    Raises:
        ConfigError: There is none, and there must be.
    """
    try:
        if file := Asked.of(command).kubeconfig:
            current = load_kubeconfig(file).current_context
            if must and not current:
                raise ConfigError("current-context is not set")
            return current
        return session.target.context
    except ConfigError:
        if must:
            raise
        return ""


def _minified(whole: dict[str, Any], context: str) -> dict[str, Any]:
    contexts = [each for each in whole["contexts"] or () if each["name"] == context]
    if not contexts:
        raise ConfigError(
            f"cannot locate context {context}" if context else "current-context must exist in order to minify"
        )
    inside = contexts[0]["context"]
    clusters = [each for each in whole["clusters"] or () if each["name"] == inside.get("cluster")]
    users = [each for each in whole["users"] or () if each["name"] == inside.get("user")]
    return {**whole, "contexts": contexts, "clusters": clusters, "users": users, "current-context": context}


def _contexts(command: Command, session: Session) -> object:
    kubeconfig = load_kubeconfig(_file(command, session))
    missing = [ConfigError(f"context {name} not found") for name in command.objects if name not in kubeconfig.contexts]
    names = sorted(name for name in command.objects or kubeconfig.contexts if name in kubeconfig.contexts)
    shown = _listed(command, session, kubeconfig, names)
    if missing:
        raise partly(missing, shown if repr(shown) else None)
    return shown


def _listed(command: Command, session: Session, kubeconfig: Kubeconfig, names: list[str]) -> KValues:
    if command.text("output") == "name":
        return KValues(names, "\n".join(names))
    current = _current(command, session)
    rows = [
        (
            "*" if name == current else "",
            name,
            *(str(kubeconfig.contexts[name].fields.get(key) or "") for key in ("cluster", "user", "namespace")),
        )
        for name in names
    ]
    head = [] if command.on("no-headers") else [_HEAD]
    return KValues(names, aligned([*head, *rows]))


def _use(command: Command, session: Session) -> object:
    if not command.objects:
        raise command.usage_error("say which context: %kconfig get-contexts lists them")
    name = command.objects[0]
    if name not in load_kubeconfig(_file(command, session)).contexts:
        raise ConfigError(f'no context exists with the name: "{name}"', hint="%kconfig get-contexts lists them")
    session.switch(name, kubeconfig=Asked.of(command).kubeconfig or None)
    return KTarget(session.place, f'Switched to context "{name}".')
