"""The words of causes, of fields and kinds that test_invalid leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from tests.conformance.objects import deployment, pod, service
from tests.conformance.test_defaults import job
from tests.conformance.test_invalid import changed, container

BACKEND = {"service": {"name": "s", "port": {"number": 80}}}


def named(**fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x"}, **fields}


def cron(schedule: Any) -> Any:
    return named(spec={"schedule": schedule, "jobTemplate": {"spec": job()["spec"]}})


def strategy(**rolling: Any) -> Any:
    return changed(deployment("x"), strategy={"rollingUpdate": rolling})


def path(**fields: Any) -> Any:
    return named(spec={"rules": [{"http": {"paths": [{"path": "/", "backend": BACKEND, **fields}]}}]})


CASES = [
    ("po", container(name="a.b"), 'spec.containers[0].name: Invalid value: "a.b": must not contain dots'),
    ("po", container(ports=[{"containerPort": 1, "name": "a--b"}]), 'spec.containers[0].ports[0].name: Invalid value: "a--b": must not contain consecutive hyphens'),
    ("po", container(resources={"limits": {"gpu": "1"}}), 'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers'),
    ("po", container(resources={"requests": {"a.b/gpu": "1"}}), "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"),
    ("po", container(livenessProbe={}), "spec.containers[0].livenessProbe: Required value: must specify a handler type"),
    ("po", container(livenessProbe={"tcpSocket": {"port": 1}, "successThreshold": 2}), "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"),
    ("po", pod("x", volumes=[{"emptyDir": {}}]), "spec.volumes[0].name: Required value"),
    ("po", pod("x", volumes=[{"name": "a", "secret": {}}]), "spec.volumes[0].secret.secretName: Required value"),
    ("po", pod("x", tolerations=[{"key": "a", "operator": "Near"}]), 'spec.tolerations[0].operator: Unsupported value: "Near": supported values: "Equal", "Exists"'),
    ("po", {**pod("x"), "metadata": {"name": "x", "labels": {"/a": "b"}}}, 'metadata.labels: Invalid value: "/a": prefix part must be non-empty'),
    ("deploy", strategy(maxSurge=0, maxUnavailable=0), "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"),
    ("deploy", strategy(maxUnavailable="101%"), 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'),
    ("deploy", changed(deployment("x"), selector={"matchExpressions": [{"key": "app", "operator": "In"}]}), "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"),
    ("jobs", job(completionMode="Indexed", completions=None, parallelism=1), "spec.completions: Required value: when completion mode is Indexed"),
    ("cj", cron("60 * * * *"), 'spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60'),
    ("cj", cron("5-1 * * * *"), 'spec.schedule: Invalid value: "5-1 * * * *": beginning of range (5) beyond end of range (1): 5-1'),
    ("cj", cron("a * * * *"), 'spec.schedule: Invalid value: "a * * * *": failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
    ("cj", {**cron("* * * * *"), "metadata": {"name": "x" * 53}}, f'metadata.name: Invalid value: "{"x" * 53}": must be no more than 52 characters'),
    ("svc", changed(service("x"), type="ExternalName"), "spec.externalName: Required value"),
    ("svc", changed(service("x"), ports=[{"port": 80, "nodePort": 30001}]), "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"),
    ("svc", changed(service("x"), externalTrafficPolicy="Local"), 'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'),
    ("limits", named(spec={"limits": [{"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}}]}), 'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'),
    ("quota", named(spec={"hard": {"pods": "1.5"}}), 'spec.hard[pods]: Invalid value: "1500m": must be an integer'),
    ("pvc", named(spec={"accessModes": ["Some"], "resources": {"requests": {"storage": "0"}}}), 'spec.resources[storage]: Invalid value: "0": must be greater than zero'),
    ("rolebindings", named(roleRef={"kind": "Role", "name": "a"}, subjects=[{"kind": "Robot", "name": "b"}]), 'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'),
    ("netpol", named(spec={"podSelector": {}, "ingress": [{"from": [{}]}]}), "spec.ingress[0].from[0]: Required value: must specify a peer"),
    ("ing", path(), "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"),
    ("ing", path(pathType="Exact", path="/a//b"), "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'"),
    ("pdb", named(spec={"maxUnavailable": -1}), "spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "wrong", "cause"), CASES, ids=[f"{n} {kind}" for n, (kind, _, _) in enumerate(CASES)])
async def test_causes_say_what_is_wrong(client: AsyncClient, ns: str, kind: Any, wrong: Any, cause: Any) -> None:
    with pytest.raises(errors.InvalidError) as caught:
        await client.resource(kind, namespace=ns).create(wrong, dry_run=True)
    assert cause in {f"{one['field']}: {one['message']}" for one in caught.value.causes}


FINE = [
    ("po", container(resources={"limits": {"cpu": "0.5", "a.b/gpu": "1"}})),
    ("cj", cron("*/5 1-3 ? jan,dec sun")),
    ("cj", cron("@every 1h30m")),
    ("svc", changed(service("x"), clusterIP="None", ports=[])),
    ("quota", named(spec={"hard": {"requests.a.b/gpu": "1", "count/jobs.batch": "5", "limits.memory": "1Gi"}})),
    ("ing", named(spec={"rules": [{"host": "*.example.com"}]})),
    ("pdb", named(spec={"minAvailable": "50%", "selector": {}})),
]


@pytest.mark.parametrize(("kind", "right"), FINE, ids=[f"{n} {kind}" for n, (kind, _) in enumerate(FINE)])
async def test_what_looks_odd_and_is_right(client: AsyncClient, ns: str, kind: Any, right: Any) -> None:
    await client.resource(kind, namespace=ns).create(right, dry_run=True)
