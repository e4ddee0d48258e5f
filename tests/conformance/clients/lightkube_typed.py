"""lightkube: create, list, watch, patch, apply, scale, delete."""

from __future__ import annotations

import json
import sys

from lightkube import ApiError, Client
from lightkube.models.apps_v1 import DeploymentSpec
from lightkube.models.core_v1 import Container, PodSpec, PodTemplateSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Namespace
from lightkube.types import PatchType

space = sys.argv[1]
client = Client(namespace=space, field_manager="light")
seen: dict[str, object] = {"namespace": client.get(Namespace, space).status.phase}

made = client.create(ConfigMap(metadata=ObjectMeta(name="settings", labels={"app": "a"}), data={"a": "1"}))
patched = client.patch(ConfigMap, "settings", {"data": {"b": "2"}}, patch_type=PatchType.MERGE)
seen["patched"] = patched.data
try:
    client.replace(made)
except ApiError as error:
    seen["stale"] = [error.status.code, error.status.reason]
try:
    client.apply(ConfigMap(metadata=ObjectMeta(name="settings"), data={"b": "3"}), field_manager="other")
except ApiError as error:
    seen["conflict"] = [error.status.code, [cause.field for cause in error.status.details.causes]]
applied = client.apply(
    ConfigMap(metadata=ObjectMeta(name="settings"), data={"b": "3"}), field_manager="other", force=True
)
seen["applied"] = applied.data
changes: list[str] = []
for kind, _ in client.watch(ConfigMap, labels={"app": "a"}, resource_version=made.metadata.resourceVersion):
    changes.append(kind)
    if changes.count("MODIFIED") == 2 and kind == "MODIFIED":
        client.delete(ConfigMap, "settings")
    if kind == "DELETED":
        break
seen["changes"] = changes

labels = {"app": "web"}
container = Container(name="web", image="registry.k8s.io/pause:3.10")
template = PodTemplateSpec(metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[container]))
spec = DeploymentSpec(replicas=1, selector=LabelSelector(matchLabels=labels), template=template)
client.create(Deployment(metadata=ObjectMeta(name="web"), spec=spec))
scale = client.patch(Deployment.Scale, "web", {"spec": {"replicas": 2}}, patch_type=PatchType.MERGE)
seen["scaled"] = [scale.spec.replicas, client.get(Deployment, "web").spec.replicas]
seen["listed"] = [item.metadata.name for item in client.list(Deployment)]
client.delete(Deployment, "web")
try:
    client.get(ConfigMap, "missing")
except ApiError as error:
    seen["missing"] = [error.status.code, error.status.message]
print(json.dumps(seen))
