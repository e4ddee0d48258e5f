"""The official Python client: create, list, watch, patch, scale, delete."""

from __future__ import annotations

import json
import sys

from kubernetes import client, config, watch

space = sys.argv[1]
config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()
seen: dict[str, object] = {"minor": client.VersionApi().get_code().minor}

made = core.create_namespaced_config_map(
    space, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="settings", labels={"app": "a"}), data={"a": "1"})
)
patched = core.patch_namespaced_config_map("settings", space, {"data": {"b": "2"}})
seen["patched"] = [patched.data, patched.metadata.uid == made.metadata.uid]
made.data = {"a": "9"}
try:
    core.replace_namespaced_config_map("settings", space, made)
except client.ApiException as error:
    seen["stale"] = [error.status, json.loads(error.body)["reason"]]
changes: list[str] = []
for event in watch.Watch().stream(
    core.list_namespaced_config_map,
    space,
    label_selector="app=a",
    resource_version=made.metadata.resource_version,
    timeout_seconds=60,
):
    changes.append(event["type"])
    if event["type"] == "MODIFIED":
        core.delete_namespaced_config_map("settings", space)
    if event["type"] == "DELETED":
        break
seen["changes"] = changes

labels = {"app": "web"}
container = client.V1Container(name="web", image="registry.k8s.io/pause:3.10")
template = client.V1PodTemplateSpec(
    metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container])
)
apps.create_namespaced_deployment(
    space,
    client.V1Deployment(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V1DeploymentSpec(
            replicas=1, selector=client.V1LabelSelector(match_labels=labels), template=template
        ),
    ),
)
scale = apps.patch_namespaced_deployment_scale("web", space, {"spec": {"replicas": 2}})
seen["scaled"] = [scale.kind, scale.spec.replicas, apps.read_namespaced_deployment_scale("web", space).spec.replicas]
listed = apps.list_namespaced_deployment(space, limit=1)
seen["listed"] = [item.metadata.name for item in listed.items]
going = apps.delete_namespaced_deployment("web", space, propagation_policy="Foreground")
seen["deleted"] = [going["kind"], going["metadata"]["finalizers"]]
try:
    core.read_namespaced_config_map("missing", space)
except client.ApiException as error:
    seen["missing"] = [error.status, json.loads(error.body)["message"]]
review = client.AuthorizationV1Api().create_self_subject_access_review(
    client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(
            resource_attributes=client.V1ResourceAttributes(verb="list", resource="pods", namespace=space)
        )
    )
)
seen["allowed"] = review.status.allowed
print(json.dumps(seen))
