"""The table cells of a Pod: readiness, the one word that sums up its state, and restarts.

Source: printPod in pkg/printers/internalversion/printers.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    from kmagic.sandbox.printers.ages import Ages

__all__ = ("pod_row", "row_conditions")

NONE = "<none>"


class _Counts(NamedTuple):
    reason: str
    ready: int
    restarts: int
    last_restart: str


def pod_row(pod: JSONObject, ages: Ages) -> list[Any]:
    """The nine cells of a Pod's row, wide ones included."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    sidecars = {c["name"] for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"}
    total = len(spec.get("containers") or ()) + len(sidecars)
    counts = _summary(spec, status, sidecars)
    restarts = str(counts.restarts)
    if counts.restarts and counts.last_restart:
        restarts += f" ({ages.since(counts.last_restart)} ago)"
    return [
        pod["metadata"]["name"],
        f"{counts.ready}/{total}",
        _terminating(pod, status) or counts.reason,
        restarts,
        ages.since(pod["metadata"].get("creationTimestamp")),
        (status.get("podIPs") or [{}])[0].get("ip") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _gates(spec, status),
    ]


def row_conditions(pod: JSONObject) -> list[JSONObject]:
    """Returns the conditions of the row of a Pod that has ended; kubectl greys it."""
    phase = (pod.get("status") or {}).get("phase")
    words = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}
    if phase not in words:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": words[phase]}]


def _summary(spec: JSONObject, status: JSONObject, sidecars: set[str]) -> _Counts:
    reason = status.get("reason") or status.get("phase", "")
    conditions = status.get("conditions") or ()
    if any(c["type"] == "PodScheduled" and c.get("reason") == "SchedulingGated" for c in conditions):
        reason = "SchedulingGated"
    stuck, init = _init_containers(spec, status, sidecars, reason)
    if stuck and not _condition(status, "Initialized"):
        return init
    kept = [c for c in status.get("initContainerStatuses") or () if c["name"] in sidecars]
    return _main_containers(status, init.reason if stuck else reason, kept, init.ready)


def _init_containers(spec: JSONObject, status: JSONObject, sidecars: set[str], reason: str) -> tuple[bool, _Counts]:
    ready, restarts, last = 0, 0, ""
    for index, container in enumerate(status.get("initContainerStatuses") or ()):
        restarts += container.get("restartCount", 0)
        last = max(last, _finished(container))
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        if ended and ended["exitCode"] == 0:
            continue
        if container["name"] in sidecars and container.get("started"):
            ready += bool(container.get("ready"))
            continue
        if ended:
            why = "Init:" + (ended.get("reason") or _exit(ended))
        elif waiting.get("reason") not in (None, "", "PodInitializing"):
            why = "Init:" + waiting["reason"]
        else:
            why = f"Init:{index}/{len(spec.get('initContainers') or ())}"
        return True, _Counts(why, ready, restarts, last)
    return False, _Counts(reason, ready, restarts, last)


def _main_containers(status: JSONObject, reason: str, sidecars: list[JSONObject], ready: int) -> _Counts:
    restarts = sum(c.get("restartCount", 0) for c in sidecars)
    last = max(map(_finished, sidecars), default="")
    running, error = False, ""
    for container in reversed(status.get("containerStatuses") or ()):
        restarts += container.get("restartCount", 0)
        last = max(last, _finished(container))
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        if waiting.get("reason"):
            reason = waiting["reason"]
        elif ended:
            reason = ended.get("reason") or _exit(ended)
            if ended["exitCode"] != 0:
                error = reason
        elif container.get("ready") and state.get("running") is not None:
            running = True
            ready += 1
    if reason == "Completed":
        if running and _condition(status, "Ready"):
            reason = "Running"
        elif error:
            reason = error
        elif running:
            reason = "NotReady"
    return _Counts(reason, ready, restarts, last)


def _terminating(pod: JSONObject, status: JSONObject) -> str:
    if not pod["metadata"].get("deletionTimestamp"):
        return ""
    if status.get("reason") == "NodeLost":
        return "Unknown"
    return "" if status.get("phase") in ("Succeeded", "Failed") else "Terminating"


def _exit(ended: JSONObject) -> str:
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended['exitCode']}"


def _finished(container: JSONObject) -> str:
    ended = (container.get("lastState") or {}).get("terminated") or {}
    return ended.get("finishedAt") or ""


def _condition(status: JSONObject, kind: str) -> bool:
    return any(c["type"] == kind and c["status"] == "True" for c in status.get("conditions") or ())


def _gates(spec: JSONObject, status: JSONObject) -> str:
    gates = spec.get("readinessGates") or ()
    if not gates:
        return NONE
    return f"{sum(_condition(status, gate['conditionType']) for gate in gates)}/{len(gates)}"
