"""``%kdebug``: a container to look around with, in a Pod, in a copy of it or on a node.

Source: k8s.io/kubectl/pkg/cmd/debug/debug.go.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.magics.language.flags import comma_separated
from kmagic.magics.language.selection import one_object
from kmagic.magics.language.warning import warn
from kmagic.magics.work.changes import Changes, Step, carry_out
from kmagic.magics.work.creating import Create, random_suffix
from kmagic.magics.work.deleting import Delete, DeleteOptions
from kmagic.magics.work.fetch import fetch
from kmagic.magics.work.fetched import Fetched, Scope
from kmagic.magics.work.generators.debugging import PROFILES, Debugging, copy_of, ephemeral, pod_on, warning_of
from kmagic.magics.work.generators.parts import is_image, resource_of
from kmagic.magics.work.patches import Change

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session

__all__ = ("run",)

_LEGACY = (
    "--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile,"
    ' for example "--profile=general".\n'
)


def run(command: Command, session: Session) -> object:
    """Makes the container, or a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.

    Raises:
        KubeError: There is no such object, or the server refused the container.
    """
    asked = _asked(command)
    place = session.place_for(command)
    lines: list[str] = []
    if asked.target and not command.on("quiet"):
        lines.append(
            f'Targeting container "{asked.target}". If you don\'t see processes from this container it may be because the '
            "container runtime doesn't support this feature."
        )
    steps: list[Step] = []
    for word in command.arguments:
        wanted = [one_object(command, word, "pods")]
        (found,) = session.run(command, fetch(place.client, wanted, Scope(place.target.namespace)))
        steps += _steps(command, place, found, asked, lines)
    # As kubectl, which says how the container is called and not that it is there.
    text = "" if command.on("quiet") else "\n".join(lines)
    changes = Changes(
        command, place, tuple(steps), what_failed="containers were not made", printed=lambda _objects: text
    )
    return carry_out(changes, session)


def _asked(command: Command) -> Debugging:
    images = _pairs(command, "set-image")
    copy_to, image, container = command.text("copy-to"), command.text("image"), command.text("container")
    if copy_to:
        if not image and not images and not command.rest:
            raise command.usage_error("you must specify --image, --set-image or command arguments.")
        if command.rest and not container and not image:
            raise command.usage_error("you must specify an existing container or a new image when specifying args.")
        if command.has("target"):
            raise command.usage_error("--target is incompatible with --copy-to. Use --share-processes instead.")
    else:
        for name in ("replace", "same-node", "set-image"):
            if command.has(name) and command.value(name):
                raise command.usage_error(f"--{name} may only be used with --copy-to.", at=f"--{name}")
        if not image:
            raise command.usage_error("you must specify --image when not using --copy-to.")
    for each in (image, *images.values()):
        if each and not is_image(each):
            raise command.usage_error(f'invalid image name "{each}": invalid reference format', at=each)
    if not command.arguments:
        raise command.usage_error("NAME or filename is required for debug")
    profile = command.text("profile")
    keeping = (
        "keep-labels",
        "keep-annotations",
        "keep-liveness",
        "keep-readiness",
        "keep-startup",
        "keep-init-containers",
    )
    if profile not in PROFILES:
        raise command.usage_error(f"unknown profile: {profile}", at=profile)
    if profile == "legacy":
        sys.stderr.write(_LEGACY)
    return Debugging(
        image=image,
        container=container,
        words=command.rest,
        as_arguments=command.on("arguments-only"),
        env=tuple(_pairs(command, "env").items()),
        pull_policy=command.text("image-pull-policy"),
        profile=profile,
        target=command.text("target"),
        copy_to=copy_to,
        same_node=command.on("same-node"),
        images=images,
        keeps=frozenset(name.removeprefix("keep-") for name in keeping if command.on(name)),
        shares=command.on("share-processes") if command.has("share-processes") else None,
        suffix=random_suffix,
    )


def _pairs(command: Command, name: str) -> dict[str, str]:
    """``KEY=VALUE,…`` as pflag's StringToString has it."""
    found: dict[str, str] = {}
    for word in comma_separated(command, name):
        key, equals, value = word.partition("=")
        if not equals:
            raise command.usage_error(f"{word} must be formatted as key=value", at=word)
        found[key] = value
    return found


def _steps(command: Command, place: Place, found: Fetched, asked: Debugging, lines: list[str]) -> list[Step]:
    resource, obj = found.resource, found.objects[0]
    namespace = place.target.namespace
    if (resource.group, resource.resource) == ("", "nodes"):
        made = pod_on(meta.name(obj), asked)
        container = made["spec"]["containers"][0]["name"]
        lines.append(f"Creating debugging pod {meta.name(made)} with container {container} on node {meta.name(obj)}.")
        return [Create(resource_of(made), made, namespace)]
    if (resource.group, resource.resource) != ("", "pods"):
        raise command.usage_error(f'"{resource.api_version}, Kind={resource.kind}" not supported by debug')
    if asked.copy_to:
        made, name = copy_of(obj, asked)
        _say(command, made, next((each for each in made["spec"]["containers"] if each["name"] == name), {}), lines)
        steps: list[Step] = [Create(resource, made, meta.namespace(obj))]
        return [*steps, Delete(resource, obj, DeleteOptions(grace_seconds=0))] if command.on("replace") else steps
    container = ephemeral(obj, asked)
    _say(command, obj, container, lines)
    old = obj["spec"].get("ephemeralContainers") or []
    patch = {"spec": {"ephemeralContainers": [*old, container]}}
    return [
        Change(resource, meta.name(obj), obj, patch, "debugged", type="strategic", subresource="ephemeralcontainers")
    ]


def _say(command: Command, pod: JSONObject, container: JSONObject, lines: list[str]) -> None:
    if container and not command.text("container"):
        lines.append(f"Defaulting debug container name to {container['name']}.")
    if container and (text := warning_of(pod, container)):
        warn(text)
