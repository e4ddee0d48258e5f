"""``%krun``: an image in a Pod, and a Service in front of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kmagic.magics.work.creating import create, in_its_namespace
from kmagic.magics.work.generators.parts import GeneratorError, head, is_image, labels_of, resource_of, without_empty
from kmagic.magics.work.generators.workloads import pod

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_RESTARTS = ("Always", "Never", "OnFailure")
_PULLS = ("Always", "IfNotPresent", "Never")


def run(command: Command, session: Session) -> object:
    """Creates the Pod, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    try:
        objects = _objects(command)
    except GeneratorError as error:
        raise command.usage_error(error.message) from error
    place = session.place_for(command)
    placed = [(resource_of(obj), in_its_namespace(command, obj, place, namespaced=True)) for obj in objects]
    return create(command, session, place, placed)


def _objects(command: Command) -> list[JSONObject]:
    if not command.arguments:
        raise GeneratorError("NAME is required for run")
    name, *words = command.arguments
    words += command.rest
    image, port = command.text("image"), command.text("port")
    if not image:
        raise GeneratorError('required flag(s) "image" not set')
    if not is_image(image):
        raise GeneratorError(f'invalid image name "{image}": invalid reference format')
    if command.on("expose") and not port:
        raise GeneratorError("--port must be set when exposing a service")
    if port and not re.fullmatch(r"[+-]?\d+", port):
        raise GeneratorError("--port must be a number")
    labels = labels_of(command.text("labels")) if command.text("labels") else None
    made = pod(
        name,
        image,
        command=words if command.on("command") else (),
        arguments=() if command.on("command") else words,
        env=_pairs(command, "env"),
        port=int(port) if port else None,
        labels=labels,
        annotations=_pairs(command, "annotations"),
        restart=_one_of(command, "restart", "restart policy", _RESTARTS) or "Always",
        pull_policy=_one_of(command, "image-pull-policy", "image pull policy", _PULLS),
        privileged=True if command.on("privileged") else None,
    )
    return [made, _service(name, labels, int(port))] if command.on("expose") else [made]


def _one_of(command: Command, flag: str, what: str, values: tuple[str, ...]) -> str:
    given = command.text(flag)
    if given and given not in values:
        raise GeneratorError(f"invalid {what}: {given}, valid values are: {', '.join(values)}")
    return given


def _pairs(command: Command, flag: str) -> dict[str, str]:
    found = {}
    for text in command.values(flag):
        key, equals, value = text.partition("=")
        if not equals or not _VARIABLE.fullmatch(key.rpartition("/")[2] if flag == "annotations" else key):
            raise GeneratorError(f"invalid {flag}: {text}" if flag == "env" else f"unexpected annotations: {text}")
        found[key] = value
    return found


def _service(name: str, labels: Mapping[str, str] | None, port: int) -> JSONObject:
    return {
        **head("v1", "Service", name, **without_empty({"labels": dict(labels or {})})),
        "spec": {
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
            "selector": dict(labels or {"run": name}),
        },
        "status": {"loadBalancer": {}},
    }
