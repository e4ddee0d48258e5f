"""Counting Pods inside and outside a cluster: what is said in each case."""

from __future__ import annotations

import base64
from pathlib import Path
from types import ModuleType

import pytest

import kmagic
from kmagic.config.in_cluster import in_cluster_config
from kmagic.config.loader import load_config
from kmagic.errors import ConnectError, ForbiddenError
from kmagic.sync.runtime import stop_shared_runtime
from kmagic.testing.sandbox import TestCluster
from tests.examples import in_cluster_client_configuration, out_of_cluster_client_configuration


class EnoughError(Exception):
    """Ends the example's endless loop."""


def once() -> None:
    raise EnoughError


CASES = [
    pytest.param(
        in_cluster_client_configuration,
        "Pod example-xxxxx not found in default namespace",
        "Error getting pod pods is forbidden",
        "Found example-xxxxx pod in default namespace",
        id="EX3",
    ),
    pytest.param(
        out_of_cluster_client_configuration,
        "Pod example-xxxxx in namespace default not found",
        "Error getting pod example-xxxxx in namespace default: pods is forbidden",
        "Found pod example-xxxxx in namespace default",
        id="EX4",
    ),
]


@pytest.mark.parametrize(("example", "missing", "failing", "found"), CASES)
def test_the_example_counts_pods_and_looks_for_one(
    example: ModuleType,
    missing: str,
    failing: str,
    found: str,
    client: kmagic.Client,
    recorded: TestCluster,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(EnoughError):
        example.main(client, once)
    count, said = capsys.readouterr().out.splitlines()
    assert count.startswith("There are ")
    assert count.endswith(" pods in the cluster")
    assert said == missing

    recorded.react("get", "pods", lambda _: ForbiddenError("pods is forbidden"))
    with pytest.raises(EnoughError):
        example.main(client, once)
    assert capsys.readouterr().out.splitlines()[1] == failing

    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "example-xxxxx"}}
    recorded.react_first("get", "pods", lambda _: pod)
    with pytest.raises(EnoughError):
        example.main(client, once)
    assert capsys.readouterr().out.splitlines()[1] == found

    recorded.react_first("list", "pods", lambda _: ConnectError("no route to host"))
    with pytest.raises(ConnectError):
        example.main(client, once)


def test_EX3_a_service_account_is_enough(
    recorded: TestCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded.client() as admin:
        account = admin.resource("serviceaccounts", namespace="default")
        token = account.unblocked
        answer = admin.runtime.run(token.create_subresource("default", "token", {"spec": {"expirationSeconds": 3600}}))
    config = load_config(recorded.kubeconfig)
    authority = config.tls.ca_data or base64.b64encode(Path(str(config.tls.ca_file)).read_bytes())
    data = authority if isinstance(authority, bytes) else authority.encode()
    (tmp_path / "ca.crt").write_bytes(data if data.startswith(b"-----") else base64.b64decode(data))
    (tmp_path / "token").write_text(answer["status"]["token"])
    host, _, port = config.server.removeprefix("https://").partition(":")
    inside = in_cluster_config({"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}, tmp_path)
    with kmagic.Client(config=inside) as client, pytest.raises(ForbiddenError, match="system:serviceaccount:default"):
        in_cluster_client_configuration.main(client, once)
    stop_shared_runtime()


def test_EX4_without_a_home_the_kubeconfig_must_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    parser = out_of_cluster_client_configuration.parser({})
    with pytest.raises(SystemExit):
        parser.parse_args([])
    assert "--kubeconfig" in capsys.readouterr().err
    assert parser.parse_args(["--kubeconfig", "x"]).kubeconfig == "x"
    at_home = out_of_cluster_client_configuration.parser({"HOME": "/home/me"})
    assert at_home.parse_args([]).kubeconfig == "/home/me/.kube/config"
