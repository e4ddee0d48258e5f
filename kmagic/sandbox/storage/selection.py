"""Label and field selectors of a request, as one predicate over stored objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api.paths import get_path
from kmagic.api.selectors import SelectorError, parse_fields, parse_labels
from kmagic.sandbox import status

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Stored

__all__ = ("matcher",)

METADATA = {"metadata.name": "name", "metadata.namespace": "namespace"}

# Beside metadata.name and metadata.namespace, which every resource has.
# Source: the AddFieldLabelConversionFunc calls under pkg/apis, kubernetes v1.37.2.
FIELDS: dict[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "namespaces": ("status.phase", "name"),
    "nodes": ("spec.unschedulable",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
    "jobs.batch": ("status.successful",),
    "replicasets.apps": ("status.replicas",),
    "replicationcontrollers": ("status.replicas",),
    "certificatesigningrequests.certificates.k8s.io": ("spec.signerName",),
    "resourceslices.resource.k8s.io": ("spec.nodeName", "spec.driver", "spec.pool.name"),
}

# What Go's structs hold where JSON has nothing.
ZEROS = {"spec.hostNetwork": "false", "spec.unschedulable": "false", "status.replicas": "0"}


def matcher(resource: Resource, namespace: str, labels: str, fields: str, name: str = "") -> Callable[[Stored], bool]:
    """The predicate of a list, watch or delete-collection.

    Args:
        resource: The resource to select from; decides which fields can be selected.
        namespace: Only this namespace, or "" for all.
        labels: The label selector's text.
        fields: The field selector's text.
        name: Only this object; a watch on a single name comes here.

    Raises:
        APIError: 400 for a selector that cannot be read or a field that cannot be selected.
    """
    tests: list[Callable[[Stored], bool]] = []
    if namespace:
        tests.append(lambda stored: stored.namespace == namespace)
    if name:
        tests.append(lambda stored: stored.name == name)
    try:
        if labels:
            by_labels = parse_labels(labels)
            tests.append(lambda stored: by_labels.matches(stored.labels))
        if fields:
            tests.append(_field_test(resource, fields))
    except SelectorError as error:
        raise status.bad_request(f"unable to parse requirement: {error}") from None
    if not tests:
        return lambda stored: True
    if len(tests) == 1:
        return tests[0]
    return lambda stored: all(test(stored) for test in tests)


def _field_test(resource: Resource, text: str) -> Callable[[Stored], bool]:
    terms = [(r.field, r.operator == "=", r.value) for r in parse_fields(text).requirements]
    allowed = resource.selectable or FIELDS.get(resource.type.full_name, ())
    zeros = {} if resource.custom else ZEROS
    for field, _, _ in terms:
        if field not in allowed and field not in METADATA:
            if allowed:
                raise status.bad_request(f"field label not supported: {field}")
            known = '"metadata.name", "metadata.namespace"'
            raise status.bad_request(f'"{field}" is not a known field selector: only {known}')
    on_metadata = [(METADATA[field], equal, value) for field, equal, value in terms if field in METADATA]
    on_object = [term for term in terms if term[0] not in METADATA]

    def test(stored: Stored) -> bool:
        if not all((getattr(stored, field) == value) is equal for field, equal, value in on_metadata):
            return False
        if not on_object:
            return True
        obj = stored.decode()
        return all(
            ((_value(obj, field) or zeros.get(field, "")) == value) is equal for field, equal, value in on_object
        )

    return test


def _value(obj: dict[str, Any], field: str) -> str:
    if field == "source" and obj.get("kind") == "Event":
        return str((obj.get("source") or {}).get("component") or obj.get("reportingComponent", ""))
    if field == "status.successful":
        return str((obj.get("status") or {}).get("succeeded", 0))
    value = get_path(obj, field)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
