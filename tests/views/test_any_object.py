"""Objects of a server with any values at any place: what reads them gives text or a value, or an error of the tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmagic
from kmagic.api import trouble
from kmagic.api.door import check_metadata
from kmagic.api.jsonpath import JSONPath
from kmagic.client import pods_of, wait
from kmagic.controller.reference import object_reference
from kmagic.errors import KubeError, StatusError
from kmagic.safety.approval import Touched, demand
from kmagic.testing.sandbox import cluster
from kmagic.views import access, describe, diff, errors, masking, rollout
from kmagic.views import yaml as yamls
from tests.strange import bounded, mutated

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SALT = b"salt"
POD_SPEC = """
      initContainers: [{name: first, image: busybox, restartPolicy: Always}]
      containers:
      - name: main
        image: nginx
        command: [sh]
        args: ["-c", "sleep 1"]
        ports: [{containerPort: 80, name: http}]
        env: [{name: A, value: b}, {name: C, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}]
        resources: {requests: {cpu: 100m}, limits: {memory: 1Gi}}
        livenessProbe: {httpGet: {path: /, port: 80}}
        volumeMounts: [{name: conf, mountPath: /etc/conf, readOnly: true}]
      volumes: [{name: conf, configMap: {name: settings}}]
      tolerations: [{key: a, value: b, effect: NoSchedule}]
"""
MANIFESTS = f"""
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: default, annotations: {{note: x}}}}
data: {{mode: dark}}
binaryData: {{b: AAEC}}
---
apiVersion: v1
kind: Secret
metadata: {{name: login, namespace: default}}
stringData: {{password: hunter22}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: default}}
spec: {{selector: {{app: web}}, ports: [{{port: 80, targetPort: http}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: default}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:{POD_SPEC}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db, namespace: default}}
spec:
  serviceName: db
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec:{POD_SPEC}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: all, namespace: default}}
spec:
  selector: {{matchLabels: {{app: all}}}}
  template:
    metadata: {{labels: {{app: all}}}}
    spec:{POD_SPEC}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: once, namespace: default}}
spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: busybox}}]}}}}}}
"""
LISTED = (
    "pods",
    "replicasets.apps",
    "events",
    "nodes",
    "namespaces",
    "serviceaccounts",
    "endpointslices.discovery.k8s.io",
)
MADE = ("configmaps", "secrets", "services", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch")

READERS: dict[str, Callable[[Any], object]] = {
    "describe": lambda obj: describe.describe(obj, now=NOW, salt=SALT),
    "events": lambda obj: describe.describe({"metadata": {}}, now=NOW, salt=SALT, events=[obj, obj]),
    "trouble": trouble.trouble_of,
    "never met": lambda obj: [trouble.never_met(obj, each) for each in ("condition=Ready", "condition=Complete")],
    "progress": rollout.progress,
    "mask": lambda obj: masking.mask_object(obj, SALT),
    "yaml": lambda obj: yamls.to_yaml(obj, SALT),
    "neat": yamls.neat,
    "without managed fields": yamls.without_managed_fields,
    "same": lambda obj: yamls.same_wish(obj, {"kind": obj.get("kind")}),
    "diff": lambda obj: diff.changes_text(diff.changes(obj, {"metadata": {"name": "a"}, "spec": {}}, salt=SALT)),
    "demand": lambda obj: demand([Touched("pods", "a", before=obj, after=obj)]),
    "selector": pods_of.pod_selector,
    "most active": lambda obj: pods_of.most_active([obj, obj, {}], "go into"),
    "by logging": lambda obj: pods_of.by_logging([obj, {}, obj]),
    "ready": lambda obj: pods_of.is_ready(obj, deleted_too=True),
    "state of a Pod": pods_of.state_of,
    "condition": wait.condition("Ready"),
    "jsonpath": wait.jsonpath("{.status.phase}", "Running"),
    "waited": wait.state,
    "leaving": wait.leaving,
    "paths": lambda obj: JSONPath("{range .spec.containers[*]}{.name}{.ports[0].containerPort}{end}").render(obj),
    "rights": access.access_rows,
    "rights to some": lambda obj: access.may_for_some(obj, {"verb": "get", "resource": "pods"}),
    "reference": object_reference,
}


@pytest.fixture(scope="module")
def objects() -> list[Any]:
    """Objects as a server wrote them, of every type that is described by itself, and some more."""
    with cluster() as sandbox, kmagic.Client(kubeconfig=str(sandbox.kubeconfig), guard=False) as client:
        client.apply(MANIFESTS)
        client.resource("deployments.apps", "default").wait("web", condition="Available", timeout=60)
        client.resource("jobs.batch", "default").wait("once", jsonpath="{.status.active}=1", timeout=60)
        found = [each for kind in (*MADE, *LISTED) for each in list(client.resource(kind).list())[:3]]
    return [dict(each) for each in found]


@given(data=st.data())
@bounded(150)
def test_any_object_is_read_or_refused_by_an_error_of_the_tree(objects: list[Any], data: st.DataObject) -> None:
    obj = data.draw(mutated(*objects))
    for name, read in READERS.items():
        try:
            read(obj)
        except KubeError:
            continue
        except Exception as error:
            raise AssertionError(f"{name} of {obj.get('kind')}") from error


@given(data=st.data())
@bounded(100)
def test_any_metadata_are_of_their_types_or_refused(objects: list[Any], data: st.DataObject) -> None:
    obj = data.draw(mutated(*[{"kind": each["kind"], "metadata": each["metadata"]} for each in objects]))
    try:
        head = check_metadata(obj, "it").get("metadata") or {}
    except KubeError:
        return
    assert isinstance(head.get("labels") or {}, dict)
    assert all(isinstance(each, dict) for each in head.get("ownerReferences") or ())


STATUS = {
    "kind": "Status",
    "reason": "Invalid",
    "code": 422,
    "details": {
        "kind": "pods",
        "group": "",
        "name": "web",
        "causes": [{"field": "spec", "message": "no", "reason": "FieldValueInvalid"}],
        "retryAfterSeconds": 1,
    },
}


@given(status=mutated(STATUS, {**STATUS, "code": 501}))
@bounded(100)
def test_any_status_has_a_card(status: Any) -> None:
    card = errors.card_of(StatusError("no", status=status))
    assert "no" in errors.card_text(card)
    assert "no" in errors.card_html(card)


def test_objects_as_the_server_wrote_them_are_read(objects: list[Any]) -> None:
    for obj in objects:
        assert str(obj["metadata"]["name"]) in describe.describe(obj, now=NOW, salt=SALT)
        assert check_metadata(obj, "it") is obj
