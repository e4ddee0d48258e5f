"""What an object has that nobody said."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("kind", "api", "spec", "found"),
    [
        ("Pod", "v1", {"containers": [{"name": "c", "image": "i"}]}, {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "terminationGracePeriodSeconds": 30}),
        ("Pod", "v1", {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}, {"restartPolicy": "Never"}),
        ("Service", "v1", {"ports": [{"port": 80}]}, {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}),
        ("PersistentVolumeClaim", "v1", {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1"}}}, {"volumeMode": "Filesystem"}),
    ],
)  # fmt: skip
def test_fields_have_upstreams_defaults(still: Any, kind: Any, api: Any, spec: Any, found: Any) -> None:
    metadata = {"name": "x", "namespace": "default"}
    made = still.create({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}).decode()
    assert {name: made["spec"].get(name) for name in found} == found


@pytest.mark.parametrize(("image", "policy"), [("i", "Always"), ("i:latest", "Always"), ("i:1", "IfNotPresent")])
def test_an_image_is_pulled_by_its_tag(still: Any, image: Any, policy: Any) -> None:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "default"}}
    made = still.create({**body, "spec": {"containers": [{"name": "c", "image": image}]}}).decode()
    assert made["spec"]["containers"][0]["imagePullPolicy"] == policy
