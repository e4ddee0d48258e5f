"""What the simulated kubelets do, and the objects a test cluster begins with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

__all__ = ("HTTP_PORTS", "LOG_LINES", "READONLY_GROUP", "REFUSED_PORT", "nodes", "readonly_binding", "write")

READONLY_GROUP = "kmagic:viewers"
HTTP_PORTS = (80, 8080)
"""Pod ports that answer any HTTP request with 200 and `hello from kwok`; every other port echoes what it gets."""
REFUSED_PORT = 9
"""A pod port nobody listens on."""
LOG_LINES = tuple(f"line {n}" for n in range(1, 21))
"""The log of every container, one line a second, a line in five on standard error."""

_HTTP_ANSWER = (
    r"while IFS= read -r line; do [ \"${#line}\" -le 1 ] && break; done; "
    r"printf 'HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\nhello from kwok\n'"
).replace('\\"', '"')


def nodes(names: Iterable[str]) -> list[dict[str, Any]]:
    """Node objects kwok takes care of, with room for 110 pods each."""
    resources = {"cpu": "32", "memory": "256Gi", "pods": "5000"}
    return [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": name,
                "annotations": {"node.alpha.kubernetes.io/ttl": "0"},
                "labels": {
                    "kubernetes.io/hostname": name,
                    "kubernetes.io/os": "linux",
                    "kubernetes.io/arch": "amd64",
                    "node-role.kubernetes.io/agent": "",
                    "topology.kubernetes.io/zone": f"zone-{index % 2}",
                    "type": "kwok",
                },
            },
            "status": {"allocatable": resources, "capacity": resources},
        }
        for index, name in enumerate(names)
    ]


def readonly_binding() -> dict[str, Any]:
    """Lets the read-only user see what the ClusterRole `view` shows, in every namespace."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "kmagic-readonly"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": READONLY_GROUP}],
    }


def write(folder: Path, stages: Sequence[Path]) -> Path:
    """Writes kwok's configuration: its own stages, and one rule each for logs, exec, attach and port-forward."""
    log = folder / "container.log"
    log.write_text(_container_log())
    previous = folder / "container-previous.log"
    previous.write_text("2026-01-01T00:00:00.000000000Z stdout F the container before\n")
    rules = [
        _rule("ClusterLogs", {"logs": [{"logsFile": str(log), "previousLogsFile": str(previous), "follow": True}]}),
        _rule("ClusterAttach", {"attaches": [{"logsFile": str(log)}]}),
        _rule(
            "ClusterExec", {"execs": [{"local": {"workDir": str(folder), "envs": [{"name": "IN_KWOK", "value": "1"}]}}]}
        ),
        _rule("ClusterPortForward", {"forwards": _forwards()}),
    ]
    documents = [stage.read_text() for stage in stages] + [json.dumps(rule) for rule in rules]
    path = folder / "kwok.yaml"
    path.write_text("\n---\n".join(documents) + "\n")
    return path


def _rule(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": kind, "metadata": {"name": "everything"}, "spec": spec}


def _forwards() -> list[dict[str, Any]]:
    return [
        {"ports": list(HTTP_PORTS), "command": ["sh", "-c", _HTTP_ANSWER]},
        {"ports": [REFUSED_PORT], "target": {"port": 1, "address": "127.0.0.1"}},
        {"command": ["cat"]},
    ]


def _container_log() -> str:
    """A container's log as a container runtime writes it: time, stream, F (a full line), text."""
    lines = []
    for number, text in enumerate(LOG_LINES):
        stream = "stderr" if number % 5 == 4 else "stdout"
        lines.append(f"2026-01-01T00:00:{number:02d}.000000000Z {stream} F {text}\n")
    return "".join(lines)
