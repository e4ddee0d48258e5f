"""Workloads: Deployments, the sets, Jobs and CronJobs, and what scales and protects them.

Source: k8s.io/kubectl/pkg/describe/describe.go (describeDeployment, describeReplicaSet, describeJob, …), v0.37.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kmagic.api import meta, times
from kmagic.api.types import JSONObject
from kmagic.views.describers.page import (
    Page,
    controller,
    get,
    head,
    labels,
    labels_text,
    moment,
    notes,
    selector_text,
)
from kmagic.views.describers.pods import template

__all__ = (
    "cron_job",
    "daemon_set",
    "deployment",
    "disruption_budget",
    "job",
    "replica_set",
    "replication_controller",
    "stateful_set",
)

_HASH = "pod-template-hash"


def _notes(page: Page, obj: JSONObject) -> None:
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))


def _created(page: Page, obj: JSONObject) -> None:
    page.line(0, "CreationTimestamp:", moment(get(obj, "metadata", "creationTimestamp")))


def _conditions(page: Page, status: JSONObject) -> None:
    if status.get("conditions"):
        page.write(0, "Conditions:\n  Type\tStatus\tReason\n")
        page.line(1, "----", "------", "------")
        for each in status["conditions"]:
            page.line(1, f"{each.get('type')} ", each.get("status") or "", each.get("reason") or "")


def _pods_status(page: Page, obj: JSONObject) -> None:
    pods = page.related.get("pods")
    if pods is None:
        page.line(0, "Pods Status:", "error in fetching pods: forbidden")
        return
    phases = [get(each, "status", "phase") for each in pods if _is_of(each, obj)]
    words = (("Running", "Running"), ("Pending", "Waiting"), ("Succeeded", "Succeeded"), ("Failed", "Failed"))
    page.line(0, "Pods Status:", " / ".join(f"{phases.count(phase)} {word}" for phase, word in words))


def _is_of(each: JSONObject, owner: JSONObject) -> bool:
    return any(ref.get("controller") and ref.get("uid") == meta.uid(owner) for ref in meta.owner_references(each))


def deployment(page: Page, obj: JSONObject) -> None:
    """Writes a Deployment."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    head(page, obj)
    _created(page, obj)
    _notes(page, obj)
    page.line(0, "Selector:", selector_text(spec.get("selector"), none=""))
    counts = (
        (spec.get("replicas", 1), "desired"),
        *((status.get(f"{word}Replicas") or 0, word) for word in ("updated",)),
        (status.get("replicas") or 0, "total"),
        *((status.get(f"{word}Replicas") or 0, word) for word in ("available", "unavailable")),
    )
    page.line(0, "Replicas:", " | ".join(f"{number} {word}" for number, word in counts))
    page.line(0, "StrategyType:", get(spec, "strategy", "type") or "")
    page.line(0, "MinReadySeconds:", spec.get("minReadySeconds") or 0)
    if rolling := get(spec, "strategy", "rollingUpdate"):
        text = f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge"
        page.line(0, "RollingUpdateStrategy:", text)
    template(page, spec.get("template") or {})
    _conditions(page, status)
    sets = [each for each in page.related.get("replicasets") or () if _is_of(each, obj)]
    new = next((each for each in sets if _plain(get(each, "spec", "template")) == _plain(spec.get("template"))), None)
    if sets:
        page.line(0, "OldReplicaSets:", _sets([each for each in sets if each is not new]))
        page.line(0, "NewReplicaSet:", _sets([new] if new is not None else []))


def _plain(found: JSONObject | None) -> JSONObject:
    """A template without the label that tells one from the other."""
    metadata = (found or {}).get("metadata") or {}
    kept = {key: value for key, value in (metadata.get("labels") or {}).items() if key != _HASH}
    return {**(found or {}), "metadata": {"labels": kept, "annotations": metadata.get("annotations")}}


def _sets(found: Sequence[JSONObject]) -> str:
    texts = [
        f"{meta.name(each)} ({get(each, 'status', 'replicas') or 0}/{get(each, 'spec', 'replicas')} replicas created)"
        for each in found
    ]
    return ", ".join(texts) or "<none>"


def _replicas(page: Page, obj: JSONObject) -> None:
    current, desired = get(obj, "status", "replicas") or 0, get(obj, "spec", "replicas")
    page.line(0, "Replicas:", f"{current} current / {desired} desired")


def replica_set(page: Page, obj: JSONObject) -> None:
    """Writes a ReplicaSet."""
    head(page, obj)
    page.line(0, "Selector:", selector_text(get(obj, "spec", "selector")))
    _notes(page, obj)
    if owner := controller(obj):
        page.line(0, "Controlled By:", owner)
    _replicas(page, obj)
    _pods_status(page, obj)
    template(page, get(obj, "spec", "template"))
    _conditions(page, obj.get("status") or {})


def replication_controller(page: Page, obj: JSONObject) -> None:
    """Writes a ReplicationController."""
    head(page, obj)
    page.line(0, "Selector:", labels_text(get(obj, "spec", "selector")))
    _notes(page, obj)
    _replicas(page, obj)
    _pods_status(page, obj)
    template(page, get(obj, "spec", "template"))
    _conditions(page, obj.get("status") or {})


def stateful_set(page: Page, obj: JSONObject) -> None:
    """Writes a StatefulSet."""
    spec = obj.get("spec") or {}
    head(page, obj)
    _created(page, obj)
    page.line(0, "Selector:", selector_text(spec.get("selector"), none=""))
    _notes(page, obj)
    for title, field in (("Service Name", "serviceName"), ("Pod Management Policy", "podManagementPolicy")):
        if spec.get(field):
            page.line(0, f"{title}:", spec[field])
    page.line(0, "Replicas:", f"{spec.get('replicas')} desired | {get(obj, 'status', 'replicas') or 0} total")
    page.line(0, "Update Strategy:", get(spec, "updateStrategy", "type") or "")
    rolling = get(spec, "updateStrategy", "rollingUpdate") or {}
    if rolling.get("partition") is not None:
        page.line(1, "Partition:", rolling["partition"])
        if rolling.get("maxUnavailable") is not None:
            page.line(1, "MaxUnavailable:", rolling["maxUnavailable"])
    if kept := spec.get("persistentVolumeClaimRetentionPolicy"):
        page.line(0, "Persistent Volume Claim Retention Policy:")
        page.line(1, "WhenDeleted:", kept.get("whenDeleted") or "")
        page.line(1, "WhenScaled:", kept.get("whenScaled") or "")
    _pods_status(page, obj)
    template(page, spec.get("template"))
    _claims(page, spec.get("volumeClaimTemplates") or ())


def _claims(page: Page, claims: Sequence[JSONObject]) -> None:
    if not claims:
        page.line(0, "Volume Claims:", "<none>")
        return
    page.line(0, "Volume Claims:")
    for claim in claims:
        spec = claim.get("spec") or {}
        page.line(1, "Name:", meta.name(claim))
        page.line(1, "StorageClass:", spec.get("storageClassName") or "")
        for title in ("Labels", "Annotations"):
            values = sorted((get(claim, "metadata", title.lower()) or {}).items())
            texts = [f"{key}={value}\n" for key, value in values] or ["<none>\n"]
            page.write(0, f"  {title}:\t" + "  \t".join(texts))
        page.line(1, "Capacity:", get(spec, "resources", "requests", "storage") or "<default>")
        page.line(1, "Access Modes:", f"[{' '.join(spec.get('accessModes') or ())}]")


def daemon_set(page: Page, obj: JSONObject) -> None:
    """Writes a DaemonSet."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    head(page, obj)
    page.line(0, "Selector:", selector_text(spec.get("selector"), none=""))
    page.line(0, "Node-Selector:", labels_text(get(spec, "template", "spec", "nodeSelector")))
    _notes(page, obj)
    for title, field in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        page.line(0, f"{title}: {status.get(field) or 0}")
    _pods_status(page, obj)
    template(page, spec.get("template"))


def job(page: Page, obj: JSONObject) -> None:
    """Writes a Job."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    head(page, obj)
    page.line(0, "Selector:", selector_text(spec.get("selector"), none=""))
    _notes(page, obj)
    if owner := controller(obj):
        page.line(0, "Controlled By:", owner)
    _job_numbers(page, spec)
    if status.get("startTime"):
        page.line(0, "Start Time:", moment(status["startTime"]))
    if status.get("completionTime"):
        page.line(0, "Completed At:", moment(status["completionTime"]))
    begun, ended = times.instant(status.get("startTime") or ""), times.instant(status.get("completionTime") or "")
    if begun and ended:
        page.line(0, "Duration:", times.human_duration((ended - begun).total_seconds()))
    if spec.get("activeDeadlineSeconds") is not None:
        page.line(0, "Active Deadline Seconds:", f"{spec['activeDeadlineSeconds']}s")
    active, succeeded, failed = (status.get(field) or 0 for field in ("active", "succeeded", "failed"))
    ready = f" ({status['ready']} Ready)" if status.get("ready") is not None else ""
    page.line(0, "Pods Statuses:", f"{active} Active{ready} / {succeeded} Succeeded / {failed} Failed")
    if spec.get("completionMode") == "Indexed":
        page.line(0, "Completed Indexes:", _indexes(status.get("completedIndexes") or ""))
    template(page, spec.get("template"))


def _job_numbers(page: Page, spec: JSONObject) -> None:
    if spec.get("parallelism") is not None:
        page.line(0, "Parallelism:", spec["parallelism"])
    page.line(0, "Completions:", "<unset>" if spec.get("completions") is None else spec["completions"])
    for title, field in (
        ("Completion Mode", "completionMode"),
        ("Suspend", "suspend"),
        ("Backoff Limit", "backoffLimit"),
        ("TTL Seconds After Finished", "ttlSecondsAfterFinished"),
    ):
        if (value := spec.get(field)) is not None:
            page.line(0, f"{title}:", str(value).lower() if isinstance(value, bool) else value)


def _indexes(text: str) -> str:
    end = text.find(",", 50)
    return (text if end < 0 else f"{text[: end + 1]}...") or "<none>"


def cron_job(page: Page, obj: JSONObject) -> None:
    """Writes a CronJob."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    inner = get(spec, "jobTemplate", "spec") or {}
    head(page, obj)
    _notes(page, obj)
    page.line(0, "Schedule:", spec.get("schedule") or "")
    page.line(0, "Concurrency Policy:", spec.get("concurrencyPolicy") or "")
    page.line(0, "Suspend:", _unset(spec.get("suspend")))
    page.line(0, "Time Zone:", _unset(spec.get("timeZone")))
    page.line(0, "Successful Job History Limit:", _unset(spec.get("successfulJobsHistoryLimit")))
    page.line(0, "Failed Job History Limit:", _unset(spec.get("failedJobsHistoryLimit")))
    page.line(0, "Starting Deadline Seconds:", _unset(spec.get("startingDeadlineSeconds"), "s"))
    chosen = inner.get("selector")
    page.line(0, "Selector:", "<unset>" if chosen is None else selector_text(chosen, none=""))
    page.line(0, "Parallelism:", _unset(inner.get("parallelism")))
    page.line(0, "Completions:", _unset(inner.get("completions")))
    if inner.get("activeDeadlineSeconds") is not None:
        page.line(0, "Active Deadline Seconds:", f"{inner['activeDeadlineSeconds']}s")
    template(page, inner.get("template"))
    last = status.get("lastScheduleTime")
    page.line(0, "Last Schedule Time:", moment(last) if last else "<unset>")
    active = [str(each.get("name")) for each in status.get("active") or ()]
    page.line(0, "Active Jobs:", ", ".join(active) or "<none>")


def _unset(value: Any, unit: str = "") -> str:
    return "<unset>" if value is None else f"{value}{unit}"


def disruption_budget(page: Page, obj: JSONObject) -> None:
    """Writes a PodDisruptionBudget."""
    spec: Mapping[str, Any] = obj.get("spec") or {}
    head(page, obj)
    if spec.get("minAvailable") is not None:
        page.line(0, "Min available:", spec["minAvailable"])
    elif spec.get("maxUnavailable") is not None:
        page.line(0, "Max unavailable:", spec["maxUnavailable"])
    chosen = spec.get("selector")
    page.line(0, "Selector:", "<unset>" if chosen is None else selector_text(chosen))
    page.line(0, "Status:")
    for title, field in (
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ):
        page.line(2, f"{title}:", get(obj, "status", field) or 0)
