"""The states of a Pod's containers over time: waiting, running, ended, restarted.

``advance`` is called whenever something may have changed; it moves every container over the times that have passed and
returns the Pod's new status, the events of the way, and the seconds until something else happens. Times are kept for
each Pod by uid in the nodes' memory.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from kmagic.api.times import format_micro_time, format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import faults
from kmagic.sandbox.kubelet.logs import Line
from kmagic.sandbox.kubelet.memory import ContainerLife, PodLife

if TYPE_CHECKING:
    from kmagic.sandbox.kubelet.memory import NodeMemory

__all__ = ("STOP_SECONDS", "Plan", "Recorded", "advance", "write_line")


# Seconds from assigned to created; a real node needs one to many seconds for an image.
PULL_SECONDS = 0.4

# Seconds that a container needs to stop when it is asked to.
STOP_SECONDS = 1.0

READY_SECONDS = 0.3
SLOW_READY_SECONDS = 20.0
CRASH_AFTER_SECONDS = 1.0
# Seconds that a container without a command runs where it is expected to end.
JOB_SECONDS = 1.5

BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 10.0, 300.0
PULL_BACKOFF_SECONDS = 10.0


class Recorded(msgspec.Struct, frozen=True):
    """An event to record about the Pod; ``container`` is "" when it is about the whole Pod."""

    reason: str
    message: str
    container: str = ""
    warning: bool = False


class Plan(msgspec.Struct):
    """The outcome of ``advance``."""

    status: JSONObject
    events: list[Recorded]
    seconds: float | None


def advance(node: NodeMemory, pod: JSONObject) -> Plan:
    """Moves a Pod's containers to the present."""
    uid = pod["metadata"]["uid"]
    memory = node.pods.get(uid)
    now = node.now()
    if memory is None:
        memory = node.pods[uid] = _begin(node, pod, now)
    recorded: list[Recorded] = []
    for spec in pod["spec"].get("containers") or ():
        container = memory.containers[spec["name"]]
        if container.image != spec["image"] and container.state in ("running", "backoff", "pull-backoff", "pull-error"):
            # A changed image restarts the container, as it does on a real node.
            container.image = spec["image"]
            container.state, container.due, container.restarts = "creating", now, container.restarts + 1
        while container.due is not None and container.due <= now:
            _step(node, pod, spec, container, recorded)
    dues = [c.due for c in memory.containers.values() if c.due is not None]
    seconds = max(0.0, min(dues) - now) + 0.005 if dues else None
    return Plan(_status(node, pod, memory), recorded, seconds)


def _begin(node: NodeMemory, pod: JSONObject, now: float) -> PodLife:
    containers = {}
    delay = PULL_SECONDS * node.rng.uniform(0.7, 1.6) / node.speed
    for spec in pod["spec"].get("containers") or ():
        containers[spec["name"]] = ContainerLife(spec["name"], spec["image"], since=now, due=now + delay)
    known = {
        c["type"]: (c["status"], c["lastTransitionTime"]) for c in (pod.get("status") or {}).get("conditions") or ()
    }
    return PodLife(containers, now, node.next_address(pod["spec"]["nodeName"]), known)


def _step(
    node: NodeMemory, pod: JSONObject, spec: JSONObject, container: ContainerLife, recorded: list[Recorded]
) -> None:
    """One transition at ``container.due``."""
    now = container.due or node.now()
    match container.state:
        case "creating" | "pull-error" | "pull-backoff":
            _pull(node, pod, container, now, recorded)
        case "running":
            if not container.ready and container.reason != "never":
                _become_ready(node, pod, spec, container, now)
            else:
                _end(node, pod, spec, container, now, recorded)
        case "exited" | "backoff":
            _restart(node, pod, spec, container, now, recorded)
        case _:
            container.due = None
    if container.state == "created":
        _start(node, pod, spec, container, now, recorded)


def _pull(node: NodeMemory, pod: JSONObject, container: ContainerLife, now: float, recorded: list[Recorded]) -> None:
    image = container.image
    if faults.of(pod) != "image-pull":
        took = f"{PULL_SECONDS * 1000:.0f}ms"
        recorded.append(Recorded("Pulling", f'Pulling image "{image}"', container.name))
        message = (
            f'Successfully pulled image "{image}" in {took} ({took} including waiting). Image size: 20971520 bytes.'
        )
        recorded.append(Recorded("Pulled", message, container.name))
        container.state = "created"
        return
    failure = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": not found'
    if container.state == "pull-error":
        container.state, container.due = "pull-backoff", now + PULL_BACKOFF_SECONDS / node.speed
        recorded.append(Recorded("BackOff", f'Back-off pulling image "{image}"', container.name))
        recorded.append(Recorded("Failed", "Error: ImagePullBackOff", container.name, warning=True))
        container.reason = f'Back-off pulling image "{image}": ErrImagePull: {failure}'
        return
    recorded.append(Recorded("Pulling", f'Pulling image "{image}"', container.name))
    recorded.append(Recorded("Failed", f'Failed to pull image "{image}": {failure}', container.name, warning=True))
    recorded.append(Recorded("Failed", "Error: ErrImagePull", container.name, warning=True))
    container.state, container.due, container.reason = "pull-error", now + 1.0 / node.speed, failure


def _start(
    node: NodeMemory, pod: JSONObject, spec: JSONObject, container: ContainerLife, now: float, recorded: list[Recorded]
) -> None:
    recorded.append(Recorded("Created", "Container created", container.name))
    recorded.append(Recorded("Started", "Container started", container.name))
    container.state, container.started, container.ready, container.reason = "running", now, False, ""
    fault = faults.of(pod)
    for line in _first_lines(spec, container, fault):
        write_line(node, pod, container.name, line, now)
    delay = SLOW_READY_SECONDS if fault == "slow-start" else READY_SECONDS
    if fault == "never-ready":
        container.reason, container.due = "never", None
        message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
        recorded.append(Recorded("Unhealthy", message, container.name, warning=True))
        return
    container.due = now + delay / node.speed


def _first_lines(spec: JSONObject, container: ContainerLife, fault: str) -> tuple[str, ...]:
    script = faults.script_of(spec)
    if script is not None:
        return script.lines
    if fault == "crash-loop":
        return ("starting", "reading configuration", "panic: missing DB_URL: the environment has no database to use")
    if fault == "oom":
        return ("starting", "loading the data set into memory")
    return (f"{container.name} ({container.image}) is starting", "listening on port 8080")


def write_line(node: NodeMemory, pod: JSONObject, container: str, text: str, at: float) -> None:
    """Writes one line into a container's log."""
    node.logs.write(
        pod["metadata"]["uid"], container, Line(format_micro_time(datetime.fromtimestamp(at, UTC)), text, at)
    )


def _become_ready(node: NodeMemory, pod: JSONObject, spec: JSONObject, container: ContainerLife, now: float) -> None:
    container.ready = True
    ends = _run_seconds(pod, spec)
    container.due = None if ends is None else max(now, container.started + ends / node.speed)


def _run_seconds(pod: JSONObject, spec: JSONObject) -> float | None:
    """Returns the seconds that the container runs from its start, None for ever."""
    fault, script = faults.of(pod), faults.script_of(spec)
    if fault in ("crash-loop", "oom"):
        return CRASH_AFTER_SECONDS
    if script is not None:
        return None if script.exit_code is None else max(script.seconds, READY_SECONDS)
    return JOB_SECONDS if pod["spec"].get("restartPolicy") != "Always" else None


def _end(
    node: NodeMemory, pod: JSONObject, spec: JSONObject, container: ContainerLife, now: float, recorded: list[Recorded]
) -> None:
    fault, script = faults.of(pod), faults.script_of(spec)
    container.exit_code = {"crash-loop": 1, "oom": 137}.get(fault, (script.exit_code or 0) if script else 0)
    reason = "OOMKilled" if fault == "oom" else "Completed" if container.exit_code == 0 else "Error"
    ended = {
        "exitCode": container.exit_code,
        "reason": reason,
        "startedAt": _time(container.started),
        "finishedAt": _time(now),
        "containerID": _container_id(pod, container),
    }
    container.last, container.ready, container.since = ended, False, now
    policy = pod["spec"].get("restartPolicy", "Always")
    again = policy == "Always" or (policy == "OnFailure" and container.exit_code != 0)
    node.logs.end(pod["metadata"]["uid"], container.name, restarts=again)
    if not again:
        container.state, container.due = "ended", None
        return
    container.state, container.due = "exited", now + 0.5 / node.speed
    if container.restarts == 0:
        return
    message = f"Back-off restarting failed container {container.name} in pod {pod['metadata']['name']}"
    recorded.append(Recorded("BackOff", message, container.name, warning=True))


def _restart(
    node: NodeMemory, pod: JSONObject, spec: JSONObject, container: ContainerLife, now: float, recorded: list[Recorded]
) -> None:
    """Restarts a container: the first time at once, then after a wait that doubles from 10 s to 5 minutes.

    Source: MaxContainerBackOff in pkg/kubelet/apis/config/v1beta1, doBackOff in
    pkg/kubelet/kuberuntime/kuberuntime_manager.go. Upstream forgets the waits of a container that ran for twice the
    longest one; here they last as long as the Pod.
    """
    if container.state == "exited" and container.restarts > 0:
        wait = min(BACKOFF_SECONDS * 2 ** (container.restarts - 1), MAX_BACKOFF_SECONDS)
        container.state, container.due = "backoff", container.since + wait / node.speed
        container.reason = f"back-off {wait:.0f}s restarting failed container={container.name}"
        if container.due > now:
            return
    container.restarts += 1
    message = f'Container image "{container.image}" already present on machine'
    recorded.append(Recorded("Pulled", message, container.name))
    _start(node, pod, spec, container, now, recorded)


def _status(node: NodeMemory, pod: JSONObject, memory: PodLife) -> JSONObject:
    containers = list(memory.containers.values())
    state = dict(pod.get("status") or {})
    ready = bool(containers) and all(container.ready for container in containers)
    phase = _phase(containers)
    state |= {
        "phase": phase,
        "hostIP": node.address_of(pod["spec"]["nodeName"]),
        "startTime": state.get("startTime") or _time(memory.created),
        "observedGeneration": pod["metadata"].get("generation", 1),
    }
    state["hostIPs"] = [{"ip": state["hostIP"]}]
    pulled = any(container.state not in ("creating",) for container in containers)
    if pulled:
        state["podIP"] = memory.address
        state["podIPs"] = [{"ip": memory.address}]
    why = _unready_reason(containers, phase)
    done = phase == "Succeeded"
    state["conditions"] = [
        _condition(node, pod, memory, "PodReadyToStartContainers", pulled),
        _condition(node, pod, memory, "Initialized", True, "PodCompleted" if done else ""),
        _condition(node, pod, memory, "Ready", ready, why[0], why[1]),
        _condition(node, pod, memory, "ContainersReady", ready, why[0], why[1]),
        _condition(node, pod, memory, "PodScheduled", True),
    ]
    state["containerStatuses"] = [_container_status(pod, container) for container in containers]
    return state


def _phase(containers: list[ContainerLife]) -> str:
    states = {container.state for container in containers}
    if states == {"ended"}:
        return "Failed" if any(container.exit_code for container in containers) else "Succeeded"
    if states <= {"creating", "pull-error", "pull-backoff"}:
        return "Pending"
    return "Running"


def _unready_reason(containers: list[ContainerLife], phase: str) -> tuple[str, str]:
    if phase == "Succeeded":
        return "PodCompleted", ""
    if phase == "Failed":
        return "PodFailed", ""
    unready = [container.name for container in containers if not container.ready]
    if not unready:
        return "", ""
    return "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]"


def _condition(
    node: NodeMemory, pod: JSONObject, memory: PodLife, kind: str, holds: bool, reason: str = "", message: str = ""
) -> JSONObject:
    before = memory.conditions.get(kind)
    time = before[1] if before and before[0] == str(holds) else _time(node.now())
    memory.conditions[kind] = (str(holds), time)
    condition: JSONObject = {
        "type": kind,
        "status": str(holds),
        "lastProbeTime": None,
        "lastTransitionTime": time,
        "observedGeneration": pod["metadata"].get("generation", 1),
    }
    if reason:
        condition["reason"] = reason
    if message:
        condition["message"] = message
    return condition


def _container_status(pod: JSONObject, container: ContainerLife) -> JSONObject:
    status: JSONObject = {
        "name": container.name,
        "image": container.image,
        "imageID": "",
        "ready": container.ready,
        "restartCount": container.restarts,
        "started": container.state == "running",
        "state": _container_state(container, pod),
        "lastState": {"terminated": container.last} if container.last and container.state != "ended" else {},
    }
    if container.state not in ("creating", "pull-error", "pull-backoff"):
        status["containerID"] = _container_id(pod, container)
        status["imageID"] = f"{container.image}@sha256:{pod['metadata']['uid'].replace('-', '') * 2}"
    if container.state == "exited":
        status["lastState"] = {}
    return status


def _container_state(container: ContainerLife, pod: JSONObject) -> JSONObject:
    match container.state:
        case "creating":
            return {"waiting": {"reason": "ContainerCreating"}}
        case "pull-error":
            return {"waiting": {"reason": "ErrImagePull", "message": container.reason}}
        case "pull-backoff":
            return {"waiting": {"reason": "ImagePullBackOff", "message": container.reason}}
        case "backoff":
            name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
            message = f"{container.reason} pod={name}_{namespace}({pod['metadata']['uid']})"
            return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
        case "exited" | "ended":
            return {"terminated": container.last}
    return {"running": {"startedAt": _time(container.started)}}


def _container_id(pod: JSONObject, container: ContainerLife) -> str:
    return f"kmagic://{pod['metadata']['uid'].replace('-', '')}{container.restarts:08x}"


def _time(at: float) -> str:
    return format_time(datetime.fromtimestamp(at, UTC))
