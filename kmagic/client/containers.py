"""The containers of a Pod as the server sends it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.door import reads_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.api.types import JSONObject

__all__ = ("DEFAULT_CONTAINER", "names_of", "status_of", "usual_of")

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
"""The annotation that names the container that is meant where none is named."""


@reads_objects
def names_of(pod: JSONObject) -> list[str]:
    """The names of init containers, containers and ephemeral ones, in the order they start."""
    return list(_names(pod, "initContainers", "containers", "ephemeralContainers"))


@reads_objects
def usual_of(pod: JSONObject) -> str:
    """The container that is meant where none is named; "" where there is none."""
    names = list(_names(pod, "containers"))
    chosen = str(meta.annotations(pod).get(DEFAULT_CONTAINER) or "")
    return chosen if chosen in names or not names else names[0]


@reads_objects
def status_of(pod: JSONObject, container: str) -> dict[str, Any]:
    """The status of a container; empty before it has one."""
    status = pod.get("status") or {}
    for part in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for each in status.get(part) or ():
            if each.get("name") == container:
                return dict(each)
    return {}


def _names(pod: JSONObject, *parts: str) -> Iterator[str]:
    spec = pod.get("spec") or {}
    for part in parts:
        yield from (str(each.get("name")) for each in spec.get(part) or ())
