"""kubectl, the real one, must not notice: the tour's commands against the sandbox."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cluster.fixture import ExternalCluster
from tests.conftest import Server
from tests.sandbox.conftest import deployment


@pytest.fixture
def kubectl(cluster: ExternalCluster, sandbox: Server) -> Callable[..., Any]:
    """Runs the built kubectl against the sandbox; returns what it wrote to standard output."""

    def run(*args: Any, input: Any = None, code: int = 0) -> Any:  # noqa: A002  # subprocess's word
        command = [cluster.kubectl_path, "--kubeconfig", sandbox.kubeconfig, *args]
        done = subprocess.run(command, input=input, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


@pytest.fixture
def space(kubectl: Any) -> Iterator[Any]:
    name = "kubectl-tests"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name)


def test_a_deployment_from_apply_to_delete(kubectl: Any, space: Any) -> None:
    manifest = json.dumps(deployment(replicas=2))
    assert kubectl("apply", "-n", space, "-f", "-", input=manifest) == "deployment.apps/web created\n"
    kubectl("rollout", "status", "-n", space, "deploy/web", "--timeout=30s")
    assert kubectl("apply", "-n", space, "-f", "-", input=manifest) == "deployment.apps/web unchanged\n"
    kubectl("set", "image", "-n", space, "deploy/web", "c=nginx:1.28")
    kubectl("rollout", "status", "-n", space, "deploy/web", "--timeout=30s")
    assert "REVISION" in kubectl("rollout", "history", "-n", space, "deploy/web")
    kubectl("scale", "-n", space, "deploy/web", "--replicas=3")
    kubectl("rollout", "status", "-n", space, "deploy/web", "--timeout=30s")
    shown = kubectl("get", "-n", space, "deploy", "web").splitlines()
    assert shown[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert shown[1].split()[:4] == ["web", "3/3", "3", "3"]
    described = kubectl("describe", "-n", space, "deploy", "web")
    assert "ScalingReplicaSet" in described
    assert "is starting" in kubectl("logs", "-n", space, "deploy/web")
    kubectl("delete", "-n", space, "deploy", "web")
    kubectl("wait", "-n", space, "--for=delete", "pod", "-l", "app=web", "--timeout=30s")


def test_commands_that_send_protobuf(kubectl: Any, space: Any) -> None:
    kubectl("create", "-n", space, "deployment", "made", "--image=nginx", "--replicas=0", "--port=80")
    kubectl("expose", "-n", space, "deployment", "made", "--port=80")
    kubectl("create", "-n", space, "configmap", "m", "--from-literal=a=b")
    found = json.loads(kubectl("get", "-n", space, "deploy,svc,cm", "-o", "json"))["items"]
    by_kind = {(item["kind"], item["metadata"]["name"]): item for item in found}
    assert by_kind["Deployment", "made"]["spec"]["replicas"] == 0
    assert by_kind["Service", "made"]["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert by_kind["ConfigMap", "m"]["data"] == {"a": "b"}
    assert kubectl("auth", "can-i", "create", "pods").strip() == "yes"
    assert len(kubectl("create", "token", "-n", space, "default").strip()) > 20


def test_a_typing_error_is_refused_and_explain_helps(kubectl: Any, space: Any) -> None:
    body = deployment()
    body["spec"]["replcas"] = 1
    message = kubectl("apply", "-n", space, "-f", "-", input=json.dumps(body), code=1)
    assert 'strict decoding error: unknown field "spec.replcas"' in message
    assert "replicas" in kubectl("explain", "deployment.spec")


def test_the_read_only_user_may_not_write(kubectl: Any) -> None:
    assert kubectl("--context", "sandbox-readonly", "auth", "can-i", "create", "pods", code=1) == ""
    message = kubectl("--context", "sandbox-readonly", "create", "configmap", "m", code=1)
    assert 'User "sandbox-viewer" cannot create resource "configmaps"' in message


def test_what_the_server_offers(kubectl: Any) -> None:
    names = kubectl("api-resources", "-o", "name").split()
    assert {"pods", "deployments.apps", "horizontalpodautoscalers.autoscaling"} <= set(names)
    assert "v1.37.2" in kubectl("version")
    assert kubectl("get", "--raw", "/readyz") == "ok"
