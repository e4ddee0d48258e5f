"""The whole cluster: Nodes, Namespaces with their limits, priorities.

Source: k8s.io/kubectl/pkg/describe/describe.go (describeNode, describeNamespace, describeQuota, …), v0.37.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kmagic.api import meta
from kmagic.api.quantity import Quantity
from kmagic.api.types import JSONObject
from kmagic.views.describers.page import (
    Page,
    get,
    head,
    labels,
    labels_text,
    moment,
    notes,
    since,
    taint_text,
)

__all__ = ("limit_range", "namespace", "node", "priority_class", "resource_quota")

_ROLE = "node-role.kubernetes.io/"
_SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before "
    "being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include long running "
    "pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best effort quality "
    "of service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a burstable or "
    "guaranteed quality of service.",
}
_NATIVE = ("cpu", "memory", "ephemeral-storage", "pods")


def _notes(page: Page, obj: JSONObject) -> None:
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))


def namespace(page: Page, obj: JSONObject) -> None:
    """Writes a Namespace, its quotas and limits."""
    head(page, obj, namespace=False)
    _notes(page, obj)
    page.line(0, "Status:", get(obj, "status", "phase") or "")
    if conditions := get(obj, "status", "conditions"):
        page.line(0, "Conditions:")
        page.line(1, "Type", "Status", "LastTransitionTime", "Reason", "Message")
        page.line(1, "----", "------", "------------------", "------", "-------")
        for each in conditions:
            when = moment(each.get("lastTransitionTime"))
            page.line(
                1, each.get("type"), each.get("status"), when, each.get("reason") or "", each.get("message") or ""
            )
    if (quotas := page.related.get("resourcequotas")) is not None:
        page.write(0, "\n")
        _quotas(page, sorted(quotas, key=meta.name))
    if (limits := page.related.get("limitranges")) is not None:
        page.write(0, "\n")
        if not limits:
            page.line(0, "No LimitRange resource.")
        else:
            page.line(0, "Resource Limits")
            titles = ("Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio")
            page.write(0, " " + "\t".join(titles) + "\n")
            page.write(0, " " + "\t".join("-" * len(title) for title in titles) + "\n")
            for each in limits:
                _limits(page, each, " ")


def _scopes(page: Page, level: int, spec: JSONObject, star: str) -> None:
    if scopes := sorted(spec.get("scopes") or ()):
        page.line(level, "Scopes:", ", ".join(scopes))
        for scope in scopes:
            if text := _SCOPES.get(scope):
                page.line(level, f"{star}{text}")


def _used(page: Page, level: int, obj: JSONObject, line: str) -> None:
    page.line(level, "Resource", "Used", "Hard")
    page.line(level, "--------", line, line)
    status = obj.get("status") or {}
    for name, hard in sorted((status.get("hard") or {}).items()):
        page.line(level, name, get(status, "used", name) or "0", hard)


def _quotas(page: Page, quotas: Sequence[JSONObject]) -> None:
    if not quotas:
        page.line(0, "No resource quota.")
        return
    page.line(0, "Resource Quotas")
    for each in quotas:
        page.line(1, "Name:", meta.name(each))
        _scopes(page, 1, each.get("spec") or {}, "* ")
        _used(page, 1, each, "---")


def resource_quota(page: Page, obj: JSONObject) -> None:
    """Writes a ResourceQuota."""
    head(page, obj)
    _scopes(page, 0, obj.get("spec") or {}, " * ")
    _used(page, 0, obj, "----")


def limit_range(page: Page, obj: JSONObject) -> None:
    """Writes a LimitRange."""
    head(page, obj)
    titles = ("Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio")
    page.line(0, *titles)
    page.line(0, *("-" * len(title) for title in titles))
    _limits(page, obj, "")


def _limits(page: Page, obj: JSONObject, prefix: str) -> None:
    fields = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for item in get(obj, "spec", "limits") or ():
        for name in sorted({name for field in fields for name in item.get(field) or {}}):
            values = (get(item, field, name) or "-" for field in fields)
            page.line(0, f"{prefix}{item.get('type')}", name, *values)


def node(page: Page, obj: JSONObject) -> None:
    """Writes a Node, the Pods on it and what they ask for."""
    spec, status, known = obj.get("spec") or {}, obj.get("status") or {}, meta.labels(obj)
    head(page, obj, namespace=False)
    roles = {key.removeprefix(_ROLE) for key in known if key.startswith(_ROLE)} | {known.get("kubernetes.io/role", "")}
    page.line(0, "Roles:", ",".join(sorted(roles - {""})) or "<none>")
    _notes(page, obj)
    page.line(0, "CreationTimestamp:", moment(get(obj, "metadata", "creationTimestamp")))
    taints = sorted(spec.get("taints") or (), key=lambda each: f"{each.get('effect')},{each.get('key')}")
    page.several("Taints", [taint_text(each) for each in taints])
    page.line(0, "Unschedulable:", "true" if spec.get("unschedulable") else "false")
    _lease(page, obj)
    _node_conditions(page, status)
    page.line(0, "Addresses:")
    for address in status.get("addresses") or ():
        page.line(1, f"{address.get('type')}:", address.get("address") or "")
    for title in ("capacity", "allocatable"):
        if status.get(title):
            page.line(0, f"{title.title()}:")
            for name, value in sorted(status[title].items()):
                page.line(1, f"{name}:", Quantity(str(value)))
    _system(page, status.get("nodeInfo") or {})
    if spec.get("podCIDR"):
        page.line(0, "PodCIDR:", spec["podCIDR"])
    if spec.get("podCIDRs"):
        page.line(0, "PodCIDRs:", ",".join(spec["podCIDRs"]))
    if spec.get("providerID"):
        page.line(0, "ProviderID:", spec["providerID"])
    pods = page.related.get("pods")
    if pods is None:
        page.line(0, "Pods:", "not authorized")
    else:
        _allocated(page, pods, status.get("allocatable") or status.get("capacity") or {})


def _lease(page: Page, obj: JSONObject) -> None:
    leases = [each for each in page.related.get("leases") or () if meta.name(each) == meta.name(obj)]
    if not leases:
        text = f'leases.coordination.k8s.io "{meta.name(obj)}" not found'
        page.line(0, "Lease:", f"Failed to get lease: {text}")
        return
    spec = leases[0].get("spec") or {}
    page.line(0, "Lease:")
    page.line(1, "HolderIdentity:", spec.get("holderIdentity") or "<unset>")
    for title, field in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        page.line(1, f"{title}:", moment(spec[field]) if spec.get(field) else "<unset>")


def _node_conditions(page: Page, status: JSONObject) -> None:
    if not status.get("conditions"):
        return
    page.write(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n")
    page.line(1, "----", "------", "-----------------", "------------------", "------", "-------")
    for each in status["conditions"]:
        beat, moved = moment(each.get("lastHeartbeatTime")), moment(each.get("lastTransitionTime"))
        cells = (each.get("type"), each.get("status"), beat, moved, each.get("reason") or "")
        page.write(1, "".join(f"{cell} \t" for cell in cells) + f"{each.get('message') or ''}\n")


def _system(page: Page, info: Mapping[str, Any]) -> None:
    page.line(0, "System Info:")
    for title, field in (
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ):
        page.line(1, f"{title}:", info.get(field) or "")


def _allocated(page: Page, pods: Sequence[JSONObject], allocatable: Mapping[str, Any]) -> None:
    page.line(0, "Non-terminated Pods:", f"({len(pods)} in total)")
    page.write(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n")
    page.write(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n")
    totals: dict[str, dict[str, Quantity]] = {"requests": {}, "limits": {}}
    for pod in pods:
        asked = {which: _pod_resources(pod, which) for which in totals}
        for which, total in totals.items():
            for name, value in asked[which].items():
                total[name] = total[name] + value if name in total else value
        cells = [
            _share(asked[which].get(name), allocatable.get(name)) for name in ("cpu", "memory") for which in totals
        ]
        age = since(page, get(pod, "metadata", "creationTimestamp"))
        page.line(1, meta.namespace(pod), meta.name(pod), "", *cells, age)
    page.write(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n")
    page.line(1, "Resource", "Requests", "Limits")
    page.line(1, "--------", "--------", "------")
    huge = sorted(name for name in allocatable if name.startswith("hugepages-"))
    for name in (*_NATIVE[:3], *huge):
        page.line(1, name, *(_share(totals[which].get(name), allocatable.get(name)) for which in totals))
    for name in sorted(name for name in allocatable if name not in (*_NATIVE, *huge)):
        page.line(1, name, *(totals[which].get(name, Quantity("0")) for which in totals))


def _share(value: Quantity | None, whole: Any) -> str:
    """An amount and its part of the whole in percent, as Go cuts it off."""
    value = value or Quantity("0")
    total = Quantity(str(whole or "0"))
    return f"{value} ({int(float(value) / float(total) * 100) if float(total) else 0}%)"


def _pod_resources(pod: JSONObject, which: str) -> dict[str, Quantity]:
    """The amounts that a Pod's containers ask for together; the largest first step counts where it is more."""
    spec = pod.get("spec") or {}
    total: dict[str, Quantity] = {}
    for name, value in _amounts(spec.get("containers") or (), which):
        total[name] = total[name] + value if name in total else value
    sidecars: dict[str, Quantity] = {}
    largest: dict[str, Quantity] = {}
    for container in spec.get("initContainers") or ():
        always = container.get("restartPolicy") == "Always"
        for name, value in _amounts([container], which):
            before = sidecars.get(name, Quantity("0"))
            if always:
                sidecars[name] = before + value
                total[name] = total[name] + value if name in total else value
            step = before + value
            largest[name] = max(largest.get(name, step), step)
    for name, value in largest.items():
        total[name] = max(total.get(name, value), value)
    for name, value in (spec.get("overhead") or {}).items():
        if which == "requests" or name in total:
            extra = Quantity(str(value))
            total[name] = total[name] + extra if name in total else extra
    return total


def _amounts(containers: Sequence[Mapping[str, Any]], which: str) -> Iterator[tuple[str, Quantity]]:
    for container in containers:
        for name, value in (get(container, "resources", which) or {}).items():
            yield name, Quantity(str(value))


def priority_class(page: Page, obj: JSONObject) -> None:
    """Writes a PriorityClass."""
    head(page, obj, namespace=False)
    page.line(0, "Value:", obj.get("value") or 0)
    page.line(0, "GlobalDefault:", "true" if obj.get("globalDefault") else "false")
    page.line(0, "PreemptionPolicy:", obj.get("preemptionPolicy") or "")
    page.line(0, "Description:", obj.get("description") or "")
    page.line(0, "Annotations:", labels_text(get(obj, "metadata", "annotations")))
