"""The magics that do to rows of a live view what a person asks for there: one line each, ready for a cell. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from kmagic.errors import UsageError

if TYPE_CHECKING:
    from kmagic.rest.resource import APIResource

__all__ = ("RESTARTABLE", "line_for", "needs", "takes")

# What `kubectl rollout restart` takes.
RESTARTABLE = frozenset({"deployments.apps", "daemonsets.apps", "statefulsets.apps"})
# What stands for a Pod in logs, exec and port-forward.
_WITH_PODS = frozenset({"pods", "replicationcontrollers", "services", "jobs.batch", "replicasets.apps"} | RESTARTABLE)

_LINES = MappingProxyType(
    {
        "describe": "%kdescribe {objects}",
        "yaml": "%kget {objects} -o yaml",
        "events": "%kevents --for {object}",
        "logs": "%klogs {object} -f",
        "exec": "%kexec {object} -- {argument}",
        "forward": "%kforward {object} {argument}",
        "restart": "%krollout restart {objects}",
        "scale": "%kscale {objects} --replicas {argument}",
        "delete": "%kdelete {objects} --wait=false",
    }
)


def takes(action: str, resource: APIResource) -> bool:
    """Returns whether objects of a type can be acted on so."""
    kind = str(resource.group_resource)
    if action in ("logs", "exec", "forward"):
        return kind in _WITH_PODS
    if action == "restart":
        return kind in RESTARTABLE
    if action == "scale":
        return "scale" in resource.subresources
    return action != "delete" or "delete" in resource.verbs


# What is asked of the server in the end: a verb, and the subresource of a Pod or of the type itself.
_NEEDS = MappingProxyType(
    {
        "exec": ("create", "pods", "exec"),
        "forward": ("create", "pods", "portforward"),
        "restart": ("patch", "", ""),
        "scale": ("patch", "", "scale"),
        "delete": ("delete", "", ""),
    }
)


def needs(action: str, resource: APIResource) -> dict[str, str]:
    """Returns what a person must be allowed to do for an action, as an access review asks it; nothing for reading."""
    if action not in _NEEDS:
        return {}
    verb, pods, subresource = _NEEDS[action]
    group, name = ("", pods) if pods else (resource.group, resource.resource)
    return {"verb": verb, "group": group, "resource": name, "subresource": subresource}


def line_for(
    action: str,
    resource: APIResource,
    names: Sequence[str],
    *,
    namespace: str = "",
    elsewhere: Sequence[str] = (),
    argument: str = "",
) -> str:
    """Returns the magic of an action, ready for a cell.

    Args:
        action: ``describe``, ``yaml``, ``events``, ``logs``, ``exec``, ``forward``, ``restart``, ``scale``, ``delete``.
        resource: Type of the objects.
        names: Names of the objects; some actions take one only.
        namespace: Namespace of them all; "" for a type without.
        elsewhere: Flags that lead to their place, such as ``--context prod``; none where the notebook is.
        argument: Command to run, ports, or number of replicas.

    Raises:
        UsageError: The action takes one object, or the argument is missing.
    """
    line = _LINES[action]
    if "{object}" in line and len(names) != 1:
        raise UsageError(f"{action} takes one object, {len(names)} are selected")
    if "{argument}" in line and not argument.strip():
        raise UsageError(f"{action} needs to know {_ASKED[action]}")
    objects = [shlex.quote(f"{resource.group_resource}/{name}") for name in names]
    said = shlex.quote(argument) if action == "scale" else argument
    flags = f" -n {shlex.quote(namespace)}" if namespace else ""
    flags += "".join(f" {flag}" for flag in elsewhere)
    verb, _, rest = line.partition(" -- ")
    head = verb.format(objects=" ".join(objects), object=objects[0], argument=said)
    return f"{head}{flags} -- {rest.format(argument=argument)}" if rest else f"{head}{flags}"


_ASKED = MappingProxyType({"exec": "which command", "forward": "which ports", "scale": "how many replicas"})
