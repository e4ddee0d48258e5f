"""The validation of an object: its name and metadata, its kind's rules, a custom schema, immutable fields.

Source: staging/src/k8s.io/apimachinery/pkg/api/validation, kubernetes v1.37.2; the rules of kinds are in ``rules``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.paths import get_path
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation import sizes, structural
from kmagic.sandbox.validation.rules import (
    jobs,
    labels,
    owners,
    pods,
    policies,
    schema_rules,
    services,
    storage,
    workloads,
)
from kmagic.sandbox.validation.rules.causes import forbidden, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kmagic.sandbox.schema.crds import CustomSchemas
    from kmagic.sandbox.schema.resources import Resource

__all__ = ("validate_create", "validate_update")


LABEL_NAMED = frozenset({"namespaces", "services", "statefulsets.apps"})
FREELY_NAMED = ("rbac.authorization.k8s.io",)


def validate_create(resource: Resource, obj: JSONObject, custom: CustomSchemas) -> None:
    """Judges a new object.

    Raises:
        APIError: 422 with one cause a wrong field.
    """
    causes = [*_metadata(resource, obj), *_kind(resource, obj), *_custom(resource, obj, custom)]
    if resource.type.full_name == "cronjobs.batch":
        causes += jobs.new_cron_job(obj)
    _raise(resource, obj, causes)


def validate_update(resource: Resource, old: JSONObject, new: JSONObject, custom: CustomSchemas) -> None:
    """Judges a new state of an object.

    Raises:
        APIError: 422 with one cause a wrong field.
    """
    causes = [*_metadata(resource, new), *_kind(resource, new), *_custom(resource, new, custom, old)]
    causes += _immutable(resource, old, new)
    _raise(resource, new, causes)


def _raise(resource: Resource, obj: JSONObject, causes: list[Cause]) -> None:
    if causes:
        raise status.invalid(resource.type.kind, resource.type.group, obj["metadata"].get("name", ""), causes)


def _metadata(resource: Resource, obj: JSONObject) -> Iterator[Cause]:
    metadata = obj["metadata"]
    if resource.type.full_name in LABEL_NAMED:
        yield from labels.dns_label("metadata.name", metadata["name"])
    elif resource.type.group in FREELY_NAMED:
        yield from labels.path_segment("metadata.name", metadata["name"])
    else:
        yield from labels.dns_subdomain("metadata.name", metadata["name"])
    yield from labels.labels("metadata.labels", metadata.get("labels") or {})
    yield from labels.annotation_keys("metadata.annotations", metadata.get("annotations") or {})
    yield from owners.causes(metadata)
    yield from labels.finalizers("metadata.finalizers", metadata.get("finalizers") or (), builtin=not resource.custom)
    yield from sizes.causes(obj)


def _kind(resource: Resource, obj: JSONObject) -> Iterator[Cause]:
    judge = KINDS.get(resource.type.full_name)
    return judge(obj) if judge else iter(())


def _custom(
    resource: Resource, obj: JSONObject, custom: CustomSchemas, old: JSONObject | None = None
) -> Iterator[Cause]:
    if not resource.custom:
        return
    found = list(structural.causes(obj, custom.schema(resource)))
    yield from found
    schema = custom.structural(resource)
    if schema_rules.has_rules(schema):
        if schema_rules.blocks(found):
            yield schema_rules.NOT_CHECKED
        else:
            yield from schema_rules.causes(obj, schema, old)


def _immutable(resource: Resource, old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    for path in IMMUTABLE.get(resource.type.full_name, ()):
        before, after = get_path(old, path), get_path(new, path)
        if before != after:
            yield wrong(path, after, "field is immutable")
    added = set(new["metadata"].get("finalizers") or ()) - set(old["metadata"].get("finalizers") or ())
    if added and old["metadata"].get("deletionTimestamp"):
        names = ", ".join(f'"{name}"' for name in sorted(added))
        why = "no new finalizers can be added if the object is being deleted, found new finalizers []string"
        yield forbidden("metadata.finalizers", f"{why}{{{names}}}")
    judge = CHANGES.get(resource.type.full_name)
    if judge:
        yield from judge(old, new)


IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "deployments.apps": ("spec.selector",),
    "replicasets.apps": ("spec.selector",),
    "daemonsets.apps": ("spec.selector",),
    "statefulsets.apps": (
        "spec.selector",
        "spec.volumeClaimTemplates",
        "spec.serviceName",
        "spec.podManagementPolicy",
    ),
    "storageclasses.storage.k8s.io": ("provisioner", "parameters"),
}

CHANGES: Mapping[str, Callable[[JSONObject, JSONObject], Iterator[Cause]]] = {
    "clusterrolebindings.rbac.authorization.k8s.io": policies.binding_change,
    "configmaps": storage.sealed_change,
    "jobs.batch": jobs.job_change,
    "persistentvolumeclaims": storage.claim_change,
    "pods": pods.pod_change,
    "rolebindings.rbac.authorization.k8s.io": policies.binding_change,
    "secrets": storage.secret_change,
    "services": services.service_change,
}

KINDS: Mapping[str, Callable[[JSONObject], Iterator[Cause]]] = {
    "clusterrolebindings.rbac.authorization.k8s.io": policies.cluster_role_binding,
    "clusterroles.rbac.authorization.k8s.io": policies.cluster_role,
    "configmaps": storage.config_map,
    "cronjobs.batch": jobs.cron_job,
    "customresourcedefinitions.apiextensions.k8s.io": policies.definition,
    "daemonsets.apps": workloads.daemon_set,
    "deployments.apps": workloads.deployment,
    "horizontalpodautoscalers.autoscaling": policies.autoscaler,
    "ingresses.networking.k8s.io": services.ingress,
    "jobs.batch": jobs.job,
    "leases.coordination.k8s.io": policies.lease,
    "limitranges": storage.limit_range,
    "networkpolicies.networking.k8s.io": services.network_policy,
    "persistentvolumeclaims": storage.claim,
    "poddisruptionbudgets.policy": policies.disruption_budget,
    "pods": pods.pod,
    "priorityclasses.scheduling.k8s.io": policies.priority_class,
    "replicasets.apps": workloads.replica_set,
    "resourcequotas": storage.quota,
    "rolebindings.rbac.authorization.k8s.io": policies.role_binding,
    "roles.rbac.authorization.k8s.io": policies.role,
    "secrets": storage.secret,
    "services": services.service,
    "statefulsets.apps": workloads.stateful_set,
    "storageclasses.storage.k8s.io": policies.storage_class,
}
