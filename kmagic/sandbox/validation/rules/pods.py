"""Pods and the Pod templates of everything that makes Pods.

Source: pkg/apis/core/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import choice, duplicate, forbidden, required, unsupported, wrong
from kmagic.sandbox.validation.rules.containers import container
from kmagic.sandbox.validation.rules.labels import (
    annotation_keys,
    dns_label,
    dns_subdomain,
    label_key,
    label_value,
    labels,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("pod", "pod_change", "pod_spec", "pod_template")

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
NEEDED_OF_VOLUMES = {
    "secret": "secretName",
    "configMap": "name",
    "persistentVolumeClaim": "claimName",
    "hostPath": "path",
    "csi": "driver",
}
LONGEST = 2**31 - 1
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
    yield from annotation_keys(f"{field}.annotations", metadata.get("annotations") or {})
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
        for index, one in enumerate(spec.get(group) or ()):
            yield from container(one, f"{field}.{group}[{index}]", names)
            name = one.get("name", "")
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
        for kind, part in NEEDED_OF_VOLUMES.items():
            if volume.get(kind) is not None and not volume[kind].get(part):
                yield required(f"{place}.{kind}.{part}")
        if not name:
            yield required(f"{place}.name")
        else:
            yield from dns_label(f"{place}.name", name)
        if name in seen:
            yield duplicate(f"{place}.name", name)
        seen.add(name)


def _toleration(toleration: JSONObject, field: str) -> Iterator[Cause]:
    key, operator = toleration.get("key", ""), toleration.get("operator", "")
    effect, value = toleration.get("effect", ""), toleration.get("value", "")
    if key:
        yield from label_key(f"{field}.key", key)
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


def pod_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """Yields the forbidden changes of a Pod: all but images, a deadline, more tolerations."""
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
    "schedulingGates",
    "terminationGracePeriodSeconds",
    "tolerations",
)
