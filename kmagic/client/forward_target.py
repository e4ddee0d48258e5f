"""The Pod of a forwarded connection: the one that was named, or a ready one behind something else.

An object before Pods (a Service, a Deployment, anything else that selects Pods) is resolved again for every
connection: the Pod of the last one stays while it is ready, else another ready one takes its place.

Source: k8s.io/kubectl/pkg/cmd/portforward, k8s.io/kubectl/pkg/polymorphichelpers/attachablepodforobject.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from kmagic.api.trouble import is_ready
from kmagic.client.codec import DictCodec
from kmagic.client.pods_of import PODS, by_activity, pod_selector, selecting, state_of
from kmagic.client.resource import AsyncResource
from kmagic.errors import ArgumentError, NotFoundError, StreamError
from kmagic.rest import ports as parsing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.rest import RESTClient

__all__ = ("ForwardTarget", "OnePod", "SelectedPods", "forward_target")


class ForwardTarget(Protocol):
    """The destination of forwarded connections."""

    async def prepare(self, ports: Sequence[str | int]) -> tuple[str | int, ...]:
        """Looks that it is there, and gives named ports their numbers; raises if there is nothing to connect to."""
        ...

    async def pick(self, port: int) -> tuple[str, int]:
        """The Pod's name and its port for a new connection to `port`."""
        ...


# Enough to see why none is ready.
_STATES_SAID = 3


def forward_target(rest: RESTClient, namespace: str | None, name: str) -> ForwardTarget:
    """Reads ``"web-0"``, ``"pod/web-0"``, ``"svc/web"``, ``"deploy/web"``.

    Raises:
        ArgumentError: Not such a text.
    """
    resource, own_name = selecting(name)
    pods = AsyncResource(rest, PODS, DictCodec(), namespace)
    if resource is PODS:
        return OnePod(pods, own_name)
    return SelectedPods(pods, AsyncResource(rest, resource, DictCodec(), namespace), own_name)


class OnePod:
    """A Pod and no other."""

    def __init__(self, pods: AsyncResource[JSONObject], name: str) -> None:
        self._pods = pods
        self._name = name

    async def prepare(self, ports: Sequence[str | int]) -> tuple[str | int, ...]:
        """See `ForwardTarget`."""
        pod = await self._pods.get(self._name)
        phase = (pod.get("status") or {}).get("phase")
        if phase not in (None, "Running"):
            raise StreamError(f'Pod "{self._name}" is not running, so there is nothing to forward to: {state_of(pod)}')
        return parsing.name_ports(ports, _container_ports(pod))

    async def pick(self, port: int) -> tuple[str, int]:
        """See `ForwardTarget`."""
        return self._name, port


class SelectedPods:
    """A ready Pod of those that an object selects.

    Args:
        pods: The resource of the Pods.
        owner: The resource of the object: a Service, or anything with a selector.
        name: The object's name.
    """

    def __init__(self, pods: AsyncResource[JSONObject], owner: AsyncResource[JSONObject], name: str) -> None:
        self._pods = pods
        self._owner = owner
        self._name = name
        self._selector = ""
        self._services_ports: list[JSONObject] | None = None
        self._current = ""

    async def prepare(self, ports: Sequence[str | int]) -> tuple[str | int, ...]:
        """See `ForwardTarget`."""
        found = await self._owner.get(self._name)
        spec: JSONObject = found.get("spec") or {}
        self._selector = pod_selector(found)
        if found.get("kind") == "Service":
            self._services_ports = list(spec.get("ports") or ())
        pod = await self._ready_pod()
        if self._services_ports is None:
            return parsing.name_ports(ports, _container_ports(pod))
        numbers = {str(item["name"]): int(item["port"]) for item in self._services_ports if item.get("name")}
        named = parsing.name_ports(ports, numbers)
        for pair in parsing.parse_ports(named):
            self._pods_port(pair.remote, pod)
        return named

    async def pick(self, port: int) -> tuple[str, int]:
        """See `ForwardTarget`."""
        pod = await self._ready_pod()
        return self._current, self._pods_port(port, pod)

    async def _ready_pod(self) -> JSONObject:
        if self._current:
            try:
                pod = await self._pods.get(self._current)
            except NotFoundError:
                pass
            else:
                if is_ready(pod):
                    return pod
        listed = await self._pods.list(label_selector=self._selector)
        ready = by_activity(filter(is_ready, listed.items))
        if not ready:
            states = [f"{pod['metadata']['name']} {state_of(pod)}" for pod in listed.items[:_STATES_SAID]]
            why = f": {', '.join(states)}{', …' if len(listed.items) > _STATES_SAID else ''}" if states else ""
            raise NotFoundError(
                f'none of the {len(listed.items)} Pods behind "{self._name}" ({self._selector}) is ready{why}',
                status={"reason": "NotFound", "code": 404},
            )
        self._current = str(ready[0]["metadata"]["name"])
        return ready[0]

    def _pods_port(self, port: int, pod: JSONObject) -> int:
        """A Service's port as the Pod's; the ports of anything else are the Pod's already."""
        if self._services_ports is None:
            return port
        entry = next((item for item in self._services_ports if item.get("port") == port), None)
        if entry is None:
            known = ", ".join(str(item.get("port")) for item in self._services_ports)
            raise ArgumentError(f'Service "{self._name}" has no port {port}, only: {known or "none"}')
        target = entry.get("targetPort") or port
        if isinstance(target, int):
            return target
        numbers = _container_ports(pod)
        if target not in numbers:
            raise ArgumentError(f'no container of Pod "{pod["metadata"]["name"]}" has a port named "{target}"')
        return numbers[target]


def _container_ports(pod: JSONObject) -> dict[str, int]:
    containers: Iterable[Any] = (pod.get("spec") or {}).get("containers") or ()
    return {
        str(port["name"]): int(port["containerPort"])
        for container in containers
        for port in container.get("ports") or ()
        if port.get("name")
    }
