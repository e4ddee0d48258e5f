"""An object described for people, word for word as ``kubectl describe`` does: what it is, how it is, what happened.

Kinds that kubectl knows have describers of their own (`describers`); every other kind is told from its fields.
Secrets are never shown, only their sizes; credentials in the fields of any kind are masked.

Source: k8s.io/kubectl/pkg/describe/describe.go (describerMap, genericDescriber, DescribeEvents), v0.37.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from kmagic.api.door import reads_objects
from kmagic.api.terminal import escape_terminal
from kmagic.api.types import JSONObject
from kmagic.views.describers import access, cluster, networks, pods, scaling, storage, workloads
from kmagic.views.describers.page import Describer, Page, Related, get, labels, notes, since
from kmagic.views.masking import mask_object

__all__ = ("DESCRIBERS", "describe")

DESCRIBERS: Mapping[tuple[str, str], Describer] = MappingProxyType(
    {
        ("", "ConfigMap"): storage.config_map,
        ("", "Endpoints"): networks.endpoints,
        ("", "LimitRange"): cluster.limit_range,
        ("", "Namespace"): cluster.namespace,
        ("", "Node"): cluster.node,
        ("", "PersistentVolume"): storage.persistent_volume,
        ("", "PersistentVolumeClaim"): storage.persistent_volume_claim,
        ("", "Pod"): pods.pod,
        ("", "ReplicationController"): workloads.replication_controller,
        ("", "ResourceQuota"): cluster.resource_quota,
        ("", "Secret"): storage.secret,
        ("", "Service"): networks.service,
        ("", "ServiceAccount"): access.service_account,
        ("apps", "DaemonSet"): workloads.daemon_set,
        ("apps", "Deployment"): workloads.deployment,
        ("apps", "ReplicaSet"): workloads.replica_set,
        ("apps", "StatefulSet"): workloads.stateful_set,
        ("autoscaling", "HorizontalPodAutoscaler"): scaling.autoscaler,
        ("batch", "CronJob"): workloads.cron_job,
        ("batch", "Job"): workloads.job,
        ("discovery.k8s.io", "EndpointSlice"): networks.endpoint_slice,
        ("networking.k8s.io", "Ingress"): networks.ingress,
        ("networking.k8s.io", "IngressClass"): networks.ingress_class,
        ("networking.k8s.io", "NetworkPolicy"): networks.network_policy,
        ("policy", "PodDisruptionBudget"): workloads.disruption_budget,
        ("rbac.authorization.k8s.io", "ClusterRole"): access.role,
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"): access.binding,
        ("rbac.authorization.k8s.io", "Role"): access.role,
        ("rbac.authorization.k8s.io", "RoleBinding"): access.binding,
        ("scheduling.k8s.io", "PriorityClass"): cluster.priority_class,
        ("storage.k8s.io", "StorageClass"): storage.storage_class,
    }
)

# Kinds of which kubectl shows no events.
_WITHOUT_EVENTS = frozenset(
    {
        "ClusterRole",
        "ClusterRoleBinding",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Secret",
    }
)
_NOT_TOLD = (
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
    ".metadata.labels",
    ".metadata.annotations",
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-+")
_ACRONYMS = frozenset({"API", "URL", "UID", "GUID"})


@reads_objects
def describe(
    obj: JSONObject,
    *,
    now: datetime,
    salt: bytes,
    events: Iterable[Mapping[str, Any]] | None = (),
    related: Related = MappingProxyType({}),
) -> str:
    """Describes one object.

    Args:
        obj: A whole object.
        now: The moment to which ages refer; aware.
        salt: For the masks of what must not be seen.
        events: The events about it, core/v1 or events.k8s.io/v1, in any order; None to tell nothing of them.
        related: Lists that were read for it, by type: ``pods``, ``endpointslices``.
    """
    # A Secret as it is: a describer shows the sizes of its values and none of them.
    shown = obj if obj.get("kind") == "Secret" else mask_object(obj, salt)
    page = Page(now, related)
    group = str(obj.get("apiVersion") or "").rpartition("/")[0]
    found = DESCRIBERS.get((group, str(obj.get("kind") or "")))
    if found is None:
        _generic(page, shown)
    else:
        found(page, shown)
    if events is not None and not (found is not None and obj.get("kind") in _WITHOUT_EVENTS):
        _events(page, list(events))
    return escape_terminal(page.text)


def _generic(page: Page, obj: JSONObject) -> None:
    page.line(0, "Name:", get(obj, "metadata", "name") or "")
    page.line(0, "Namespace:", get(obj, "metadata", "namespace") or "")
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))
    _fields(page, 0, obj, "")


def _fields(page: Page, level: int, fields: Mapping[str, Any], path: str) -> None:
    for name, value in sorted(fields.items()):
        here = f"{path}.{name}"
        if here in _NOT_TOLD:
            continue
        title = _title(name)
        if isinstance(value, Mapping):
            page.line(level, f"{title}:")
            _fields(page, level + 1, value, here)
        elif isinstance(value, list):
            page.line(level, f"{title}:")
            for item in value:
                if isinstance(item, Mapping):
                    _fields(page, level + 1, item, here)
                else:
                    page.line(level + 1, _go(item))
        else:
            page.line(level, f"{title}:", _go(value))


def _go(value: Any) -> str:
    """A value as Go prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"[{' '.join(map(_go, value))}]" if isinstance(value, list) else str(value)


def _title(field: str) -> str:
    """``replicaCount`` -> ``Replica Count``; what is more than letters (a label key, a file name) stays."""
    if not all(letter.isalpha() or letter == "-" for letter in field):
        return field
    words = _WORD.findall(field) if field.isascii() else [field]
    merged: list[str] = []
    while words:
        word = words.pop(0)
        if words and len(word) >= 2 and word.isupper() and words[0][:1].isupper():
            word += words.pop(0)
        merged.append(word)
    return " ".join(
        word.upper() if word.upper() in _ACRONYMS else word.capitalize() if word.islower() else word for word in merged
    )


def _events(page: Page, events: Sequence[Mapping[str, Any]]) -> None:
    """Writes events, those that were seen last at the end."""
    if not events:
        page.line(0, "Events:", "<none>")
        return
    page.flush()
    page.write(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n")
    page.line(1, "----", "------", "----", "----", "-------")
    for event in sorted(events, key=lambda each: str(each.get("lastTimestamp") or "")):
        source = get(event, "source", "component") or get(event, "deprecatedSource", "component")
        source = source or event.get("reportingComponent") or event.get("reportingController") or ""
        message = str(event.get("message") or event.get("note") or "").strip()
        field = get(event, "involvedObject", "fieldPath") or get(event, "regarding", "fieldPath")
        message = f"{field}: {message}" if field else message
        page.line(1, event.get("type") or "", event.get("reason") or "", _ago(page, event), source, message)


def _ago(page: Page, event: Mapping[str, Any]) -> str:
    first = since(page, event.get("eventTime") or event.get("firstTimestamp") or event.get("deprecatedFirstTimestamp"))
    count = event.get("count") or event.get("deprecatedCount") or 1
    if series := event.get("series"):
        return f"{since(page, series.get('lastObservedTime'))} (x{series.get('count')} over {first})"
    last = event.get("lastTimestamp") or event.get("deprecatedLastTimestamp")
    return f"{since(page, last)} (x{count} over {first})" if count > 1 else first
