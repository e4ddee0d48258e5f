"""Which Pod a forwarded connection goes to: the one that was named, or a ready one behind something else.

What stands before Pods (a Service, a Deployment, anything else that selects Pods) is asked anew for every
connection: the Pod of the last one stays while it is ready, else another ready one takes its place.

Source: k8s.io/kubectl/pkg/cmd/portforward, k8s.io/kubectl/pkg/polymorphichelpers/attachablepodforobject.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from kmagic.api.selectors import label_selector_of
from kmagic.client.codec import DictCodec
from kmagic.client.resource import AsyncResource
from kmagic.errors import NotFoundError, StreamError
from kmagic.rest import ports as parsing
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.rest import RESTClient

__all__ = ("ForwardTarget", "OnePod", "SelectedPods", "forward_target")


class ForwardTarget(Protocol):
    """Where connections go."""

    async def prepare(self, ports: Sequence[str | int]) -> tuple[str | int, ...]:
        """Looks that it is there, and gives named ports their numbers; raises if there is nothing to connect to."""
        ...

    async def pick(self, port: int) -> tuple[str, int]:
        """The Pod's name and its port for a new connection to `port`."""
        ...


# What selects Pods, by the names kubectl takes; it saves a look at discovery.
_SELECTING = {
    alias: APIResource(group, "v1", plural, kind, True)
    for group, plural, kind, short in (
        ("", "services", "Service", "svc"),
        ("", "replicationcontrollers", "ReplicationController", "rc"),
        ("apps", "deployments", "Deployment", "deploy"),
        ("apps", "replicasets", "ReplicaSet", "rs"),
        ("apps", "statefulsets", "StatefulSet", "sts"),
        ("apps", "daemonsets", "DaemonSet", "ds"),
        ("batch", "jobs", "Job", "job"),
    )
    for alias in (short, plural, kind.lower())
}
_PODS = APIResource("", "v1", "pods", "Pod", True)
# Enough to see why none is ready.
_STATES_SAID = 3


def forward_target(rest: RESTClient, namespace: str | None, name: str) -> ForwardTarget:
    """Reads ``"web-0"``, ``"pod/web-0"``, ``"svc/web"``, ``"deploy/web"``.

    Raises:
        ValueError: Not such a text.
    """
    kind, slash, rest_of_name = name.rpartition("/")
    pods = AsyncResource(rest, _PODS, DictCodec(), namespace)
    if not slash or kind in ("pod", "pods", "po"):
        return OnePod(pods, rest_of_name)
    if not rest_of_name or kind not in _SELECTING:
        known = ", ".join(sorted({item.kind.lower() for item in _SELECTING.values()}))
        raise ValueError(f'"{name}" is neither a Pod nor <type>/<name> with a type of: {known}')
    return SelectedPods(pods, AsyncResource(rest, _SELECTING[kind], DictCodec(), namespace), rest_of_name)


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
            raise StreamError(f'Pod "{self._name}" is not running, so there is nothing to forward to: {_state(pod)}')
        return parsing.name_ports(ports, _container_ports(pod))

    async def pick(self, port: int) -> tuple[str, int]:
        """See `ForwardTarget`."""
        return self._name, port


class SelectedPods:
    """A ready Pod of those that an object selects.

    Args:
        pods: Where the Pods are.
        owner: Where the object is: a Service, or anything with a selector.
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
        self._selector = _selector(found)
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
                if _is_ready(pod):
                    return pod
        # The oldest first, so that everybody who asks gets the same one and keeps it longest.
        listed = await self._pods.list(label_selector=self._selector)
        ready = sorted(filter(_is_ready, listed.items), key=lambda pod: str(pod["metadata"].get("creationTimestamp")))
        if not ready:
            states = [f"{pod['metadata']['name']} {_state(pod)}" for pod in listed.items[:_STATES_SAID]]
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
            raise ValueError(f'Service "{self._name}" has no port {port}, only: {known or "none"}')
        target = entry.get("targetPort") or port
        if isinstance(target, int):
            return target
        numbers = _container_ports(pod)
        if target not in numbers:
            raise ValueError(f'no container of Pod "{pod["metadata"]["name"]}" has a port named "{target}"')
        return numbers[target]


def _selector(found: JSONObject) -> str:
    selector: Any = (found.get("spec") or {}).get("selector")
    if selector and found.get("kind") in ("Service", "ReplicationController"):
        return ",".join(f"{key}={value}" for key, value in selector.items())
    if not selector:
        kind, name = found.get("kind"), found["metadata"]["name"]
        raise ValueError(f'{kind} "{name}" selects no Pods, so there is nothing to forward to')
    return str(label_selector_of(selector))


def _container_ports(pod: JSONObject) -> dict[str, int]:
    containers: Iterable[Any] = (pod.get("spec") or {}).get("containers") or ()
    return {
        str(port["name"]): int(port["containerPort"])
        for container in containers
        for port in container.get("ports") or ()
        if port.get("name")
    }


def _is_ready(pod: JSONObject) -> bool:
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions: Iterable[Any] = (pod.get("status") or {}).get("conditions") or ()
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions)


def _state(pod: JSONObject) -> str:
    """Why a Pod is not ready, in a word: ``ImagePullBackOff``, ``Unschedulable``, else its phase."""
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    status: JSONObject = pod.get("status") or {}
    containers = (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ()))
    waiting = [((each.get("state") or {}).get("waiting") or {}).get("reason") for each in containers]
    scheduled = [item.get("reason") for item in status.get("conditions") or () if item.get("type") == "PodScheduled"]
    reasons = [str(reason) for reason in (*waiting, *scheduled) if reason]
    return reasons[0] if reasons else f"{status.get('phase') or 'Unknown'}, not ready"
