"""The OpenAPI v2 document, and what kubectl does with it: manifests of ``kind: List`` are checked and sent."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from tests.conformance.test_protocol import raw
from tests.conftest import Server

PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"


@pytest.fixture
def kubectl(server: Server, kubectl_path: str, ns: str) -> Callable[..., Any]:
    """Runs kubectl in the test's namespace; returns its exit code, and what it wrote."""

    def run(*args: Any, input: Any = None) -> Any:  # noqa: A002  # subprocess's word
        command = [kubectl_path, "--kubeconfig", server.kubeconfig, "-n", ns, *args]
        done = subprocess.run(command, input=input, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    return run


def config_map(name: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **fields}


def listed(*items: Any) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


@pytest.mark.parametrize("verb", ["create", "apply"])
async def test_kubectl_sends_the_items_of_a_list(kubectl: Callable[..., Any], verb: str) -> None:
    manifest = listed(config_map("a", data={"x": "1"}), config_map("b"))
    assert kubectl(verb, "-f", "-", input=manifest) == (0, "configmap/a created\nconfigmap/b created\n")
    assert kubectl("get", "cm/a", "-o", "jsonpath={.data}") == (0, '{"x":"1"}')


async def test_kubectl_apply_of_a_list_again_changes_nothing(kubectl: Callable[..., Any]) -> None:
    assert kubectl("apply", "-f", "-", input=listed(config_map("a")))[0] == 0
    assert kubectl("apply", "-f", "-", input=listed(config_map("a"))) == (0, "configmap/a unchanged\n")


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"data": {"a": 1}}, ""),
        ({"data": []}, 'ConfigMap.data: got "array", expected "map"'),
        ({"nothing": 1}, 'unknown field "nothing" in io.k8s.api.core.v1.ConfigMap'),
    ],
    ids=str,
)
async def test_kubectl_judges_the_items_of_a_list_by_the_document(
    kubectl: Callable[..., Any], item: dict[str, Any], says: str
) -> None:
    code, said = kubectl("create", "--dry-run=client", "-f", "-", input=listed(config_map("a", **item)))
    assert says in said
    assert code == (1 if says else 0)


async def test_the_definitions_are_the_servers(client: AsyncClient) -> None:
    found = msgspec.json.decode((await raw(client, "GET", "/openapi/v2")).body)
    assert found["swagger"] == "2.0"
    maps = found["definitions"]["io.k8s.api.core.v1.ConfigMap"]
    assert maps["x-kubernetes-group-version-kind"] == [{"group": "", "kind": "ConfigMap", "version": "v1"}]
    assert maps["properties"]["data"]["additionalProperties"] == {"type": "string"}
    assert maps["properties"]["metadata"]["$ref"] == "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
    spec = found["definitions"]["io.k8s.api.apps.v1.DeploymentSpec"]
    assert spec["required"] == ["selector", "template"]
    port = found["definitions"]["io.k8s.api.core.v1.HTTPGetAction"]["properties"]["port"]
    assert port["$ref"] == "#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    assert found["definitions"][port["$ref"].removeprefix("#/definitions/")]["type"] == "string"
    assert found["definitions"]["io.k8s.apimachinery.pkg.api.resource.Quantity"]["type"] == "string"
    policy = found["definitions"]["io.k8s.api.core.v1.PodSpec"]["properties"]["restartPolicy"]
    assert policy["enum"] == ["Always", "Never", "OnFailure"]


@pytest.mark.parametrize("accept", [PROTOBUF, "application/json", "*/*", ""])
async def test_it_is_there_in_protobuf_and_in_json(client: AsyncClient, accept: Any) -> None:
    answer = await raw(client, "GET", "/openapi/v2", accept=accept)
    assert answer.body.startswith(b"\n\x032.0" if accept == PROTOBUF else b"{")


@pytest.mark.parametrize("accept", ["text/plain", "application/yaml"])
async def test_other_forms_are_refused(client: AsyncClient, accept: str) -> None:
    with pytest.raises(errors.StatusError) as caught:
        await raw(client, "GET", "/openapi/v2", accept=accept)
    assert caught.value.code == 406


async def test_a_custom_resource_is_in_it(client: AsyncClient, widget_group: str) -> None:
    group, _, _ = widget_group.partition(".")
    found = msgspec.json.decode((await raw(client, "GET", "/openapi/v2")).body)["definitions"]
    widget = found[f"com.example.{group}.v1.Widget"]
    assert widget["properties"]["spec"]["properties"]["size"]["type"] == "integer"
    assert widget["x-kubernetes-group-version-kind"] == [{"group": widget_group, "kind": "Widget", "version": "v1"}]
