"""The control plane of the tests is the real one, and everything the other tests lean on works."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import kwok_config
from tests.cluster.controlplane import KUBERNETES_VERSION
from tests.cluster.fixture import NODES, Cluster, ExternalCluster
from tests.cluster.process import Process, StartError, wait_for

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: main, image: registry.example/web, ports: [{containerPort: 80}]}
"""


@pytest.fixture(scope="module")
def namespace(cluster: ExternalCluster) -> Iterator[str]:
    name = f"controlplane-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def pod(cluster: ExternalCluster, namespace: str) -> str:
    def has_account() -> bool:
        found = cluster.kubectl("get", "-n", namespace, "serviceaccount", "default", "--ignore-not-found", "-o", "name")
        return bool(found)

    assert wait_for(has_account, 20)
    cluster.kubectl("create", "-n", namespace, "-f", "-", input=POD)
    cluster.kubectl("wait", "-n", namespace, "--for=condition=Ready", "pod/web", "--timeout=50s")
    return "web"


def test_versions(cluster: ExternalCluster) -> None:
    version = json.loads(cluster.kubectl("version", "-o", "json"))
    assert version["serverVersion"]["gitVersion"] == KUBERNETES_VERSION
    assert version["clientVersion"]["gitVersion"] == KUBERNETES_VERSION
    assert version["serverVersion"]["minor"] == KUBERNETES_VERSION.split(".")[1]


def test_kubeconfigs_are_private(cluster: ExternalCluster) -> None:
    for path in (cluster.kubeconfig, cluster.readonly_kubeconfig, cluster.expired_kubeconfig):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_nodes_are_ready(cluster: ExternalCluster) -> None:
    nodes = json.loads(cluster.kubectl("get", "nodes", "-o", "json"))["items"]
    ready = {
        node["metadata"]["name"]
        for node in nodes
        for condition in node["status"]["conditions"]
        if condition["type"] == "Ready" and condition["status"] == "True"
    }
    assert ready == set(NODES)


def test_controllers_and_scheduler_bring_a_deployment_up(cluster: ExternalCluster, namespace: str) -> None:
    cluster.kubectl("create", "deployment", "three", "-n", namespace, "--image=registry.example/x", "--replicas=3")
    cluster.kubectl("rollout", "status", "deployment/three", "-n", namespace, "--timeout=50s")
    pods = json.loads(cluster.kubectl("get", "pods", "-n", namespace, "-l", "app=three", "-o", "json"))["items"]
    assert len(pods) == 3
    assert {p["spec"]["nodeName"] for p in pods} <= set(NODES)


def test_a_job_completes(cluster: ExternalCluster, namespace: str) -> None:
    cluster.kubectl("create", "job", "once", "-n", namespace, "--image=registry.example/x")
    cluster.kubectl("wait", "-n", namespace, "--for=condition=Complete", "job/once", "--timeout=50s")


def test_the_readonly_user_reads_and_may_not_create(cluster: ExternalCluster, namespace: str) -> None:
    readonly = cluster.readonly_kubeconfig
    cluster.kubectl("get", "pods", "-n", namespace, kubeconfig=readonly)
    said = cluster.kubectl("create", "configmap", "x", "-n", namespace, kubeconfig=readonly, check=False)
    assert 'configmaps is forbidden: User "readonly" cannot create resource' in said


def test_an_expired_token_is_unauthorized(cluster: ExternalCluster) -> None:
    said = cluster.kubectl("get", "--raw", "/api/v1/namespaces", kubeconfig=cluster.expired_kubeconfig, check=False)
    assert "Unauthorized" in said


def test_logs(cluster: ExternalCluster, namespace: str, pod: str) -> None:
    assert cluster.kubectl("logs", "-n", namespace, pod).splitlines() == list(kwok_config.LOG_LINES)
    assert cluster.kubectl("logs", "-n", namespace, pod, "--tail=2").splitlines() == list(kwok_config.LOG_LINES[-2:])
    assert cluster.kubectl("logs", "-n", namespace, pod, "--previous") == "the container before\n"


def test_exec(cluster: ExternalCluster, namespace: str, pod: str) -> None:
    assert cluster.kubectl("exec", "-n", namespace, pod, "--", "sh", "-c", "echo $IN_KWOK") == "1\n"
    assert cluster.kubectl("exec", "-i", "-n", namespace, pod, "--", "cat", input="through stdin") == "through stdin"
    said = cluster.kubectl("exec", "-n", namespace, pod, "--", "sh", "-c", "exit 7", check=False)
    assert "exit code 7" in said


def test_port_forward(cluster: ExternalCluster, namespace: str, pod: str) -> None:
    command = [cluster.kubectl_path, "port-forward", "-n", namespace, f"pod/{pod}", ":80", ":7"]
    environment = {**os.environ, **cluster.env}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            http, echo = _announced_ports(process, 2)
            assert b"200 OK" in _talk(http, b"GET / HTTP/1.1\r\nHost: pod\r\n\r\n")
            assert _talk(echo, b"and back").startswith(b"and back")
        finally:
            process.terminate()


def _announced_ports(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout is not None
    found: list[int] = []
    for line in process.stdout:
        match = re.match(r"Forwarding from 127\.0\.0\.1:(\d+)", line)
        if match:
            found.append(int(match[1]))
        if len(found) == count:
            break
    return found


def _talk(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer


def _raw(cluster: ExternalCluster, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cluster.kubectl("get", "--raw", path))
    return found


def test_old_resource_versions_and_continue_tokens_expire(private_cluster: Cluster) -> None:
    path = "/api/v1/namespaces/default/configmaps"
    for name in ("a", "b", "c"):
        private_cluster.kubectl("create", "configmap", name)
    first = _raw(private_cluster, f"{path}?limit=1")["metadata"]
    second = f"{path}?limit=1&continue={first['continue']}"
    watch = f"{path}?watch=1&resourceVersion={first['resourceVersion']}&timeoutSeconds=3"
    assert len(_raw(private_cluster, second)["items"]) == 1
    private_cluster.kubectl("create", "configmap", "d")
    assert '"name":"d"' in private_cluster.kubectl("get", "--raw", watch)
    assert private_cluster.expire() > int(first["resourceVersion"])
    assert "(Expired)" in private_cluster.kubectl("get", "--raw", second, check=False)
    said = private_cluster.kubectl("get", "--raw", watch, check=False)
    assert '"code":410' in said or "(Expired)" in said


def test_the_server_comes_back_after_kill_and_pause(private_cluster: Cluster) -> None:
    private_cluster.kubectl("create", "configmap", "survivor")
    private_cluster.apiserver.kill()
    assert private_cluster.apiserver.pid is None
    assert not private_cluster.is_ready()
    private_cluster.apiserver.start()
    private_cluster.kubectl("get", "configmap", "survivor")
    private_cluster.etcd.restart()
    private_cluster.apiserver.pause()
    private_cluster.apiserver.resume()
    private_cluster.wait_ready()
    private_cluster.kubectl("get", "configmap", "survivor")


def test_programs_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    source = (
        "import sys, pathlib, threading\n"
        "from tests.cluster.process import Process\n"
        "p = Process([sys.executable, '-c', 'import time; time.sleep(600)'], pathlib.Path(sys.argv[1]))\n"
        "starter = threading.Thread(target=p.launch); starter.start(); starter.join()\n"
        "print(p.pid, flush=True)\n"
        "input()\n"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", source, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _alive(child)
        parent.send_signal(signal.SIGKILL)
    assert wait_for(lambda: not _alive(child), 5)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_program_that_fails_to_start_says_why(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", "print('no such flag'); exit(3)"], tmp_path / "log", lambda: False)
    with pytest.raises(StartError, match="no such flag"):
        process.start(timeout=10)
