"""``%kautoscale``: an autoscaler for what can be scaled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.magics.work.creating import create, in_its_namespace
from kmagic.magics.work.generators.parts import GeneratorError, resource_of
from kmagic.magics.work.generators.scaling import autoscaler
from kmagic.magics.work.named import named_objects

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Creates the autoscaler, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    try:
        if not command.has("max"):
            raise GeneratorError('required flag(s) "max" not set')
        _autoscaler(command, "", {})  # what is wrong with the flags is said before any request
        place = session.place_for(command)
        found = session.run(command, named_objects(command, place.client, session.namespace_for(command)))
        made = [_for(command, *each) for each in found]
    except GeneratorError as error:
        raise command.usage_error(error.message) from error
    placed = [(resource_of(obj), in_its_namespace(command, obj, place, namespaced=True)) for obj in made]
    return create(command, session, place, placed, "autoscaled", "created")


def _for(command: Command, resource: APIResource, obj: JSONObject) -> JSONObject:
    if "scale" not in resource.subresources:
        raise GeneratorError(
            f"cannot autoscale a {resource.kind}: could not find scale subresource for "
            f"{resource.group}/{resource.version}, Resource={resource.resource} in discovery information"
        )
    target = {"apiVersion": resource.api_version, "kind": resource.kind, "name": meta.name(obj)}
    return _autoscaler(command, command.text("name") or meta.name(obj), target)


def _autoscaler(command: Command, name: str, target: JSONObject) -> JSONObject:
    return autoscaler(
        name,
        target,
        least=command.number("min"),
        most=command.number("max"),
        cpu_percent=command.number("cpu-percent"),
        cpu=command.text("cpu"),
        memory=command.text("memory"),
    )
