"""The memory of the simulated nodes; lost with the process, as a kubelet's memory is."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import msgspec

from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    import random

    from kmagic.sandbox.kubelet.logs import LogBook
    from kmagic.sandbox.registry.loopback import Loopback

__all__ = ("ContainerLife", "NodeMemory", "PodLife")

# The value for a node that was given none.
POD_RANGE = "10.244.0.0/24"
# Addresses of a range that are not for Pods: the network's, the node's and the broadcast.
RESERVED = 3
# Addresses of a big range that are used.
MOST_PODS = 256


class ContainerLife(msgspec.Struct):
    """A container's life; ``due`` is when its state changes next (seconds since the epoch), or None."""

    name: str
    image: str
    state: str = "creating"
    since: float = 0.0
    due: float | None = None
    started: float = 0.0
    restarts: int = 0
    ready: bool = False
    reason: str = ""
    exit_code: int = 0
    last: JSONObject | None = None


class PodLife(msgspec.Struct):
    """The memory of one Pod in a kubelet.

    Attributes:
        revision: The version of the Pod that was brought to its present state.
        until: Moment of the next step (seconds since the epoch); infinite when none is left.
    """

    containers: dict[str, ContainerLife]
    created: float
    address: str
    conditions: dict[str, tuple[str, str]] = {}  # msgspec copies the default
    revision: int = 0
    until: float = 0.0


class NodeMemory:
    """Pods by uid, addresses by node, logs.

    Args:
        client: Client of the server.
        logs: Receives the containers' lines.
        speed: Factor by which containers live faster than the clock.
    """

    def __init__(self, client: Loopback, logs: LogBook, speed: float = 1.0) -> None:
        self.logs = logs
        self.speed = speed
        self.rng: random.Random = client.rng
        self.pods: dict[str, PodLife] = {}
        self.stopping: set[str] = set()
        self._client = client
        self._addresses: dict[str, int] = {}

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._client.now()

    def forget(self, uid: str) -> None:
        """A Pod is gone."""
        self.stopping.discard(uid)
        self.pods.pop(uid, None)
        self.logs.forget(uid)

    def next_address(self, node: str) -> str:
        """A free Pod address of a node, out of its range."""
        number = self._addresses[node] = self._addresses.get(node, 1) + 1
        spec = self._node(node).get("spec") or {}
        try:
            network = ipaddress.ip_network(spec.get("podCIDR") or POD_RANGE, strict=False)
        except ValueError:  # a Node may say anything
            network = ipaddress.ip_network(POD_RANGE)
        free = max(min(network.num_addresses, MOST_PODS) - RESERVED, 1)
        return str(network.network_address + (RESERVED - 1 + (number - 2) % free) % network.num_addresses)

    def address_of(self, node: str) -> str:
        """The internal address of a node, "" when it has none."""
        stored = self._client.store.get("nodes", "", node)
        if stored is None:
            return ""
        kept: str | None = stored.forms.get(("node", "address"))
        if kept is None:
            addresses = (stored.decode().get("status") or {}).get("addresses") or ()
            kept = next((a["address"] for a in addresses if a["type"] == "InternalIP"), "")
            stored.forms["node", "address"] = kept
        return kept

    def _node(self, name: str) -> JSONObject:
        stored = self._client.store.get("nodes", "", name)
        return {} if stored is None else stored.decode()
