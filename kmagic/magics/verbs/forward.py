"""``%kforward``: local ports that lead into a Pod, or into a ready one behind a Service or workload."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kmagic.errors import NotFoundError, StreamError
from kmagic.magics.language.selection import one_object
from kmagic.magics.work.fetch import fetch
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.forwarding import ForwardWanted, KForward
from kmagic.rest.ports import parse_addresses, parse_port

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session

__all__ = ("run",)

# The groups whose types are known by their bare name.
_PLAIN_GROUPS = ("", "apps", "batch")


def run(command: Command, session: Session) -> object:
    """Opens the ports, in place of those that this cell opened before; a protected target refuses it.

    Returns:
        A `KForward`, as soon as the ports are open.

    Raises:
        NotFoundError: There is no such object, or no ready Pod behind it.
        StreamError: A local port is taken, or the Pod does not run.
    """
    if len(command.arguments) < 2:
        raise command.usage_error("say which Pod or TYPE/NAME, and which ports: 8080, 8888:80 or :80 (any free one)")
    ports = tuple(_port(command, text) for text in command.arguments[1:])
    addresses = _addresses(command)
    place = session.place_for(command)
    namespace = session.namespace_for(command)
    name = session.run(command, _target(command, place, namespace))
    allow_remote = command.on("allow-remote")
    footer = " · ".join(filter(None, (place.target.badge, _who_else(addresses))))
    wanted = ForwardWanted(namespace, name, ports, addresses, allow_remote, footer)
    forward = KForward(wanted, session.runtime, headless=session.headless())
    session.on_rerun(forward.stop)
    forward.start(place.client)
    try:
        session.run(command, forward.opened())
    except ValueError as error:
        raise command.usage_error(str(error)) from error
    except BaseException as error:
        forward.stop()
        if isinstance(error, StreamError | NotFoundError) and not error.hint:
            error.hint = f"%kdescribe {name} says more; %kget pods -w shows when a Pod is ready"
        raise
    return forward


def _port(command: Command, text: str) -> str:
    """Reads one port as far as it can be without the Pod, which knows the ports' names."""
    local, colon, remote = text.rpartition(":")
    named = remote and not remote.lstrip("-").isdecimal()
    try:
        parse_port(f"{local}{colon}1" if named and ":" not in local else text)
    except ValueError as error:
        raise command.usage_error(f"{error}; a port is 8080, 8888:80 or :80 (any free one)", at=text) from error
    return text


def _addresses(command: Command) -> tuple[str, ...]:
    given = tuple(text.strip() for each in command.values("address") for text in each.split(","))
    if not given:
        return ("127.0.0.1",)
    for text in given:
        try:
            parse_addresses([text], allow_remote=True)
            reachable = not command.on("allow-remote") and _is_remote(text)
        except ValueError as error:
            raise command.usage_error(str(error), at=text) from error
        if reachable:
            raise command.usage_error(f"{text} can be reached from other machines; --allow-remote if they shall", text)
    return given


def _is_remote(address: str) -> bool:
    try:
        parse_addresses([address])
    except ValueError:
        return True
    return False


async def _target(command: Command, place: Place, namespace: str | None) -> str:
    """The object's name as `AsyncPods.port_forward` takes it; a misspelt one is answered with those that come close."""
    wanted = one_object(command, command.arguments[0], "pods")
    name = wanted.names[0]
    found = (await fetch(place.client, [wanted], Scope(namespace)))[0]
    place.memory.saw_objects(found.resource, found.keys)
    resource = found.resource
    if resource.resource == "pods" and not resource.group:
        return f"pod/{name}"
    return f"{resource.resource if resource.group in _PLAIN_GROUPS else resource.full_name}/{name}"


def _who_else(addresses: tuple[str, ...]) -> str:
    """Returns who can reach the ports beside the notebook's user, in words."""
    if any(map(_is_remote, addresses)):
        return "other machines can reach it"
    if "JUPYTERHUB_SERVICE_PREFIX" in os.environ:
        return "the port is on the kernel's machine, whose other users can reach it"
    return ""
