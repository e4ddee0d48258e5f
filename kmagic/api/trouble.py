"""The trouble of an object in the words of its own status, and conditions that can no longer come true. Pure.

One set of rules for everybody who says why something is not ready: waits, rollouts, what a table shows.

Source: k8s.io/api/core/v1 (PodPhase, ContainerState), k8s.io/kubernetes/pkg/kubelet/images/types.go,
k8s.io/api/batch/v1 (JobConditionType).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.types import JSONObject

__all__ = ("ENDED", "Trouble", "exit_of", "is_ready", "never_met", "trouble_of")

ENDED = ("Succeeded", "Failed")
"""The phases of a Pod that has ended."""

# What a container waits for on its way to run.
_ON_ITS_WAY = ("ContainerCreating", "PodInitializing")
# Conditions that are well while they are True, those that come first say most.
_WELL = ("Progressing", "Available", "Ready", "Healthy", "Established", "Synced")
_WRONG = (
    "Failed",
    "FailureTarget",
    "ReplicaFailure",
    "Stalled",
    "Degraded",
    "Denied",
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
    "MemoryPressure",
    "DiskPressure",
    "PIDPressure",
    "NetworkUnavailable",
)
# One that is True keeps the other from ever becoming it.
_EXCLUDES: dict[str, dict[str, tuple[str, ...]]] = {
    "Job": {
        "complete": ("Failed", "FailureTarget"),
        "successcriteriamet": ("Failed", "FailureTarget"),
        "failed": ("Complete", "SuccessCriteriaMet"),
        "failuretarget": ("Complete", "SuccessCriteriaMet"),
    },
    "CertificateSigningRequest": {"approved": ("Denied",), "denied": ("Approved",)},
}


@dataclass(frozen=True)
class Trouble:
    """A problem of an object.

    Attributes:
        reason: In a word: ``ImagePullBackOff``, ``Unschedulable``.
        message: In the words of who found it, on one line; "" where there are none.
    """

    reason: str
    message: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}" if self.message else self.reason


@reads_objects
def trouble_of(obj: JSONObject) -> Trouble | None:
    """Returns the problem of an object as it is now; None when it has or reports none."""
    kind, status = obj.get("kind"), obj.get("status") or {}
    if kind == "Pod":
        return _of_pod(obj, status)
    conditions = {str(item.get("type")): item for item in status.get("conditions") or ()}
    bad = [conditions[name] for name in _WRONG if _is(conditions.get(name), "True")]
    bad += [conditions[name] for name in _WELL if _is(conditions.get(name), "False", "Unknown")]
    if bad:
        return Trouble(str(bad[0].get("reason") or bad[0].get("type")), _line(bad[0].get("message")))
    if kind == "PersistentVolumeClaim" and status.get("phase") == "Lost":
        return Trouble("Lost", "its volume is gone")
    return None


def _of_pod(pod: JSONObject, status: JSONObject) -> Trouble | None:
    if meta.deletion_timestamp(pod):
        return None
    containers = list(_containers(status))
    if status.get("phase") == "Failed":
        if status.get("reason") or status.get("message"):
            return Trouble(str(status.get("reason") or "Failed"), _line(status.get("message")))
        return next(filter(None, map(_ended, containers)), Trouble("Failed"))
    for container in containers:
        waiting: JSONObject = (container.get("state") or {}).get("waiting") or {}
        reason = str(waiting.get("reason") or "")
        if reason and reason not in _ON_ITS_WAY:
            return Trouble(reason, _line(f"container {container.get('name')}: {waiting.get('message') or ''}"))
        ended = _ended(container)
        if ended and status.get("phase") != "Succeeded":
            return ended
    for item in status.get("conditions") or ():
        if item.get("type") == "PodScheduled" and item.get("status") == "False":
            return Trouble(str(item.get("reason") or "Unschedulable"), _line(item.get("message")))
    return None


def _containers(status: JSONObject) -> Iterator[JSONObject]:
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()


@reads_objects
def is_ready(pod: JSONObject, *, deleted_too: bool = False) -> bool:
    """Returns whether a Pod is ready for traffic; one that is being deleted counts only with `deleted_too`."""
    if meta.deletion_timestamp(pod) and not deleted_too:
        return False
    return any(
        item.get("type") == "Ready" and item.get("status") == "True"
        for item in (pod.get("status") or {}).get("conditions") or ()
    )


@reads_objects
def exit_of(container: str, state: JSONObject) -> Trouble | None:
    """Returns how a container failed; None for one that did not.

    Args:
        container: Its name.
        state: Its ``state``, or the ``lastState`` from before its restart.
    """
    ended: JSONObject = state.get("terminated") or {}
    code = ended.get("exitCode")
    if not code:
        return None
    said = f": {ended['message']}" if ended.get("message") else ""
    return Trouble(str(ended.get("reason") or "Error"), _line(f"container {container} exited with {code}{said}"))


def _ended(container: JSONObject) -> Trouble | None:
    return exit_of(str(container.get("name")), container.get("state") or {})


@reads_objects
def never_met(obj: JSONObject, wanted: str) -> str:
    """Returns why a wait for ``condition=Ready`` or ``jsonpath={.status.phase}=Running`` can never be met.

    Args:
        obj: The object as it is; with its kind.
        wanted: As `kmagic.client.wait.parse` takes it.

    Returns:
        A sentence; "" where it may still come true.
    """
    what, _, rest = wanted.partition("=")
    status: JSONObject = obj.get("status") or {}
    kind, phase = str(obj.get("kind")), status.get("phase")
    if kind == "Pod" and phase in ENDED and _is_about_running(what, rest):
        trouble = trouble_of(obj)
        return f"the Pod has ended, its phase is {phase}" + (f" ({trouble})" if trouble else "")
    if what != "condition":
        return ""
    name, _, value = rest.partition("=")
    if value.lower() not in ("", "true"):
        return ""
    for other in _EXCLUDES.get(kind, {}).get(name.lower(), ()):
        for item in status.get("conditions") or ():
            if item.get("type") == other and _is(item, "True"):
                found = Trouble(str(item.get("reason") or other), _line(item.get("message")))
                return f"the {kind} is {other} ({found})"
    return ""


def _is_about_running(what: str, rest: str) -> bool:
    if what == "jsonpath":
        return rest.replace(" ", "").startswith("{.status.phase}=")
    name, _, value = rest.partition("=")
    return name.lower() in ("ready", "containersready") and value.lower() in ("", "true")


def _is(condition: JSONObject | None, *statuses: str) -> bool:
    return condition is not None and condition.get("status") in statuses


def _line(text: Any) -> str:
    return " ".join(str(text or "").split()).removesuffix(":")
