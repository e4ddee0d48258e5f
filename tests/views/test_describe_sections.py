"""The sections that are particular to a kind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kmagic.views.describe import describe
from kmagic.views.describe_sections import SECTIONS, labels_lines

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)
EARLIER = "2026-11-24T17:55:00Z"

POD: dict[str, Any] = {
    "kind": "Pod",
    "metadata": {"name": "web-0"},
    "spec": {
        "nodeName": "node-1",
        "initContainers": [{"name": "setup", "image": "busybox"}],
        "containers": [
            {
                "name": "web",
                "image": "nginx:1.27",
                "command": ["run"],
                "ports": [{"containerPort": 80}],
                "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
                "readinessProbe": {"httpGet": {"path": "/ok", "port": 80}},
                "env": [
                    {"name": "A", "value": "b"},
                    {"name": "DB_PASSWORD", "value": "hunter2"},
                    {"name": "K", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                ],
                "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": True}],
            }
        ],
        "volumes": [{"name": "v", "secret": {"secretName": "db"}}],
        "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}],
    },
    "status": {
        "phase": "Running",
        "podIP": "10.0.0.1",
        "containerStatuses": [
            {
                "name": "web",
                "ready": False,
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                "lastState": {
                    "terminated": {"exitCode": 1, "reason": "Error", "finishedAt": EARLIER, "message": "no DB"}
                },
            }
        ],
    },
}
DEPLOYMENT: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 1}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "nginx"}]},
        },
        "paused": True,
    },
    "status": {"replicas": 3, "updatedReplicas": 2, "availableReplicas": 1, "unavailableReplicas": 2},
}
SERVICE: dict[str, Any] = {
    "kind": "Service",
    "spec": {
        "selector": {"app": "web"},
        "clusterIPs": ["10.0.0.1"],
        "ports": [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}],
    },
    "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}},
}
NODE: dict[str, Any] = {
    "kind": "Node",
    "metadata": {"labels": {"node-role.kubernetes.io/worker": ""}},
    "spec": {"unschedulable": True, "taints": [{"key": "k", "effect": "NoSchedule"}]},
    "status": {
        "capacity": {"cpu": "4"},
        "allocatable": {"cpu": "3900m"},
        "addresses": [{"type": "InternalIP", "address": "10.1.0.1"}],
        "nodeInfo": {"kubeletVersion": "v1.37.2"},
    },
}
SECRET: dict[str, Any] = {"kind": "Secret", "type": "Opaque", "data": {"password": "aHVudGVyMg=="}}
CONFIG_MAP: dict[str, Any] = {
    "kind": "ConfigMap",
    "data": {"a.conf": "x=1\ny=2", "token": "hunter2"},
    "binaryData": {"logo": "AAAA"},
}


@pytest.mark.parametrize(
    ("obj", "lines"),
    [
        pytest.param(
            POD,
            [
                "Node: node-1", "Image: nginx:1.27", "Ports: 80/TCP", "State: Waiting: CrashLoopBackOff: back-off",
                "Last State: Terminated: Error (exit 1, 5m ago): no DB", "Ready: no", "Restarts: 3",
                "Requests: cpu 100m", "Limits: memory 1Gi", "Readiness: http-get http://:80/ok every 10s, 3 failures",
                "A: b", "K: <key password of secret db>", "/v from v (ro)", "v: secret db", "Init Containers:",
                "Tolerations: k:NoExecute for 300s",
            ],
            id="Pod",
        ),
        pytest.param(
            DEPLOYMENT,
            [
                "Replicas: 3 desired · 2 updated · 3 total · 1 available · 2 unavailable",
                "Strategy: RollingUpdate (at most 25% unavailable, 1 more)", "Paused: yes", "Selector: app=web", "Image: nginx",
            ],
            id="Deployment",
        ),
        pytest.param(
            SERVICE,
            ["Selector: app=web", "Type: ClusterIP", "IPs: 10.0.0.1", "http: 80/TCP → 8080, node port 30080", "LoadBalancer: 1.2.3.4"],
            id="Service",
        ),
        pytest.param(
            NODE,
            ["Roles: worker", "Taints: k=:NoSchedule", "Schedulable: no", "InternalIP: 10.1.0.1", "Kubelet: v1.37.2", "cpu 4 3900m"],
            id="Node",
        ),
        pytest.param(SECRET, ["Type: Opaque", "password: 7 bytes"], id="Secret"),
        pytest.param(CONFIG_MAP, ["a.conf:", "x=1", "y=2", "logo: 3 B"], id="ConfigMap"),
    ],
)  # fmt: skip
def test_what_a_section_tells(obj: dict[str, Any], lines: list[str]) -> None:
    text = describe({"metadata": {"name": "a"}, **obj}, now=NOW, salt=b"salt")
    told = [" ".join(line.split()) for line in text.split("\n")]
    missing = [line for line in lines if line not in told]
    assert not missing, text
    assert "hunter2" not in text
    assert "aHVudGVyMg" not in text


def test_every_section_is_there_for_an_object_that_says_nothing() -> None:
    for kind in SECTIONS:
        assert describe({"kind": kind, "metadata": {"name": "a"}}, now=NOW, salt=b"salt").startswith("Name:")


def test_labels_of_one_and_of_many() -> None:
    assert labels_lines("L", {"a": "1"}) == [(0, "L", "a=1")]
    assert labels_lines("L", {}) == [(0, "L", "<none>")]
    assert labels_lines("L", {"b": "2", "a": "1"}) == [(0, "L", ""), (1, "", "a=1"), (1, "", "b=2")]
