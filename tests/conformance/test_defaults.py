"""What the server fills in, kind by kind."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from tests.conformance.objects import deployment, pod

CONTAINERS = [{"name": "main", "image": "registry.k8s.io/pause:3.10"}]


def template(labels: Any = None, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"labels": labels or {"app": "x"}},
        "spec": {"schedulerName": "nobody", "containers": CONTAINERS, **spec},
    }


def workload(**spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "x"},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template(), **spec},
    }


def job(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x"}, "spec": {"suspend": True, "template": template(restartPolicy="Never"), **spec}}


CASES = [
    pytest.param("replicasets.apps", workload(), {"spec.replicas": 1, "spec.template.spec.restartPolicy": "Always"}, id="replicaset"),
    pytest.param(
        "statefulsets.apps", workload(serviceName="s", replicas=0),
        {
            "spec.podManagementPolicy": "OrderedReady", "spec.revisionHistoryLimit": 10,
            "spec.updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}},
            "spec.persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        },
        id="statefulset",
    ),
    pytest.param(
        "daemonsets.apps", {"metadata": {"name": "x"}, "spec": {**workload()["spec"], "template": template(nodeSelector={"no": "where"})}},
        {"spec.updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}, "spec.revisionHistoryLimit": 10},
        id="daemonset",
    ),
    pytest.param("jobs.batch", job(), {"spec.completions": 1, "spec.parallelism": 1, "spec.backoffLimit": 6, "spec.completionMode": "NonIndexed", "spec.podReplacementPolicy": "TerminatingOrFailed"}, id="job"),
    pytest.param(
        "cronjobs.batch", {"metadata": {"name": "x"}, "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job()["spec"]}}},
        {"spec.concurrencyPolicy": "Allow", "spec.suspend": False, "spec.successfulJobsHistoryLimit": 3, "spec.failedJobsHistoryLimit": 1},
        id="cronjob",
    ),
    pytest.param("deployments.apps", {**deployment("x"), "spec": {**deployment("x")["spec"], "strategy": {"type": "Recreate"}}}, {"spec.strategy": {"type": "Recreate"}}, id="recreate"),
    pytest.param(
        "horizontalpodautoscalers.autoscaling",
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}, "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}},
        {"spec.minReplicas": 1}, id="hpa",
    ),
    pytest.param("networkpolicies.networking.k8s.io", {"metadata": {"name": "x"}, "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}}, {"spec.policyTypes": ["Ingress"], "spec.ingress.0.ports.0.protocol": "TCP"}, id="network policy"),
    pytest.param("persistentvolumeclaims", {"metadata": {"name": "x"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}, {"spec.volumeMode": "Filesystem", "status.phase": "Pending", "metadata.finalizers": ["kubernetes.io/pvc-protection"]}, id="claim"),
    pytest.param("secrets", {"metadata": {"name": "x"}}, {"type": "Opaque"}, id="secret"),
    pytest.param("services", {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}}, {"spec.sessionAffinity": "None", "spec.type": "ClusterIP", "spec.internalTrafficPolicy": "Cluster", "spec.ipFamilyPolicy": "SingleStack", "spec.ipFamilies": ["IPv4"], "spec.ports.0.targetPort": 80}, id="service"),
    pytest.param("services", {"metadata": {"name": "x"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}, {"spec.externalTrafficPolicy": "Cluster"}, id="node port"),
    pytest.param("services", {"metadata": {"name": "x"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}, {"spec.clusterIPs": ["None"]}, id="headless"),
    pytest.param("services", {"metadata": {"name": "x"}, "spec": {"type": "ExternalName", "externalName": "example.com"}}, {"spec.sessionAffinity": "None"}, id="external name"),
    pytest.param("endpointslices.discovery.k8s.io", {"metadata": {"name": "x"}, "addressType": "IPv4", "endpoints": [], "ports": [{"port": 80}]}, {"ports.0.protocol": "TCP", "ports.0.name": ""}, id="endpoint slice"),
    pytest.param("limitranges", {"metadata": {"name": "x"}, "spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}, "max": {"cpu": "2"}}]}}, {"spec.limits.0.defaultRequest": {"cpu": "1"}}, id="limit range"),
    pytest.param("leases.coordination.k8s.io", {"metadata": {"name": "x"}, "spec": {"holderIdentity": "a"}}, {"spec": {"holderIdentity": "a"}}, id="lease"),
    pytest.param(
        "pods", pod("x", containers=[{"name": "a", "image": "a", "ports": [{"containerPort": 1}], "livenessProbe": {"httpGet": {"port": 1}}}]),
        {
            "spec.containers.0.imagePullPolicy": "Always", "spec.containers.0.terminationMessagePath": "/dev/termination-log",
            "spec.containers.0.terminationMessagePolicy": "File", "spec.containers.0.ports.0.protocol": "TCP",
            "spec.containers.0.livenessProbe": {"httpGet": {"path": "/", "port": 1, "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
            "spec.dnsPolicy": "ClusterFirst", "spec.securityContext": {}, "spec.preemptionPolicy": "PreemptLowerPriority", "spec.priority": 0,
        },
        id="pod",
    ),
    pytest.param(
        "pods", pod("x", containers=[{"name": "a", "image": "a:1", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]),
        {"spec.containers.0.imagePullPolicy": "IfNotPresent", "spec.containers.0.resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}, "status.qosClass": "Guaranteed"},
        id="guaranteed pod",
    ),
    pytest.param("pods", pod("x", containers=[{"name": "a", "image": "a:1", "resources": {"requests": {"cpu": "1"}}}]), {"status.qosClass": "Burstable"}, id="burstable pod"),
    pytest.param(
        "pods", pod("x", volumes=[{"name": "a", "configMap": {"name": "c"}}, {"name": "b", "secret": {"secretName": "s"}}, {"name": "c", "hostPath": {"path": "/x"}}]),
        {"spec.volumes.0.configMap.defaultMode": 420, "spec.volumes.1.secret.defaultMode": 420, "spec.volumes.2.hostPath.type": ""},
        id="volumes",
    ),
]  # fmt: skip


def at(obj: dict[str, Any], path: str) -> Any:
    for part in path.split("."):
        obj = obj[int(part)] if part.isdecimal() else obj[part]
    return obj


@pytest.mark.parametrize(("kind", "made", "expected"), CASES)
async def test_defaults(client: AsyncClient, ns: str, kind: Any, made: Any, expected: Any) -> None:
    found = await client.resource(kind, namespace=ns).create(made)
    assert {path: at(found, path) for path in expected} == expected


async def test_tolerations_that_admission_adds(client: AsyncClient, ns: str) -> None:
    found = await client.resource("po", namespace=ns).create(pod("p"))
    assert [(item["key"], item["effect"], item["tolerationSeconds"]) for item in found["spec"]["tolerations"]] == [
        ("node.kubernetes.io/not-ready", "NoExecute", 300),
        ("node.kubernetes.io/unreachable", "NoExecute", 300),
    ]


async def test_the_token_volume_that_admission_adds(client: AsyncClient, ns: str) -> None:
    found = await client.resource("po", namespace=ns).create(pod("p"))
    (mount,) = found["spec"]["containers"][0]["volumeMounts"]
    assert mount["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
    assert [volume["name"] for volume in found["spec"]["volumes"]] == [mount["name"]]
    assert mount["name"].startswith("kube-api-access-")


async def test_a_limit_range_fills_in(client: AsyncClient, ns: str) -> None:
    limits = {
        "metadata": {"name": "l"},
        "spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "100m"}}]},
    }
    await client.resource("limits", namespace=ns).create(limits)
    found = await client.resource("po", namespace=ns).create(pod("p"))
    assert found["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "100m"}}


async def test_two_versions_of_one_autoscaler(client: AsyncClient, ns: str) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    old = {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}}
    old["spec"] = {"maxReplicas": 3, "scaleTargetRef": target, "targetCPUUtilizationPercentage": 50}
    await client.resource("horizontalpodautoscalers.v1.autoscaling", namespace=ns).create(old)
    new = await client.resource("hpa", namespace=ns).get("x")
    assert new["apiVersion"] == "autoscaling/v2"
    assert new["spec"]["metrics"] == [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    ]


async def test_two_groups_of_one_event(client: AsyncClient, ns: str) -> None:
    involved = {"kind": "Pod", "namespace": ns, "name": "p"}
    core = {"metadata": {"name": "e"}, "involvedObject": involved, "reason": "Tested", "message": "m", "type": "Normal"}
    await client.resource("events", namespace=ns).create(core)
    found = await client.resource("events.events.k8s.io", namespace=ns).get("e")
    assert (found["regarding"], found["note"], found["reason"]) == (involved, "m", "Tested")
