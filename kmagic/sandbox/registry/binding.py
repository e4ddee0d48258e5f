"""Binding: a Pod is given to a node.

Source: pkg/registry/core/pod/storage/storage.go, kubernetes v1.37.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.gvk import GroupResource
from kmagic.api.times import format_time
from kmagic.sandbox import status

if TYPE_CHECKING:
    from kmagic.sandbox.registry.objects import Objects, Options
    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Stored

__all__ = ("bind",)


def bind(objects: Objects, resource: Resource, current: Stored, node: str, written: Options) -> None:
    """Gives a Pod to a node.

    Raises:
        APIError: 409 when it has one.
    """
    pod = current.decode()
    if pod["spec"].get("nodeName"):
        why = f'pod {current.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
        raise status.conflict(GroupResource("", "pods/binding"), current.name, why)
    pod["spec"]["nodeName"] = node
    time = format_time(objects.wall())
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": time}
    if "generation" in pod["metadata"]:
        scheduled["observedGeneration"] = pod["metadata"]["generation"]
    kept = [c for c in (pod.get("status") or {}).get("conditions") or () if c["type"] != "PodScheduled"]
    pod.setdefault("status", {})["conditions"] = [*kept, scheduled]
    if written.dry_run:
        return
    # Binding writes spec and status at once and counts no generation.
    objects.store.put(resource.type.full_name, pod)
    for notify in objects.on_write:
        notify(resource, current.decode(), pod)
