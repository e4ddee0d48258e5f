"""Pods and the Pod templates of everything that makes Pods.

Source: pkg/apis/core/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api.quantity import Quantity
from kmagic.api.types import JSONObject
from kmagic.sandbox.rules.causes import (
    choice,
    duplicate,
    forbidden,
    not_found,
    port_name,
    port_number,
    quantity,
    required,
    unsupported,
    wrong,
)
from kmagic.sandbox.rules.labels import dns_label, dns_subdomain, label_key, label_value, labels
from kmagic.sandbox.status import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ("PROTOCOLS", "pod", "pod_change", "pod_spec", "pod_template")

PROTOCOLS = ("SCTP", "TCP", "UDP")
RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
LONGEST = 2**31 - 1
ENV_RULE = "a valid environment variable name must consist only of printable ASCII characters other than '='"
ENV_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
SOURCES_SHOWN = ", ".join(f"`{name}`" for name in ENV_SOURCES[:-1]) + f" or `{ENV_SOURCES[-1]}`"
OVERCOMMITTED = ("cpu", "memory", "ephemeral-storage")
UPDATE_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod(obj: JSONObject) -> Iterator[Cause]:
    """A Pod."""
    yield from pod_spec(obj.get("spec") or {}, "spec")


def pod_template(template: JSONObject, field: str) -> Iterator[Cause]:
    """The template of Pods."""
    metadata = template.get("metadata") or {}
    yield from labels(f"{field}.labels", metadata.get("labels") or {})
    for key in metadata.get("annotations") or {}:
        yield from label_key(f"{field}.annotations", key)
    yield from pod_spec(template.get("spec") or {}, f"{field}.spec")


def pod_spec(spec: JSONObject, field: str) -> Iterator[Cause]:
    """The spec of a Pod or of a template."""
    volumes = spec.get("volumes") or ()
    yield from _volumes(volumes, f"{field}.volumes")
    names = {volume.get("name") for volume in volumes}
    if not spec.get("containers"):
        yield required(f"{field}.containers")
    seen: set[str] = set()
    for group in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(group) or ()):
            yield from _container(container, f"{field}.{group}[{index}]", names)
            name = container.get("name", "")
            if name and name in seen:
                yield duplicate(f"{field}.{group}[{index}].name", name)
            seen.add(name)
    yield from choice(spec, field, "restartPolicy", RESTART_POLICIES)
    yield from choice(spec, field, "dnsPolicy", DNS_POLICIES)
    yield from labels(f"{field}.nodeSelector", spec.get("nodeSelector") or {})
    if spec.get("serviceAccountName"):
        yield from dns_subdomain(f"{field}.serviceAccountName", spec["serviceAccountName"])
    if spec.get("nodeName"):
        yield from dns_subdomain(f"{field}.nodeName", spec["nodeName"])
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 0 < deadline <= LONGEST:
        yield wrong(f"{field}.activeDeadlineSeconds", deadline, f"must be between 1 and {LONGEST}, inclusive")
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            yield from dns_label(f"{field}.{name}", spec[name])
    for index, toleration in enumerate(spec.get("tolerations") or ()):
        yield from _toleration(toleration, f"{field}.tolerations[{index}]")


def _volumes(volumes: Sequence[JSONObject], field: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        place, name = f"{field}[{index}]", volume.get("name", "")
        kinds = [kind for kind in volume if kind != "name"]
        for kind in kinds[1:]:
            yield forbidden(f"{place}.{kind}", "may not specify more than 1 volume type")
        if not name:
            yield required(f"{place}.name")
        else:
            yield from dns_label(f"{place}.name", name)
        if name in seen:
            yield duplicate(f"{place}.name", name)
        seen.add(name)


def _container(container: JSONObject, field: str, volumes: set[Any]) -> Iterator[Cause]:
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
    yield from _mounts(container.get("volumeMounts") or (), f"{field}.volumeMounts", volumes)
    yield from choice(container, field, "imagePullPolicy", PULL_POLICIES)
    yield from _resources(container.get("resources") or {}, f"{field}.resources")


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
        yield from quantity(f"{field}.limits[{name}]", amount)
    for name, amount in requests.items():
        yield from quantity(f"{field}.requests[{name}]", amount)
        yield from _within_limit(name, amount, limits, field)


def _within_limit(name: str, amount: Any, limits: Mapping[str, Any], field: str) -> Iterator[Cause]:
    free = name in OVERCOMMITTED
    if name not in limits:
        if not free:
            yield required(f"{field}.limits", "Limit must be set for non overcommitable resources")
        return
    asked, limit = Quantity(amount), Quantity(limits[name])
    if not free and asked != limit:
        yield wrong(f"{field}.requests", str(amount), f"must be equal to {name} limit of {limits[name]}")
    elif limit < asked:
        yield wrong(f"{field}.requests", str(amount), f"must be less than or equal to {name} limit of {limits[name]}")


def _toleration(toleration: JSONObject, field: str) -> Iterator[Cause]:
    key, operator = toleration.get("key", ""), toleration.get("operator", "")
    effect, value = toleration.get("effect", ""), toleration.get("value", "")
    if not key and operator != "Exists":
        why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield wrong(f"{field}.operator", operator, why)
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        yield wrong(f"{field}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
    if operator in ("Equal", ""):
        yield from label_value(f"{field}.operator", value)
    elif operator == "Exists":
        if value:
            yield wrong(f"{field}.operator", value, "value must be empty when `operator` is 'Exists'")
    elif operator not in ("Lt", "Gt"):
        yield unsupported(f"{field}.operator", operator, ("Equal", "Exists"))
    if effect and effect not in EFFECTS:
        yield unsupported(f"{field}.effect", effect, EFFECTS)
    if key:
        yield from label_key(f"{field}.key", key)


def pod_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """What of a Pod may change: images, a deadline, more tolerations."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for group in ("containers", "initContainers"):
        if len(before.get(group) or ()) != len(after.get(group) or ()):
            yield forbidden(f"spec.{group}", "pod updates may not add or remove containers")
            return
    if _frozen(before) != _frozen(after):
        yield forbidden("spec", UPDATE_RULE)


def _frozen(spec: JSONObject) -> JSONObject:
    kept = {name: value for name, value in spec.items() if name not in CHANGEABLE}
    for group in ("containers", "initContainers"):
        kept[group] = [{k: v for k, v in c.items() if k != "image"} for c in spec.get(group) or ()]
    return kept


CHANGEABLE = (
    "activeDeadlineSeconds",
    "ephemeralContainers",
    "nodeName",  # the sandbox binds a Pod by an update
    "schedulingGates",
    "terminationGracePeriodSeconds",
    "tolerations",
)
