"""Facts of a Pod that controllers count, read once a version: at each change of one they look at thousands.

Source: pkg/controller/controller_utils.go and pkg/api/v1/pod/util.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from kmagic.api.conditions import condition_of
from kmagic.api.quantity import Quantity
from kmagic.api.times import instant
from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    from kmagic.sandbox.storage.store import Stored

__all__ = ("PodFacts", "active", "pod_facts", "requests_of")

ENDED = ("Succeeded", "Failed")


class PodFacts(msgspec.Struct, frozen=True):
    """One version of a Pod, as controllers count it.

    Attributes:
        phase: Its phase, "" before it has one.
        active: True where it counts: not ended and not being deleted.
        node: Name of its node, "" without one.
        created: Time of its creation, RFC 3339.
        ready_since: Moment its Ready condition became true (seconds since the epoch), or None.
        requests: Its requests in thousandths, by resource.
    """

    phase: str
    active: bool
    node: str
    created: str
    ready_since: float | None
    requests: dict[str, int]

    @property
    def ended(self) -> bool:
        """True for a Pod that runs no more and uses nothing."""
        return self.phase in ENDED

    def is_available(self, now: float, min_ready_seconds: int) -> bool:
        """Returns whether it has been ready for so long."""
        return self.ready_since is not None and (not min_ready_seconds or now - self.ready_since >= min_ready_seconds)


def pod_facts(stored: Stored) -> PodFacts:
    """The facts of a stored Pod, kept with its version."""
    kept: PodFacts | None = stored.forms.get(("pod", "facts"))
    if kept is None:
        pod = stored.decode()
        kept = stored.forms["pod", "facts"] = PodFacts(
            phase=(pod.get("status") or {}).get("phase", ""),
            active=active(pod),
            node=pod["spec"].get("nodeName", ""),
            created=pod["metadata"]["creationTimestamp"],
            ready_since=_ready_since(pod),
            requests=requests_of(pod),
        )
    return kept


def _ready_since(pod: JSONObject) -> float | None:
    ready = condition_of(pod, "Ready")
    if ready.get("status") != "True":
        return None
    since = instant(ready.get("lastTransitionTime") or "")
    return since.timestamp() if since else math.inf  # without a time, or with none to read: ready, and never for long


def active(pod: JSONObject) -> bool:
    """Returns whether a Pod counts: not ended and not being deleted."""
    ended = (pod.get("status") or {}).get("phase") in ENDED
    return not ended and not pod["metadata"].get("deletionTimestamp")


def requests_of(pod: JSONObject) -> dict[str, int]:
    """Returns the resource requests of a Pod in thousandths, which add up exactly."""
    total: dict[str, int] = {}
    for container in pod["spec"].get("containers") or ():
        for name, quantity in ((container.get("resources") or {}).get("requests") or {}).items():
            total[name] = total.get(name, 0) + Quantity(str(quantity)).millis
    return total
