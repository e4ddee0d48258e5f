"""The containers of Pods: ports, environment, mounts, resources, probes.

Source: pkg/apis/core/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api.quantity import Quantity
from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import (
    any_port,
    choice,
    duplicate,
    forbidden,
    not_found,
    not_negative,
    port_name,
    port_number,
    quantity,
    required,
    unsupported,
    wrong,
)
from kmagic.sandbox.validation.rules.labels import dns_label, dns_subdomain, label_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ("PROTOCOLS", "STANDARD", "container")

PROTOCOLS = ("SCTP", "TCP", "UDP")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
ENV_RULE = "a valid environment variable name must consist only of printable ASCII characters other than '='"
ENV_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
SOURCES_SHOWN = ", ".join(f"`{name}`" for name in ENV_SOURCES[:-1]) + f" or `{ENV_SOURCES[-1]}`"
OVERCOMMITTED = ("cpu", "memory", "ephemeral-storage")
STANDARD = frozenset(
    {*OVERCOMMITTED, "storage", "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"}
    | {"persistentvolumeclaims", "services.nodeports", "services.loadbalancers", "requests.storage"}
    | {f"{kind}.{name}" for kind in ("requests", "limits") for name in OVERCOMMITTED}
)
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
PROBE_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
SCHEMES = ("HTTP", "HTTPS")
LARGEST_USER = 2**31 - 1
CONTEXT = (
    "Capabilities",
    "Privileged",
    "SELinuxOptions",
    "WindowsOptions",
    "RunAsUser",
    "RunAsGroup",
    "RunAsNonRoot",
    "ReadOnlyRootFilesystem",
    "AllowPrivilegeEscalation",
    "ProcMount",
    "SeccompProfile",
    "AppArmorProfile",
)


def container(container: JSONObject, field: str, volumes: set[Any]) -> Iterator[Cause]:
    """A container of a Pod that has ``volumes``."""
    if not container.get("name"):
        yield required(f"{field}.name")
    else:
        yield from dns_label(f"{field}.name", container["name"])
    if not container.get("image"):
        yield required(f"{field}.image")
    yield from choice(container, field, "terminationMessagePolicy", MESSAGE_POLICIES)
    yield from _ports(container.get("ports") or (), f"{field}.ports")
    for index, variable in enumerate(container.get("env") or ()):
        yield from _variable(variable, f"{field}.env[{index}]")
    yield from _sources(container.get("envFrom") or (), f"{field}.envFrom")
    yield from _mounts(container.get("volumeMounts") or (), f"{field}.volumeMounts", volumes)
    yield from choice(container, field, "imagePullPolicy", PULL_POLICIES)
    yield from _resources(container.get("resources") or {}, f"{field}.resources")
    yield from _security(container.get("securityContext") or {}, f"{field}.securityContext")
    for name in PROBES:
        if container.get(name) is not None:
            yield from _probe(container[name], f"{field}.{name}")
            if name != "readinessProbe" and container[name].get("successThreshold") != 1:
                yield wrong(f"{field}.{name}.successThreshold", container[name].get("successThreshold"), "must be 1")


def _ports(ports: Sequence[JSONObject], field: str) -> Iterator[Cause]:
    names: set[str] = set()
    for index, port in enumerate(ports):
        place, name = f"{field}[{index}]", port.get("name")
        if name:
            causes = [*port_name(f"{place}.name", name)]
            yield from causes
            if not causes and name in names:
                yield duplicate(f"{place}.name", name)
            names.add(name)
        if not port.get("containerPort"):
            yield required(f"{place}.containerPort")
        else:
            yield from port_number(f"{place}.containerPort", port["containerPort"])
        if port.get("hostPort"):
            yield from port_number(f"{place}.hostPort", port["hostPort"])
        yield from choice(port, place, "protocol", PROTOCOLS)


def _variable(variable: JSONObject, field: str) -> Iterator[Cause]:
    name = variable.get("name")
    if not name:
        yield required(f"{field}.name")
    elif not name.isascii() or not name.isprintable() or "=" in name:
        yield wrong(f"{field}.name", name, ENV_RULE)
    source = variable.get("valueFrom")
    if source is None:
        return
    given = [kind for kind in ENV_SOURCES if source.get(kind) is not None]
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if source.get(kind) is not None and not source[kind].get("key"):
            yield required(f"{field}.valueFrom.{kind}.key")
    if not given:
        yield wrong(f"{field}.valueFrom", "", f"must specify one of: {SOURCES_SHOWN}")
    elif variable.get("value"):
        yield wrong(f"{field}.valueFrom", "", "may not be specified when `value` is not empty")
    elif len(given) > 1:
        yield wrong(f"{field}.valueFrom", "", "may not have more than one field specified at a time")


def _sources(sources: Sequence[JSONObject], field: str) -> Iterator[Cause]:
    for index, source in enumerate(sources):
        given = [kind for kind in ("configMapRef", "secretRef") if source.get(kind) is not None]
        for kind in given:
            if source[kind].get("name"):
                yield from dns_subdomain(f"{field}[{index}].{kind}.name", source[kind]["name"])
            else:
                yield required(f"{field}[{index}].{kind}.name")
        if not given:
            yield wrong(field, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(given) > 1:
            yield wrong(field, "", "may not have more than one field specified at a time")


def _mounts(mounts: Sequence[JSONObject], field: str, volumes: set[Any]) -> Iterator[Cause]:
    paths: set[str] = set()
    for index, mount in enumerate(mounts):
        place, path = f"{field}[{index}]", mount.get("mountPath", "")
        if not mount.get("name"):
            yield required(f"{place}.name")
        if mount.get("name") not in volumes:
            yield not_found(f"{place}.name", mount.get("name", ""))
        if not path:
            yield required(f"{place}.mountPath")
        if path in paths:
            yield wrong(f"{place}.mountPath", path, "must be unique")
        paths.add(path)


def _resources(resources: JSONObject, field: str) -> Iterator[Cause]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for name, amount in limits.items():
        yield from _resource(f"{field}.limits[{name}]", name, amount)
    for name, amount in requests.items():
        yield from _resource(f"{field}.requests[{name}]", name, amount)
        yield from _within_limit(name, amount, limits, field)


def _resource(field: str, name: str, amount: Any) -> Iterator[Cause]:
    unnamed = [*label_key(field, name)]
    yield from unnamed
    if "/" not in name and name not in OVERCOMMITTED and not name.startswith("hugepages-"):
        if name not in STANDARD and not unnamed:
            yield wrong(field, name, "must be a standard resource type or fully qualified")
        yield wrong(field, name, "must be a standard resource for containers")
    yield from quantity(field, amount, whole="/" in name and "kubernetes.io/" not in name)


def _within_limit(name: str, amount: Any, limits: Mapping[str, Any], field: str) -> Iterator[Cause]:
    free = name in OVERCOMMITTED
    if name not in limits:
        if not free:
            yield required(f"{field}.limits", "Limit must be set for non overcommitable resources")
        return
    asked, limit = Quantity(amount), Quantity(limits[name])
    if not free and asked != limit:
        yield wrong(f"{field}.requests", str(asked), f"must be equal to {name} limit of {limit}")
    elif limit < asked:
        yield wrong(f"{field}.requests", str(asked), f"must be less than or equal to {name} limit of {limit}")


def _security(context: JSONObject, field: str) -> Iterator[Cause]:
    for name in ("runAsUser", "runAsGroup"):
        if context.get(name) is not None and not 0 <= context[name] <= LARGEST_USER:
            yield wrong(f"{field}.{name}", context[name], f"must be between 0 and {LARGEST_USER}, inclusive")
    if context.get("privileged") and context.get("allowPrivilegeEscalation") is False:
        # The server shows its internal type, whose fields have no JSON names.
        shown = {part: context.get(part[0].lower() + part[1:]) for part in CONTEXT}
        yield wrong(field, shown, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")


def _probe(probe: JSONObject, field: str) -> Iterator[Cause]:
    given = [kind for kind in HANDLERS if probe.get(kind) is not None]
    for kind in given[1:]:
        yield forbidden(f"{field}.{kind}", "may not specify more than 1 handler type")
    if not given:
        yield required(field, "must specify a handler type")
    else:
        yield from _handler(probe[given[0]], given[0], f"{field}.{given[0]}")
    yield from not_negative(probe, field, *PROBE_NUMBERS)
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        yield wrong(f"{field}.terminationGracePeriodSeconds", grace, "must be greater than 0")


def _handler(handler: JSONObject, kind: str, field: str) -> Iterator[Cause]:
    if kind == "exec":
        if not handler.get("command"):
            yield required(f"{field}.command")
        return
    yield from any_port(f"{field}.port", handler.get("port"))
    if kind == "httpGet" and handler.get("scheme") not in SCHEMES:
        yield unsupported(f"{field}.scheme", handler.get("scheme", ""), SCHEMES)
