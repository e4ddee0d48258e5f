"""The lists that are read beside an object for its description: Pods of a workload, endpoints of a Service, quotas of a Namespace.

Source: k8s.io/kubectl/pkg/describe/describe.go (the Describe method of each describer), v0.37.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.gvk import GroupVersionKind
from kmagic.errors import ForbiddenError, NoMatchError, NotFoundError
from kmagic.views.describe import DESCRIBERS
from kmagic.views.describers.page import Related, get, selector_text

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient

__all__ = ("read_related",)

_SERVICE = "kubernetes.io/service-name"
_LEASES = "kube-node-lease"


@dataclass(frozen=True)
class _Read:
    """One list to read; `name` reads one object instead."""

    type: str
    namespace: str | None
    labels: str = ""
    fields: str = ""
    name: str = ""


async def read_related(client: AsyncClient, obj: JSONObject) -> Related:
    """Reads the lists that the description of an object is told from, too; None for one that is forbidden."""
    found: dict[str, Sequence[JSONObject] | None] = {}
    for read in _reads(obj):
        key = read.type.partition(".")[0]
        try:
            resource = client.resource(read.type, read.namespace)
            if read.name:
                found[key] = [*(found.get(key) or ()), await resource.get(read.name)]
            else:
                listed = await resource.list(label_selector=read.labels or None, field_selector=read.fields or None)
                found[key] = [*(found.get(key) or ()), *listed.items]
        except NotFoundError:
            found.setdefault(key, [])
        except (ForbiddenError, NoMatchError):
            found[key] = None
    return found


@reads_objects
def _reads(obj: Mapping[str, Any]) -> list[_Read]:
    gvk = GroupVersionKind.of(dict(obj))
    if (gvk.group, gvk.kind) not in DESCRIBERS:
        # A Service of a custom group is another thing.
        return []
    name, namespace = meta.name(dict(obj)), meta.namespace(dict(obj))
    selector = get(obj, "spec", "selector")
    match str(obj.get("kind")):
        case "Deployment":
            return [_Read("replicasets.apps", namespace, selector_text(selector, none=""))]
        case "ReplicaSet" | "StatefulSet" | "DaemonSet":
            return [_Read("pods", namespace, selector_text(selector, none=""))]
        case "ReplicationController":
            return [_Read("pods", namespace, ",".join(f"{key}={value}" for key, value in (selector or {}).items()))]
        case "Service":
            return [_Read("endpointslices.discovery.k8s.io", namespace, f"{_SERVICE}={name}")]
        case "PersistentVolumeClaim":
            return [_Read("pods", namespace)]
        case "Namespace":
            return [_Read("resourcequotas", name), _Read("limitranges", name)]
        case "Node":
            fields = f"spec.nodeName={name},status.phase!=Failed,status.phase!=Succeeded"
            return [_Read("leases.coordination.k8s.io", _LEASES, name=name), _Read("pods", None, fields=fields)]
        case "Ingress":
            return [
                read
                for service in sorted(_backends(obj))
                for read in (
                    _Read("services", namespace, name=service),
                    _Read("endpointslices.discovery.k8s.io", namespace, f"{_SERVICE}={service}"),
                )
            ]
        case _:
            return []


def _backends(ingress: Mapping[str, Any]) -> set[str]:
    """The names of the Services behind an Ingress."""
    backends = [get(ingress, "spec", "defaultBackend")]
    for rule in get(ingress, "spec", "rules") or ():
        backends += [path.get("backend") for path in get(rule, "http", "paths") or ()]
    return {str(get(each, "service", "name")) for each in backends if get(each, "service", "name")}
