"""What the server refuses, kind by kind: the field, the reason and the sentence of each cause."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from tests.conformance.objects import configmap, deployment, pod, service
from tests.conformance.test_defaults import job, workload

PORT = {"port": 80}


def changed(obj: Any, **spec: Any) -> dict[str, Any]:
    return {**obj, "spec": {**obj["spec"], **spec}}


def container(**fields: Any) -> Any:
    return pod("x", containers=[{"name": "a", "image": "a:1", **fields}])


CASES = [
    ("po", pod("x", containers=[{"name": "A", "image": "a"}]), "spec.containers[0].name", "FieldValueInvalid"),
    ("po", pod("x", containers=[{"name": "a", "image": "a"}] * 2), "spec.containers[1].name", "FieldValueDuplicate"),
    ("po", pod("x", containers=[{"image": "a"}]), "spec.containers[0].name", "FieldValueRequired"),
    ("po", container(imagePullPolicy="Often"), "spec.containers[0].imagePullPolicy", "FieldValueNotSupported"),
    ("po", container(ports=[{"containerPort": 0}]), "spec.containers[0].ports[0].containerPort", "FieldValueRequired"),
    ("po", container(ports=[{"containerPort": 70000}]), "spec.containers[0].ports[0].containerPort", "FieldValueInvalid"),
    ("po", container(ports=[{"containerPort": 1, "protocol": "ICMP"}]), "spec.containers[0].ports[0].protocol", "FieldValueNotSupported"),
    ("po", container(env=[{"name": "", "value": "1"}]), "spec.containers[0].env[0].name", "FieldValueRequired"),
    ("po", container(env=[{"name": "A=B", "value": "1"}]), "spec.containers[0].env[0].name", "FieldValueInvalid"),
    ("po", container(volumeMounts=[{"name": "no", "mountPath": "/x"}]), "spec.containers[0].volumeMounts[0].name", "FieldValueNotFound"),
    ("po", container(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}), "spec.containers[0].resources.requests", "FieldValueInvalid"),
    ("po", container(resources={"limits": {"cpu": "-1"}}), "spec.containers[0].resources.limits[cpu]", "FieldValueInvalid"),
    ("po", pod("x", dnsPolicy="Never"), "spec.dnsPolicy", "FieldValueNotSupported"),
    ("po", pod("x", volumes=[{"name": "a", "emptyDir": {}}] * 2), "spec.volumes[1].name", "FieldValueDuplicate"),
    ("po", pod("x", activeDeadlineSeconds=0), "spec.activeDeadlineSeconds", "FieldValueInvalid"),
    ("po", pod("x", nodeSelector={"a b": "c"}), "spec.nodeSelector", "FieldValueInvalid"),
    ("deploy", {"metadata": {"name": "x"}, "spec": {"template": workload()["spec"]["template"]}}, "spec.selector", "FieldValueRequired"),
    ("deploy", changed(deployment("x"), minReadySeconds=-1), "spec.minReadySeconds", "FieldValueInvalid"),
    ("deploy", changed(deployment("x"), strategy={"type": "Slowly"}), "spec.strategy", "FieldValueNotSupported"),
    ("deploy", changed(deployment("x"), revisionHistoryLimit=-1), "spec.revisionHistoryLimit", "FieldValueInvalid"),
    ("rs", changed(workload(), replicas=-1), "spec.replicas", "FieldValueInvalid"),
    ("sts", changed(workload(), podManagementPolicy="Sometimes", replicas=0), "spec.podManagementPolicy", "FieldValueInvalid"),
    ("jobs", job(parallelism=-1), "spec.parallelism", "FieldValueInvalid"),
    ("jobs", changed(job(), template={**job()["spec"]["template"], "spec": {**job()["spec"]["template"]["spec"], "restartPolicy": "Always"}}), "spec.template.spec.restartPolicy", "FieldValueRequired"),
    ("cj", {"metadata": {"name": "x"}, "spec": {"schedule": "often", "jobTemplate": {"spec": job()["spec"]}}}, "spec.schedule", "FieldValueInvalid"),
    ("cj", {"metadata": {"name": "x"}, "spec": {"schedule": "", "jobTemplate": {"spec": job()["spec"]}}}, "spec.schedule", "FieldValueRequired"),
    ("cj", {"metadata": {"name": "x"}, "spec": {"schedule": "* * * * *", "timeZone": "Nowhere", "jobTemplate": {"spec": job()["spec"]}}}, "spec.timeZone", "FieldValueInvalid"),
    ("svc", {"metadata": {"name": "x"}, "spec": {}}, "spec.ports", "FieldValueRequired"),
    ("svc", {"metadata": {"name": "X"}, "spec": {"ports": [PORT]}}, "metadata.name", "FieldValueInvalid"),
    ("svc", {"metadata": {"name": "1x"}, "spec": {"ports": [PORT]}}, None, None),
    ("svc", changed(service("x"), ports=[PORT, {"port": 81}]), "spec.ports[0].name", "FieldValueRequired"),
    ("svc", changed(service("x"), type="Magic"), "spec.type", "FieldValueNotSupported"),
    ("svc", changed(service("x"), clusterIP="nonsense"), "spec.clusterIPs[0]", "FieldValueInvalid"),
    ("svc", changed(service("x"), sessionAffinity="Some"), "spec.sessionAffinity", "FieldValueNotSupported"),
    ("cm", {"metadata": {"name": "x"}, "data": {"a": "1"}, "binaryData": {"a": "MQ=="}}, "data[a]", "FieldValueInvalid"),
    ("cm", configmap("x", {"a/b": "1"}), "data[a/b]", "FieldValueInvalid"),
    ("secrets", {"metadata": {"name": "x"}, "type": "kubernetes.io/tls", "data": {}}, "data[tls.crt]", "FieldValueRequired"),
    ("secrets", {"metadata": {"name": "x"}, "stringData": {"a b": "1"}}, "data[a b]", "FieldValueInvalid"),
    ("pvc", {"metadata": {"name": "x"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}, "spec.accessModes", "FieldValueRequired"),
    ("pvc", {"metadata": {"name": "x"}, "spec": {"accessModes": ["ReadWriteOnce"]}}, "spec.resources[storage]", "FieldValueRequired"),
    ("quota", {"metadata": {"name": "x"}, "spec": {"hard": {"pods": "-1"}}}, "spec.hard[pods]", "FieldValueInvalid"),
    ("roles", {"metadata": {"name": "x"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": []}]}, "rules[0].verbs", "FieldValueRequired"),
    ("rolebindings", {"metadata": {"name": "x"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Thing", "name": "a"}}, "roleRef.kind", "FieldValueNotSupported"),
    ("hpa", {"metadata": {"name": "x"}, "spec": {"maxReplicas": 0, "scaleTargetRef": {"kind": "Deployment", "name": "d"}}}, "spec.maxReplicas", "FieldValueInvalid"),
    ("pdb", {"metadata": {"name": "x"}, "spec": {"minAvailable": 1, "maxUnavailable": 1, "selector": {}}}, "spec", "FieldValueInvalid"),
    ("netpol", {"metadata": {"name": "x"}, "spec": {"podSelector": {"matchLabels": {"a b": "c"}}}}, "spec.podSelector.matchLabels", "FieldValueInvalid"),
    ("ing", {"metadata": {"name": "x"}, "spec": {}}, "spec", "FieldValueInvalid"),
    ("leases", {"metadata": {"name": "x"}, "spec": {"leaseDurationSeconds": 0}}, "spec.leaseDurationSeconds", "FieldValueInvalid"),
]  # fmt: skip
IDS = [f"{kind} {field or 'fine'} {reason or ''} {number}" for number, (kind, _, field, reason) in enumerate(CASES)]


@pytest.mark.parametrize(("kind", "wrong", "field", "reason"), CASES, ids=IDS)
async def test_causes(client: AsyncClient, ns: str, kind: Any, wrong: Any, field: Any, reason: Any) -> None:
    resource = client.resource(kind, namespace=ns)
    if field is None:
        await resource.create(wrong, dry_run=True)
        return
    with pytest.raises(errors.InvalidError) as caught:
        await resource.create(wrong, dry_run=True)
    assert (field, reason) in {(cause["field"], cause["reason"]) for cause in caught.value.causes}
    assert caught.value.status["code"] == 422
    assert "is invalid: " in caught.value.message


IMMUTABLE = [
    ("po", pod("x"), {"spec": {"nodeName": "a", "restartPolicy": "Never"}}, "pod updates may not change fields other than"),
    ("svc", service("x"), {"spec": {"clusterIP": "10.0.200.200"}}, "may not change once set|field is immutable"),
    ("jobs", job(), {"spec": {"completions": 5}}, "field is immutable"),
    ("sts", changed(workload(serviceName="s"), replicas=0), {"spec": {"serviceName": "t"}}, "field is immutable"),
    ("secrets", {"metadata": {"name": "x"}, "type": "Opaque"}, {"type": "example.com/other"}, "field is immutable"),
    ("deploy", deployment("x"), {"metadata": {"uid": "11111111-1111-1111-1111-111111111111"}}, "Precondition failed|field is immutable"),
    ("cm", {"metadata": {"name": "x"}, "immutable": True}, {"immutable": False}, "field is immutable when `immutable` is set"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "made", "patch", "message"), IMMUTABLE, ids=[case[0] for case in IMMUTABLE])
async def test_what_cannot_change(client: AsyncClient, ns: str, kind: Any, made: Any, patch: Any, message: Any) -> None:
    resource = client.resource(kind, namespace=ns)
    await resource.create(made)
    with pytest.raises((errors.InvalidError, errors.ConflictError), match=message):
        await resource.patch("x", patch)


async def test_several_causes_in_one_answer(client: AsyncClient, ns: str) -> None:
    wrong = pod("x", restartPolicy="Sometimes", dnsPolicy="Never", containers=[{"name": "A", "image": ""}])
    with pytest.raises(errors.InvalidError) as caught:
        await client.resource("po", namespace=ns).create(wrong)
    fields = [cause["field"] for cause in caught.value.causes]
    assert {"spec.containers[0].name", "spec.containers[0].image", "spec.restartPolicy", "spec.dnsPolicy"} <= set(
        fields
    )
    assert caught.value.message.startswith('Pod "x" is invalid: [')
    assert caught.value.status["details"]["kind"] == "Pod"
