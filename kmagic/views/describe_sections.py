"""The sections of a description that are particular to a kind."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from kmagic.api import times
from kmagic.api.types import JSONObject
from kmagic.views.text import aligned, escaped

__all__ = ("SECTIONS", "Line", "Section", "labels_lines")

# (indent level, name, value); no name is a line of its own, no value a heading.
Line: TypeAlias = "tuple[int, str, str]"
Section: TypeAlias = Callable[[JSONObject, datetime], "list[Line]"]


def labels_lines(title: str, values: Mapping[str, Any], level: int = 0) -> list[Line]:
    """A mapping under one title, one entry a line: ``app=web``."""
    entries = [f"{key}={escaped(value)}" for key, value in sorted(values.items())]
    if len(entries) <= 1:
        return [(level, title, entries[0] if entries else "<none>")]
    return [(level, title, ""), *((level + 1, "", entry) for entry in entries)]


def _pod(obj: JSONObject, now: datetime) -> list[Line]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    lines: list[Line] = [
        (0, "Status", " ".join(filter(None, (status.get("phase"), status.get("reason"), status.get("message"))))),
        (0, "Node", spec.get("nodeName") or "<none>"),
        (0, "IP", status.get("podIP") or "<none>"),
        (0, "Service Account", spec.get("serviceAccountName") or "default"),
        (0, "QoS Class", status.get("qosClass") or "<none>"),
    ]
    if spec.get("priorityClassName"):
        lines.append((0, "Priority Class", spec["priorityClassName"]))
    groups = (
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    )
    for title, field, statuses in groups:
        if spec.get(field):
            lines.append((0, title, ""))
            states = {s.get("name"): s for s in status.get(statuses) or ()}
            for container in spec[field]:
                lines += _container(container, states.get(container.get("name")), now)
    lines += _volumes(spec.get("volumes") or ())
    lines += labels_lines("Node Selector", spec.get("nodeSelector") or {})
    tolerations = ", ".join(_toleration(t) for t in spec.get("tolerations") or ())
    lines.append((0, "Tolerations", tolerations or "<none>"))
    return lines


def _container(container: Mapping[str, Any], status: Mapping[str, Any] | None, now: datetime) -> list[Line]:
    lines: list[Line] = [(1, str(container.get("name")), ""), (2, "Image", str(container.get("image") or ""))]
    ports = ", ".join(f"{p.get('containerPort')}/{p.get('protocol', 'TCP')}" for p in container.get("ports") or ())
    if ports:
        lines.append((2, "Ports", ports))
    for title, field in (("Command", "command"), ("Args", "args")):
        if container.get(field):
            lines.append((2, title, " ".join(map(escaped, container[field]))))
    if status is not None:
        lines.append((2, "State", _state(status.get("state") or {}, now)))
        if status.get("lastState"):
            lines.append((2, "Last State", _state(status["lastState"], now)))
        lines.append((2, "Ready", "yes" if status.get("ready") else "no"))
        lines.append((2, "Restarts", str(status.get("restartCount", 0))))
    resources = container.get("resources") or {}
    for title, field in (("Requests", "requests"), ("Limits", "limits")):
        if resources.get(field):
            lines.append((2, title, ", ".join(f"{k} {v}" for k, v in resources[field].items())))
    for title, field in (("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")):
        if container.get(field):
            lines.append((2, title, _probe(container[field])))
    if container.get("env"):
        lines.append((2, "Environment", ""))
        lines += [(3, str(e.get("name")), _variable(e)) for e in container["env"]]
    if container.get("volumeMounts"):
        lines.append((2, "Mounts", ""))
        lines += [(3, "", _mount(m)) for m in container["volumeMounts"]]
    return lines


def _state(state: Mapping[str, Any], now: datetime) -> str:
    if "running" in state:
        started = state["running"].get("startedAt")
        return f"Running for {times.age(started, now)}" if started else "Running"
    if "terminated" in state:
        ended = state["terminated"]
        facts = [f"exit {ended.get('exitCode', 0)}"]
        if ended.get("finishedAt"):
            facts.append(f"{times.age(ended['finishedAt'], now)} ago")
        text = f"Terminated: {ended.get('reason') or 'Unknown'} ({', '.join(facts)})"
        return f"{text}: {escaped(ended['message'].strip())}" if ended.get("message") else text
    waiting = state.get("waiting") or {}
    text = f"Waiting: {waiting.get('reason')}" if waiting.get("reason") else "Waiting"
    return f"{text}: {escaped(waiting['message'])}" if waiting.get("message") else text


def _probe(probe: Mapping[str, Any]) -> str:
    http, tcp, run, grpc = (probe.get(k) for k in ("httpGet", "tcpSocket", "exec", "grpc"))
    if http:
        what = f"http-get {http.get('scheme', 'HTTP').lower()}://:{http.get('port')}{http.get('path', '/')}"
    elif tcp:
        what = f"tcp-socket :{tcp.get('port')}"
    elif run:
        what = f"exec {' '.join(run.get('command') or ())}"
    else:
        what = f"grpc :{(grpc or {}).get('port')}"
    return f"{what} every {probe.get('periodSeconds', 10)}s, {probe.get('failureThreshold', 3)} failures"


def _variable(variable: Mapping[str, Any]) -> str:
    source = variable.get("valueFrom") or {}
    for kind, words in (("secretKeyRef", "secret"), ("configMapKeyRef", "config map")):
        if kind in source:
            reference = source[kind]
            return f"<key {reference.get('key')} of {words} {reference.get('name')}>"
    if "fieldRef" in source:
        return f"<field {source['fieldRef'].get('fieldPath')}>"
    if "resourceFieldRef" in source:
        return f"<resource {source['resourceFieldRef'].get('resource')}>"
    return escaped(variable.get("value") or "") or '""'


def _mount(mount: Mapping[str, Any]) -> str:
    mode = "ro" if mount.get("readOnly") else "rw"
    return f"{mount.get('mountPath')} from {mount.get('name')} ({mode})"


def _volumes(volumes: Any) -> list[Line]:
    lines: list[Line] = [(0, "Volumes", "" if volumes else "<none>")]
    for volume in volumes:
        kind = next((key for key in volume if key != "name"), "emptyDir")
        source = volume.get(kind) or {}
        name = next((source[k] for k in ("name", "secretName", "claimName", "path") if source.get(k)), "")
        lines.append((1, str(volume.get("name")), f"{kind} {name}".strip()))
    return lines


def _toleration(toleration: Mapping[str, Any]) -> str:
    key = toleration.get("key") or "every taint"
    value = f"={toleration['value']}" if toleration.get("value") else ""
    effect = f":{toleration['effect']}" if toleration.get("effect") else ""
    seconds = toleration.get("tolerationSeconds")
    return f"{key}{value}{effect}" + (f" for {seconds}s" if seconds is not None else "")


def _deployment(obj: JSONObject, now: datetime) -> list[Line]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    counts = (
        f"{spec.get('replicas', 1)} desired · {status.get('updatedReplicas', 0)} updated · "
        f"{status.get('replicas', 0)} total · {status.get('availableReplicas', 0)} available · "
        f"{status.get('unavailableReplicas', 0)} unavailable"
    )
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    how = strategy.get("type") or "RollingUpdate"
    if rolling:
        how += f" (at most {rolling.get('maxUnavailable')} unavailable, {rolling.get('maxSurge')} more)"
    revision = ((obj.get("metadata") or {}).get("annotations") or {}).get("deployment.kubernetes.io/revision")
    lines: list[Line] = [(0, "Replicas", counts), (0, "Strategy", how)]
    if revision:
        lines.append((0, "Revision", revision))
    if spec.get("paused"):
        lines.append((0, "Paused", "yes"))
    return [*lines, *labels_lines("Selector", _selector(spec)), *_template(spec.get("template") or {}, now)]


def _selector(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    selector = spec.get("selector") or {}
    return selector.get("matchLabels") or {} if "matchLabels" in selector else selector


def _template(template: Mapping[str, Any], now: datetime) -> list[Line]:
    spec = template.get("spec") or {}
    lines: list[Line] = [(0, "Pod Template", "")]
    lines += labels_lines("Labels", (template.get("metadata") or {}).get("labels") or {}, 1)
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        lines += _container(container, None, now)
    return lines


def _service(obj: JSONObject, now: datetime) -> list[Line]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    lines: list[Line] = [
        *labels_lines("Selector", spec.get("selector") or {}),
        (0, "Type", spec.get("type") or "ClusterIP"),
        (0, "IPs", ", ".join(spec.get("clusterIPs") or ()) or spec.get("clusterIP") or "<none>"),
    ]
    balancer = [i.get("ip") or i.get("hostname") for i in (status.get("loadBalancer") or {}).get("ingress") or ()]
    if balancer:
        lines.append((0, "LoadBalancer", ", ".join(map(str, balancer))))
    if spec.get("externalName"):
        lines.append((0, "External Name", spec["externalName"]))
    lines.append((0, "Ports", "" if spec.get("ports") else "<none>"))
    for port in spec.get("ports") or ():
        node = f", node port {port['nodePort']}" if port.get("nodePort") else ""
        to = port.get("targetPort", port.get("port"))
        lines.append((1, port.get("name") or "port", f"{port.get('port')}/{port.get('protocol', 'TCP')} → {to}{node}"))
    lines.append((0, "Session Affinity", spec.get("sessionAffinity") or "None"))
    return lines


def _node(obj: JSONObject, now: datetime) -> list[Line]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    prefix = "node-role.kubernetes.io/"
    labels = (obj.get("metadata") or {}).get("labels") or {}
    roles = [key.removeprefix(prefix) for key in labels if key.startswith(prefix)]
    taints = [f"{t.get('key')}={t.get('value', '')}:{t.get('effect')}" for t in spec.get("taints") or ()]
    lines: list[Line] = [
        (0, "Roles", ", ".join(sorted(roles)) or "<none>"),
        (0, "Taints", ", ".join(taints) or "<none>"),
        (0, "Schedulable", "no" if spec.get("unschedulable") else "yes"),
    ]
    lines += [(0, str(a.get("type")), str(a.get("address"))) for a in status.get("addresses") or ()]
    names = dict.fromkeys((*(status.get("capacity") or {}), *(status.get("allocatable") or {})))
    if names:
        rows = [("RESOURCE", "CAPACITY", "ALLOCATABLE")]
        rows += [
            (n, str((status.get("capacity") or {}).get(n, "")), str((status.get("allocatable") or {}).get(n, "")))
            for n in names
        ]
        lines += [(0, "Resources", ""), *((1, "", line) for line in aligned(rows).split("\n"))]
    info = status.get("nodeInfo") or {}
    system = (
        ("Kubelet", "kubeletVersion"),
        ("OS", "osImage"),
        ("Kernel", "kernelVersion"),
        ("Runtime", "containerRuntimeVersion"),
    )
    return lines + [(0, title, str(info[key])) for title, key in system if info.get(key)]


def _config_map(obj: JSONObject, now: datetime) -> list[Line]:
    lines: list[Line] = [(0, "Data", "" if obj.get("data") or obj.get("binaryData") else "<none>")]
    for key, value in (obj.get("data") or {}).items():
        lines.append((1, key, ""))
        lines += [(2, "", escaped(line)) for line in str(value).split("\n")]
    return lines + [(1, key, f"{_size(value)} B") for key, value in (obj.get("binaryData") or {}).items()]


def _secret(obj: JSONObject, now: datetime) -> list[Line]:
    data = obj.get("data") or {}
    lines: list[Line] = [(0, "Type", obj.get("type") or "Opaque"), (0, "Data", "" if data else "<none>")]
    return lines + [(1, key, f"{_size(value)} bytes") for key, value in data.items()]


def _size(value: object) -> int:
    try:
        return len(base64.b64decode(str(value), validate=True))
    except (binascii.Error, ValueError):
        return len(str(value))


SECTIONS: Mapping[str, Section] = MappingProxyType(
    {
        "Pod": _pod,
        "Deployment": _deployment,
        "Service": _service,
        "Node": _node,
        "ConfigMap": _config_map,
        "Secret": _secret,
    }
)
