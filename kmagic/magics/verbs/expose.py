"""``%kexpose``: a Service in front of what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.work.creating import create, in_its_namespace
from kmagic.magics.work.generators.exposing import exposed
from kmagic.magics.work.generators.parts import GeneratorError, resource_of
from kmagic.magics.work.named import named_objects

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)

_EXPOSABLE = (
    ("", "ReplicationController"),
    ("", "Service"),
    ("", "Pod"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
)


def run(command: Command, session: Session) -> object:
    """Creates the Service, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    place = session.place_for(command)
    found = session.run(command, named_objects(command, place.client, session.namespace_for(command)))
    try:
        services = [_service(command, *each) for each in found]
    except GeneratorError as error:
        raise command.usage_error(error.message) from error
    placed = [(resource_of(obj), in_its_namespace(command, obj, place, namespaced=True)) for obj in services]
    return create(command, session, place, placed, "exposed")


def _service(command: Command, resource: APIResource, obj: JSONObject) -> JSONObject:
    if (resource.group, resource.kind) not in _EXPOSABLE:
        kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
        raise GeneratorError(f"cannot expose a {kind}")
    return exposed(
        obj,
        name=command.text("name"),
        port=command.text("port"),
        target_port=command.text("target-port"),
        protocol=command.text("protocol"),
        selector=command.text("selector"),
        labels=command.text("labels"),
        kind=command.text("type"),
        cluster_ip=command.text("cluster-ip"),
        external_ip=command.text("external-ip"),
        load_balancer_ip=command.text("load-balancer-ip"),
        affinity=command.text("session-affinity"),
    )
