"""What makes an object invalid: names, required fields, values that must not change.

The real server has a hand-written rule for every field; this module has those that people meet, in the same words.

Source: staging/src/k8s.io/apimachinery/pkg/api/validation, pkg/apis/*/validation, kubernetes v1.37.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kmagic.api.types import JSONObject
from kmagic.sandbox import custom_validation, owners, status
from kmagic.sandbox.status import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kmagic.sandbox.crds import CustomSchemas
    from kmagic.sandbox.resources import Resource

__all__ = (
    "forbidden",
    "required",
    "unsupported",
    "validate_create",
    "validate_update",
    "wrong",
)


LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
KEY_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")

SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
KEY_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
SUBDOMAIN_LENGTH, LABEL_LENGTH = 253, 63

LABEL_NAMED = frozenset({"namespaces", "services"})
FREELY_NAMED = ("rbac.authorization.k8s.io",)


def validate_create(resource: Resource, obj: JSONObject, custom: CustomSchemas) -> None:
    """Judge a new object.

    Raises:
        APIError: 422 with one cause a wrong field.
    """
    causes = [*_metadata(resource, obj), *_kind(resource, obj), *_custom(resource, obj, custom)]
    _raise(resource, obj, causes)


def validate_update(resource: Resource, old: JSONObject, new: JSONObject, custom: CustomSchemas) -> None:
    """Judge a new state of an object.

    Raises:
        APIError: 422 with one cause a wrong field.
    """
    causes = [*_metadata(resource, new), *_kind(resource, new), *_custom(resource, new, custom)]
    causes += _immutable(resource, old, new)
    _raise(resource, new, causes)


def _raise(resource: Resource, obj: JSONObject, causes: list[Cause]) -> None:
    if causes:
        raise status.invalid(resource.type.kind, resource.type.group, obj["metadata"].get("name", ""), causes)


def required(field: str, why: str = "") -> Cause:
    """A field is missing."""
    return Cause("FieldValueRequired", field, "Required value" + (f": {why}" if why else ""))


def wrong(field: str, value: str, why: str) -> Cause:
    """A value is not allowed; ``value`` is already quoted as JSON quotes it."""
    return Cause("FieldValueInvalid", field, f"Invalid value: {value}: {why}")


def unsupported(field: str, value: str, allowed: tuple[str, ...]) -> Cause:
    """A value is none of a fixed set."""
    words = ", ".join(f'"{word}"' for word in sorted(allowed))
    return Cause("FieldValueNotSupported", field, f'Unsupported value: "{value}": supported values: {words}')


def forbidden(field: str, why: str) -> Cause:
    """A change is not allowed."""
    return Cause("FieldValueForbidden", field, f"Forbidden: {why}")


def _metadata(resource: Resource, obj: JSONObject) -> Iterator[Cause]:
    metadata = obj["metadata"]
    name = metadata["name"]
    if resource.type.group not in FREELY_NAMED:
        pattern, rule, limit = SUBDOMAIN, SUBDOMAIN_RULE, SUBDOMAIN_LENGTH
        if resource.type.full_name in LABEL_NAMED:
            pattern, rule, limit = LABEL, LABEL_RULE, LABEL_LENGTH
        if resource.type.full_name in LABEL_NAMED and "." in name:
            yield wrong("metadata.name", f'"{name}"', "must not contain dots")
        elif not pattern.fullmatch(name):
            yield wrong("metadata.name", f'"{name}"', rule)
        if len(name) > limit:
            yield wrong("metadata.name", f'"{name}"', f"must be no more than {limit} bytes")
    yield from _labels("metadata.labels", metadata.get("labels") or {})
    for key in metadata.get("annotations") or {}:
        yield from _key("metadata.annotations", key)
    yield from owners.causes(metadata)


def _labels(field: str, labels: Mapping[str, str]) -> Iterator[Cause]:
    for key, value in labels.items():
        yield from _key(field, key)
        if not LABEL_VALUE.fullmatch(value):
            yield wrong(field, f'"{value}"', VALUE_RULE)
        if len(value) > LABEL_LENGTH:
            yield wrong(field, f'"{value}"', f"must be no more than {LABEL_LENGTH} bytes")


def _key(field: str, key: str) -> Iterator[Cause]:
    prefix, slash, name = key.rpartition("/")
    if slash and not SUBDOMAIN.fullmatch(prefix):
        yield wrong(field, f'"{key}"', f"prefix part {SUBDOMAIN_RULE}")
    if not KEY_NAME.fullmatch(name) or len(name) > LABEL_LENGTH:
        yield wrong(field, f'"{key}"', KEY_RULE)


def _kind(resource: Resource, obj: JSONObject) -> Iterator[Cause]:
    judge = KINDS.get(resource.type.full_name)
    return judge(obj) if judge else iter(())


def _custom(resource: Resource, obj: JSONObject, custom: CustomSchemas) -> Iterator[Cause]:
    if resource.custom:
        yield from custom_validation.causes(obj, custom.schema(resource))


def _pod(obj: JSONObject) -> Iterator[Cause]:
    yield from _pod_spec(obj.get("spec") or {}, "spec")


def _pod_spec(
    spec: JSONObject, field: str, *, policies: tuple[str, ...] = ("Always", "OnFailure", "Never")
) -> Iterator[Cause]:
    containers = spec.get("containers")
    if not containers:
        yield required(f"{field}.containers")
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    seen: set[str] = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(group) or ()):
            yield from _container(container, f"{field}.{group}[{index}]", volumes)
            name = container.get("name", "")
            if name in seen:
                yield Cause("FieldValueDuplicate", f"{field}.{group}[{index}].name", f'Duplicate value: "{name}"')
            seen.add(name)
    policy = spec.get("restartPolicy")
    if policy not in policies:
        yield unsupported(f"{field}.restartPolicy", str(policy), policies)


def _container(container: JSONObject, field: str, volumes: set[Any]) -> Iterator[Cause]:
    name = container.get("name")
    if not name:
        yield required(f"{field}.name")
    elif not LABEL.fullmatch(name) or len(name) > LABEL_LENGTH:
        yield wrong(f"{field}.name", f'"{name}"', LABEL_RULE)
    if not container.get("image"):
        yield required(f"{field}.image")
    for index, port in enumerate(container.get("ports") or ()):
        number = port.get("containerPort")
        if number is None:
            yield required(f"{field}.ports[{index}].containerPort")
        elif not 0 < number < 65_536:
            yield wrong(f"{field}.ports[{index}].containerPort", str(number), "must be between 1 and 65535, inclusive")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            yield Cause(
                "FieldValueNotFound", f"{field}.volumeMounts[{index}].name", f'Not found: "{mount.get("name")}"'
            )
    policy = container.get("imagePullPolicy")
    if policy not in ("Always", "IfNotPresent", "Never"):
        yield unsupported(f"{field}.imagePullPolicy", str(policy), ("Always", "IfNotPresent", "Never"))


def _selecting(obj: JSONObject, *, policies: tuple[str, ...] = ("Always",)) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    yield from _not_negative(spec, "replicas")
    selector = spec.get("selector")
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if selector is None:
        yield required("spec.selector")
        if not labels:
            yield wrong("spec.template.metadata.labels", "null", "`selector` does not match template `labels`")
    elif not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield wrong("spec.selector", "{}", f"empty selector is invalid for {NOUNS.get(obj['kind'], obj['kind'])}")
    elif not custom_validation.selects(selector, labels):
        shown = custom_validation.go_map(labels)
        yield wrong("spec.template.metadata.labels", shown, "`selector` does not match template `labels`")
    yield from _labels("spec.template.metadata.labels", labels)
    yield from _pod_spec(template.get("spec") or {}, "spec.template.spec", policies=policies)


NOUNS = {"Deployment": "deployment", "StatefulSet": "statefulset", "ReplicaSet": "deployment", "DaemonSet": "daemonset"}


def _not_negative(spec: JSONObject, name: str) -> Iterator[Cause]:
    if (spec.get(name) or 0) < 0:
        yield wrong(f"spec.{name}", str(spec[name]), "must be greater than or equal to 0")


def _job(obj: JSONObject) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    for name in ("completions", "parallelism", "backoffLimit"):
        yield from _not_negative(spec, name)
    template = (spec.get("template") or {}).get("spec") or {}
    yield from _job_template(template, "spec.template.spec")


def _job_template(template: JSONObject, field: str) -> Iterator[Cause]:
    policy = template.get("restartPolicy")
    if policy not in ("OnFailure", "Never"):
        message = 'Required value: valid values: "OnFailure", "Never"'
        if policy:
            yield unsupported(f"{field}.restartPolicy", policy, ("OnFailure", "Never"))
        else:
            yield Cause("FieldValueRequired", f"{field}.restartPolicy", message)
    yield from _pod_spec(template | {"restartPolicy": "Never"}, field)


def _cron_job(obj: JSONObject) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if not spec.get("schedule"):
        yield required("spec.schedule")
    template = ((spec.get("jobTemplate") or {}).get("spec") or {}).get("template") or {}
    yield from _job_template(template.get("spec") or {}, "spec.jobTemplate.spec.template.spec")


def _service(obj: JSONObject) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    ports = spec.get("ports") or ()
    kind = spec.get("type", "ClusterIP")
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    for index, port in enumerate(ports):
        number = port.get("port", 0)
        if not 0 < number < 65_536:
            yield wrong(f"spec.ports[{index}].port", str(number), "must be between 1 and 65535, inclusive")
        if len(ports) > 1 and not port.get("name"):
            yield required(f"spec.ports[{index}].name")
    kinds = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    if kind not in kinds:
        yield unsupported("spec.type", kind, kinds)


def _config_map(obj: JSONObject) -> Iterator[Cause]:
    for group in ("data", "binaryData"):
        for key in obj.get(group) or {}:
            if not CONFIG_KEY.fullmatch(key):
                rule = (
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
                )
                yield wrong(f"{group}[{key}]", f'"{key}"', rule)


def _definition(obj: JSONObject) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    names = spec.get("names") or {}
    wanted = f"{names.get('plural', '')}.{spec.get('group', '')}"
    if obj["metadata"]["name"] != wanted:
        yield wrong("metadata.name", f'"{obj["metadata"]["name"]}"', 'must be spec.names.plural+"."+spec.group')
    if not spec.get("versions"):
        yield required("spec.versions")
    for index, version in enumerate(spec.get("versions") or ()):
        if not (version.get("schema") or {}).get("openAPIV3Schema"):
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required")


def _immutable(resource: Resource, old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    for path in IMMUTABLE.get(resource.type.full_name, ()):
        before, after = _at(old, path), _at(new, path)
        if before != after:
            yield wrong(path, custom_validation.go_value(after), "field is immutable")
    added = set(new["metadata"].get("finalizers") or ()) - set(old["metadata"].get("finalizers") or ())
    if added and old["metadata"].get("deletionTimestamp"):
        names = ", ".join(f'"{name}"' for name in sorted(added))
        why = "no new finalizers can be added if the object is being deleted, found new finalizers []string"
        yield forbidden("metadata.finalizers", f"{why}{{{names}}}")
    if resource.type.full_name == "pods":
        yield from _pod_update(old, new)
    if resource.type.full_name == "configmaps" and old.get("immutable"):
        for name in ("data", "binaryData"):
            if old.get(name) != new.get(name):
                yield forbidden(name, "field is immutable when `immutable` is set")


def _pod_update(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    def frozen(pod: JSONObject) -> JSONObject:
        spec = dict(pod.get("spec") or {})
        for group in ("containers", "initContainers"):
            spec[group] = [{k: v for k, v in c.items() if k != "image"} for c in spec.get(group) or ()]
        for name in (
            "activeDeadlineSeconds",
            "tolerations",
            "terminationGracePeriodSeconds",
            "nodeName",
            "schedulingGates",
            "ephemeralContainers",
        ):
            spec.pop(name, None)
        return spec

    if frozen(old) != frozen(new):
        yield forbidden(
            "spec",
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
            "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        )


def _at(obj: JSONObject, path: str) -> Any:
    value: Any = obj
    for part in path.split("."):
        value = (value or {}).get(part)
    return value


IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "deployments.apps": ("spec.selector",),
    "replicasets.apps": ("spec.selector",),
    "daemonsets.apps": ("spec.selector",),
    "jobs.batch": ("spec.template", "spec.selector", "spec.completionMode"),
    "secrets": ("type",),
    "rolebindings.rbac.authorization.k8s.io": ("roleRef",),
    "clusterrolebindings.rbac.authorization.k8s.io": ("roleRef",),
    "storageclasses.storage.k8s.io": ("provisioner", "parameters"),
}

KINDS: Mapping[str, Callable[[JSONObject], Iterator[Cause]]] = {
    "configmaps": _config_map,
    "cronjobs.batch": _cron_job,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
    "daemonsets.apps": _selecting,
    "deployments.apps": _selecting,
    "jobs.batch": _job,
    "pods": _pod,
    "replicasets.apps": _selecting,
    "services": _service,
    "statefulsets.apps": _selecting,
}
