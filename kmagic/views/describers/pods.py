"""Pods and Pod templates: containers, their state, what they may use and what they are told.

Source: k8s.io/kubectl/pkg/describe/describe.go (describePod, describeContainers, DescribePodTemplate), v0.37.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kmagic.api.quantity import Quantity
from kmagic.api.types import JSONObject
from kmagic.views.describers.page import (
    Page,
    controller,
    get,
    head,
    labels,
    moment,
    notes,
    selector_text,
    since,
)
from kmagic.views.describers.volumes import volumes

__all__ = ("pod", "template")


def pod(page: Page, obj: JSONObject) -> None:
    """Writes a Pod."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    _placed(page, obj, spec, status)
    _how_it_is(page, obj, spec, status)
    if owner := controller(obj):
        page.line(0, "Controlled By:", owner)
    if status.get("nominatedNodeName"):
        page.line(0, "NominatedNodeName:", status["nominatedNodeName"])
    if spec.get("resources"):
        page.line(0, "Resources:")
        _resources(page, spec["resources"], 1)
    for title, part in (("Init Containers", "init"), ("Containers", ""), ("Ephemeral Containers", "ephemeral")):
        field = f"{part}Containers" if part else "containers"
        states = status.get(f"{part}ContainerStatuses" if part else "containerStatuses")
        if spec.get(field) or not part:
            _containers(page, title, spec.get(field) or (), states or (), obj)
    conditions = {each.get("type"): each.get("status") for each in status.get("conditions") or ()}
    if spec.get("readinessGates"):
        page.write(0, "Readiness Gates:\n  Type\tStatus\n")
        for gate in spec["readinessGates"]:
            kind = gate.get("conditionType")
            page.write(1, f"{kind} \t{conditions.get(kind, '<none>')} \n")
    if conditions:
        page.write(0, "Conditions:\n  Type\tStatus\n")
        for kind, truth in conditions.items():
            page.write(1, f"{kind} \t{truth} \n")
    volumes(page, spec.get("volumes") or ())
    page.line(0, "QoS Class:", status.get("qosClass") or "")
    labels(page, "Node-Selectors", spec.get("nodeSelector"))
    _tolerations(page, "Tolerations", spec.get("tolerations") or ())
    _spread(page, spec.get("topologySpreadConstraints") or (), "")


def _placed(page: Page, obj: JSONObject, spec: JSONObject, status: JSONObject) -> None:
    head(page, obj)
    if spec.get("priority") is not None:
        page.line(0, "Priority:", spec["priority"])
    for title, field in (
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ):
        if spec.get(field):
            page.line(0, f"{title}:", spec[field])
    node = spec.get("nodeName")
    page.line(0, "Node:", f"{node}/{status.get('hostIP') or ''}" if node else "<none>")
    if status.get("startTime"):
        page.line(0, "Start Time:", moment(status["startTime"]))
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))


def _how_it_is(page: Page, obj: JSONObject, spec: JSONObject, status: JSONObject) -> None:
    deleted = get(obj, "metadata", "deletionTimestamp")
    if deleted and status.get("phase") not in ("Failed", "Succeeded"):
        page.line(0, "Status:", f"Terminating (lasts {since(page, deleted)})")
        page.line(0, "Termination Grace Period:", f"{get(obj, 'metadata', 'deletionGracePeriodSeconds') or 0}s")
    else:
        page.line(0, "Status:", status.get("phase") or "")
    for title, field in (("Reason", "reason"), ("Message", "message")):
        if status.get(field):
            page.line(0, f"{title}:", status[field])
    _seccomp(page, spec, 0, 0)
    page.line(0, "IP:", status.get("podIP") or "")
    if not status.get("podIPs"):
        page.line(0, "IPs:", "<none>")
    else:
        page.line(0, "IPs:")
        for each in status["podIPs"]:
            page.line(1, "IP:", each.get("ip") or "")


def _seccomp(page: Page, holder: JSONObject, level: int, below: int) -> None:
    profile = get(holder, "securityContext", "seccompProfile")
    if profile:
        page.line(level, "SeccompProfile:", profile.get("type") or "")
        if profile.get("type") == "Localhost":
            page.line(below, "LocalhostProfile:", profile.get("localhostProfile") or "")


def template(page: Page, obj: JSONObject | None) -> None:
    """Writes the template of a workload's Pods."""
    page.line(0, "Pod Template:")
    if obj is None:
        page.write(1, "<unset>")
        return
    spec, metadata = obj.get("spec") or {}, obj.get("metadata") or {}
    labels(page, "  Labels", metadata.get("labels"))
    if metadata.get("annotations"):
        notes(page, metadata["annotations"], "  Annotations")
    if spec.get("serviceAccountName"):
        page.line(1, "Service Account:", spec["serviceAccountName"])
    if spec.get("initContainers"):
        _containers(page, "Init Containers", spec["initContainers"], (), None)
    _containers(page, "Containers", spec.get("containers") or (), (), None)
    volumes(page, spec.get("volumes") or (), "  ")
    _spread(page, spec.get("topologySpreadConstraints") or (), "  ")
    if spec.get("priorityClassName"):
        page.line(1, "Priority Class Name:", spec["priorityClassName"])
    labels(page, "  Node-Selectors", spec.get("nodeSelector"))
    _tolerations(page, "  Tolerations", spec.get("tolerations") or ())


def _containers(
    page: Page, title: str, containers: Sequence[Any], statuses: Sequence[Any], owner: JSONObject | None
) -> None:
    """Writes containers; those of a template, which have no owner, stand one column further in."""
    space, indent = ("", "") if owner is not None else ("  ", " ")
    states = {each.get("name"): each for each in statuses}
    page.write(0, f"{space}{title}:{'' if containers else ' <none>'}\n")
    for container in containers:
        state = states.get(container.get("name"))
        page.write(1, f"{indent}{container.get('name')}:\n")
        _basics(page, container, state)
        for name in ("command", "args"):
            if container.get(name):
                page.line(2, f"{name.title()}:")
                for word in container[name]:
                    for line in str(word).split("\n"):
                        page.line(3, line)
        if state is not None:
            _state(page, "State", state.get("state") or {})
            if get(state, "lastState", "terminated"):
                _state(page, "Last State", state["lastState"])
            page.line(2, "Ready:", "True" if state.get("ready") else "False")
            page.line(2, "Restart Count:", state.get("restartCount") or 0)
        _resources(page, container.get("resources") or {}, 2)
        for name in ("liveness", "readiness", "startup"):
            if probe := container.get(f"{name}Probe"):
                page.line(2, f"{name.title()}:", _probe(probe))
        if container.get("envFrom"):
            _env_from(page, container["envFrom"])
        _env(page, container, owner)
        _mounts(page, container)


def _basics(page: Page, container: Mapping[str, Any], state: Mapping[str, Any] | None) -> None:
    if state is not None:
        page.line(2, "Container ID:", state.get("containerID") or "")
    page.line(2, "Image:", container.get("image") or "")
    if state is not None:
        page.line(2, "Image ID:", state.get("imageID") or "")
    for title, field in (("Port", "containerPort"), ("Host Port", "hostPort")):
        ports = ", ".join(_port(each, field) for each in container.get("ports") or ())
        page.line(2, f"{title}s:" if "," in ports else f"{title}:", ports or "<none>")
    _seccomp(page, dict(container), 2, 3)


def _port(port: Mapping[str, Any], field: str) -> str:
    name = f" ({port['name']})" if port.get("name") else ""
    return f"{port.get(field) or 0}/{port.get('protocol') or 'TCP'}{name}"


def _state(page: Page, title: str, state: Mapping[str, Any]) -> None:
    if "running" in state:
        page.line(2, f"{title}:", "Running")
        page.line(3, "Started:", moment(get(state, "running", "startedAt")))
    elif "terminated" in state:
        ended = state["terminated"]
        page.line(2, f"{title}:", "Terminated")
        for name in ("reason", "message"):
            if ended.get(name):
                page.line(3, f"{name.title()}:", ended[name])
        page.line(3, "Exit Code:", ended.get("exitCode") or 0)
        if ended.get("signal"):
            page.line(3, "Signal:", ended["signal"])
        page.line(3, "Started:", moment(ended.get("startedAt")))
        page.line(3, "Finished:", moment(ended.get("finishedAt")))
    else:
        page.line(2, f"{title}:", "Waiting")
        if reason := get(state, "waiting", "reason"):
            page.line(3, "Reason:", reason)


def _resources(page: Page, resources: Mapping[str, Any], level: int) -> None:
    for title in ("limits", "requests"):
        if resources.get(title):
            page.line(level, f"{title.title()}:")
            for name, value in sorted(resources[title].items()):
                page.line(level + 1, f"{name}:", value)


def _probe(probe: Mapping[str, Any]) -> str:
    attributes = (
        f"delay={probe.get('initialDelaySeconds') or 0}s timeout={probe.get('timeoutSeconds') or 0}s "
        f"period={probe.get('periodSeconds') or 0}s successThreshold={probe.get('successThreshold') or 0} "
        f"failureThreshold={probe.get('failureThreshold') or 0}"
    )
    if run := probe.get("exec"):
        return f"exec [{' '.join(run.get('command') or ())}] {attributes}"
    if http := probe.get("httpGet"):
        host = f"[{http['host']}]" if ":" in (http.get("host") or "") else http.get("host") or ""
        url = f"{(http.get('scheme') or '').lower()}://{host}:{http.get('port')}{http.get('path') or ''}"
        return f"http-get {url} {attributes}"
    if tcp := probe.get("tcpSocket"):
        return f"tcp-socket {tcp.get('host') or ''}:{tcp.get('port')} {attributes}"
    if grpc := probe.get("grpc"):
        return f"grpc <pod>:{grpc.get('port')} {grpc.get('service') or ''} {attributes}"
    return f"unknown {attributes}"


def _env_from(page: Page, sources: Sequence[Any]) -> None:
    page.line(2, "Environment Variables from:")
    for each in sources:
        kind = "ConfigMap" if each.get("configMapRef") else "Secret" if each.get("secretRef") else ""
        ref: Mapping[str, Any] = each.get("configMapRef") or each.get("secretRef") or {}
        prefix = f" with prefix '{each['prefix']}'" if each.get("prefix") else ""
        page.line(3, ref.get("name") or "", f"{kind}{prefix}", f"Optional: {_go(ref.get('optional'))}")


def _go(value: object) -> str:
    return "true" if value else "false"


def _env(page: Page, container: Mapping[str, Any], owner: JSONObject | None) -> None:
    variables = container.get("env") or ()
    page.write(2, "Environment:\n" if variables else "Environment:\t<none>\n")
    for each in variables:
        name, source = each.get("name"), each.get("valueFrom")
        if not source:
            first, *rest = str(each.get("value") or "").split("\n")
            page.line(3, f"{name}:", first)
            for line in rest:
                page.line(3, "", line)
        elif field := source.get("fieldRef"):
            value = _field_value(owner, field.get("fieldPath") or "") if owner is not None else ""
            page.line(3, f"{name}:", f"{value} ({field.get('apiVersion') or 'v1'}:{field.get('fieldPath')})")
        elif ref := source.get("resourceFieldRef"):
            page.line(3, f"{name}:", f"{_resource_value(container, ref)} ({ref.get('resource')})")
        elif ref := source.get("secretKeyRef"):
            text = f"<set to the key '{ref.get('key')}' in secret '{ref.get('name')}'>"
            page.line(3, f"{name}:", text, f"Optional: {_go(ref.get('optional'))}")
        elif ref := source.get("configMapKeyRef"):
            text = f"<set to the key '{ref.get('key')}' of config map '{ref.get('name')}'>"
            page.line(3, f"{name}:", text, f"Optional: {_go(ref.get('optional'))}")


def _field_value(obj: JSONObject, path: str) -> str:
    """The value of a field that a variable names."""
    base, bracket, key = path.partition("['")
    found = get(obj, *base.split("."))
    if bracket:
        return str((found or {}).get(key.removesuffix("']"), ""))
    if isinstance(found, Mapping):
        return "\n".join(f'{name}="{value}"' for name, value in sorted(found.items()))
    if path == "status.podIPs":
        return ",".join(each.get("ip") or "" for each in found or ())
    return "" if found is None else str(found)


def _resource_value(container: Mapping[str, Any], ref: Mapping[str, Any]) -> str:
    """A limit or request, in the unit that the variable asks for, rounded up."""
    which, _, resource = str(ref.get("resource") or "").partition(".")
    found = Quantity(str(get(container, "resources", which, resource) or "0"))
    divisor = Quantity(str(ref.get("divisor") or "0"))
    each = divisor.millis or 1000
    value = str(math.ceil(found.millis / each) if resource == "cpu" else math.ceil(int(found) / max(int(divisor), 1)))
    return "node allocatable" if value == "0" and which == "limits" and resource in ("cpu", "memory") else value


def _mounts(page: Page, container: Mapping[str, Any]) -> None:
    mounts = container.get("volumeMounts") or ()
    page.write(2, "Mounts:\n" if mounts else "Mounts:\t<none>\n")
    for mount in sorted(mounts, key=lambda each: str(each.get("mountPath"))):
        path = f',path="{mount["subPath"]}"' if mount.get("subPath") else ""
        page.line(
            3, f"{mount.get('mountPath')} from {mount.get('name')} ({'ro' if mount.get('readOnly') else 'rw'}{path})"
        )
    if devices := container.get("volumeDevices"):
        page.write(2, "Devices:\n" if mounts else "Devices:\t<none>\n")
        for device in sorted(devices, key=lambda each: str(each.get("devicePath"))):
            page.line(3, f"{device.get('devicePath')} from {device.get('name')}")


def _tolerations(page: Page, title: str, tolerations: Sequence[Any]) -> None:
    page.several(
        title, [_toleration(each) for each in sorted(tolerations, key=lambda each: str(each.get("key") or ""))]
    )


def _toleration(each: Mapping[str, Any]) -> str:
    key, value, effect = each.get("key") or "", each.get("value"), each.get("effect")
    text = f"{key}{f'={value}' if value else ''}{f':{effect}' if effect else ''}"
    if each.get("operator") == "Exists" and not value:
        text += " op=Exists" if text else "op=Exists"
    return f"{text} for {each['tolerationSeconds']}s" if each.get("tolerationSeconds") is not None else text


def _spread(page: Page, constraints: Sequence[Any], space: str) -> None:
    if not constraints:
        return
    texts = []
    for each in sorted(constraints, key=lambda each: str(each.get("topologyKey"))):
        text = (
            f"{each.get('topologyKey')}:{each.get('whenUnsatisfiable')} when max skew {each.get('maxSkew')} is exceeded"
        )
        selector = each.get("labelSelector")
        texts.append(f"{text} for selector {selector_text(selector)}" if selector is not None else text)
    page.write(0, f"{space}Topology Spread Constraints:\t" + f"\n{space}\t".join(texts) + "\n")
