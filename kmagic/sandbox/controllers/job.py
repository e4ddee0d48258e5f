"""Jobs: run Pods until enough of them succeeded.

Source: pkg/controller/job, kubernetes v1.37.2; indexed jobs number their Pods, success and failure policies are not
simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.times import format_time, parse_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events, job_indexes
from kmagic.sandbox.controllers.claiming import claim, owner_or_matching
from kmagic.sandbox.controllers.pod_facts import active
from kmagic.sandbox.controllers.replica_set import pod_from_template
from kmagic.sandbox.storage.names import generate_name

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "reconcile")

NAME = "job-controller"
REACHED = ("CompletionsReached", "Reached expected number of succeeded pods")


def reconcile(client: Loopback, key: Key) -> float | None:
    """Starts missing Pods, counts ended ones, finishes the Job."""
    stored = client.store.get("jobs.batch", *key)
    if stored is None:
        return None
    job = stored.decode()
    status = job.get("status") or {}
    if job["metadata"].get("deletionTimestamp"):
        return None
    if finished := _finished(status):
        return _expire(client, stored, job, finished)
    pods = [pod.decode() for pod in claim(client, job, "pods")]
    phases = [(pod.get("status") or {}).get("phase") for pod in pods]
    succeeded, failed = phases.count("Succeeded"), phases.count("Failed")
    rule = None
    if indexed := job_indexes.is_indexed(job):
        indexes = job_indexes.completed(job, pods)
        succeeded, rule = len(indexes), job_indexes.matched_rule(job, indexes)
    restarts = sum(_restarts(pod) for pod in pods)
    running = [pod for pod in pods if active(pod)]
    spec = job["spec"]
    if spec.get("suspend"):
        return _suspend(client, stored, job, running)
    wanted = spec.get("completions")
    enough = succeeded >= wanted if wanted is not None else succeeded > 0 and not running
    done = enough or rule is not None
    # Failed Pods and, with restartPolicy OnFailure, restarts of containers count against the same limit: the limit is
    # the number of retries, so one failure more ends the Job. Upstream's delay between retries (10 s, doubled up to
    # 10 minutes) is not simulated.
    # Source: syncJob and pastBackoffLimitOnFailure in pkg/controller/job/job_controller.go.
    over = failed + restarts > spec.get("backoffLimit", 6)
    late = _is_late(client, spec, status)
    if not done and not over and not late:
        # No more Pods run than completions are missing. Without completions the first success means that the work is
        # done: running Pods end by themselves and no new one starts. Source: manageJob.
        left = spec.get("parallelism", 1) if wanted is None else min(spec.get("parallelism", 1), wanted - succeeded)
        if wanted is None and succeeded:
            left = len(running)
        for _ in range(len(running), left):
            _start_pod(client, job, pods)
    words = () if not done else REACHED if rule is None else ("SuccessPolicy", f"Matched rules at index {rule}")
    counts: JSONObject = {"succeeded": succeeded, "failed": failed}
    if indexed:
        counts["completedIndexes"] = job_indexes.written(indexes)
    _write(client, stored, job, counts, over=over, late=late, done=words)
    return _seconds_to_deadline(client, spec, status)


def _restarts(pod: JSONObject) -> int:
    states = (pod.get("status") or {}).get("containerStatuses") or ()
    return sum(state.get("restartCount", 0) for state in states) if pod["spec"]["restartPolicy"] == "OnFailure" else 0


def _finished(status: JSONObject) -> JSONObject | None:
    conditions = status.get("conditions") or ()
    return next((c for c in conditions if c["type"] in ("Complete", "Failed") and c["status"] == "True"), None)


def _expire(client: Loopback, stored: Stored, job: JSONObject, finished: JSONObject) -> float | None:
    """A finished Job with a time to live goes when that is over."""
    lives = job["spec"].get("ttlSecondsAfterFinished")
    if lives is None:
        return None
    left = float(parse_time(finished["lastTransitionTime"]).timestamp() + lives - client.now())
    if left > 0:
        return left
    base.delete(client, stored, propagation="Background")
    return None


def _suspend(client: Loopback, stored: Stored, job: JSONObject, running: list[JSONObject]) -> float | None:
    for pod in running:
        child = client.store.get("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
        if child is not None:
            base.delete(client, child)
    status = {k: v for k, v in (job.get("status") or {}).items() if k not in ("startTime", "active", "ready")}
    if not any(c["type"] == "Suspended" and c["status"] == "True" for c in status.get("conditions") or ()):
        status["conditions"] = [_condition(client, "Suspended", "JobSuspended", "Job suspended")]
        events.record(client, job, "Suspended", "Job suspended", component=NAME)
    base.update_status(client, stored, status)
    return None


def _start_pod(client: Loopback, job: JSONObject, pods: list[JSONObject]) -> None:
    prefix = f"{job['metadata']['name']}-"
    body = pod_from_template(job["spec"]["template"], job)
    if job_indexes.is_indexed(job):
        index = job_indexes.assign(job, body, pods)
        if index is None:
            return
        prefix = f"{prefix}{index}-"
    body["metadata"] |= {"name": generate_name(prefix, client.rng), "generateName": prefix}
    created = base.create(client, body)
    pods.append(created.decode())
    events.record(client, job, "SuccessfulCreate", f"Created pod: {created.name}", component=NAME)


def _is_late(client: Loopback, spec: JSONObject, status: JSONObject) -> bool:
    left = _seconds_to_deadline(client, spec, status)
    return left is not None and left <= 0


def _seconds_to_deadline(client: Loopback, spec: JSONObject, status: JSONObject) -> float | None:
    if spec.get("activeDeadlineSeconds") is None or not status.get("startTime"):
        return None
    return float(parse_time(status["startTime"]).timestamp() + spec["activeDeadlineSeconds"] - client.now())


def _write(
    client: Loopback,
    stored: Stored,
    job: JSONObject,
    counts: JSONObject,
    *,
    over: bool,
    late: bool,
    done: tuple[str, ...],
) -> None:
    pods = [(pod, pod.decode()) for pod in base.children(client, job["metadata"]["uid"], "pods")]
    running = [(pod, obj) for pod, obj in pods if active(obj)]
    old = job.get("status") or {}
    status: JSONObject = {"startTime": old.get("startTime") or format_time(client.wall())}
    status |= {name: count for name, count in counts.items() if count}
    status |= {"uncountedTerminatedPods": {}, "terminating": 0}
    if done:
        for child, _ in running:
            base.delete(client, child)  # a success policy does not wait for the rest
        status["completionTime"] = format_time(client.wall())
        status["conditions"] = [_condition(client, kind, *done) for kind in ("SuccessCriteriaMet", "Complete")]
        events.record(client, job, "Completed", "Job completed", component=NAME)
    elif over or late:
        for child, _ in running:
            base.delete(client, child)
        words = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        if late:
            words = ("DeadlineExceeded", "Job was active longer than specified deadline")
        status["conditions"] = [_condition(client, kind, *words) for kind in ("FailureTarget", "Failed")]
        events.record(client, job, *words, component=NAME, warning=True)
    elif running:
        status["active"] = len(running)
    status["ready"] = sum(base.is_ready(obj) for _, obj in running) if not (over or done) else 0
    base.update_status(client, stored, status)


def _condition(client: Loopback, kind: str, reason: str, message: str) -> JSONObject:
    time = format_time(client.wall())
    return {
        "type": kind,
        "status": "True",
        "lastProbeTime": time,
        "lastTransitionTime": time,
        "reason": reason,
        "message": message,
    }


CONTROLLER = base.Controller(
    NAME, {"jobs.batch": base.itself, "pods": owner_or_matching("Job", "jobs.batch")}, reconcile
)
