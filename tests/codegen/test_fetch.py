"""A snapshot of a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kmagic.codegen import snapshot
from kmagic.codegen.fetch import fetch, snapshot_of, write_snapshot
from kmagic.sandbox.schema import snapshot as committed
from kmagic.sandbox.schema.resources import Subresource
from kmagic.sandbox.schema.snapshot import DATA, MESSAGES, RESOURCES, SCHEMAS
from tests.cluster.fixture import ExternalCluster


async def test_the_real_server_gives_the_committed_models(cluster: ExternalCluster, tmp_path: Path) -> None:
    version = json.loads(cluster.kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
    modules = tmp_path / "modules"
    for name in ("api", "apimachinery", "apiextensions-apiserver", "kube-aggregator"):
        (modules / "k8s.io" / f"{name}@{version.replace('v1.', 'v0.')}").mkdir(parents=True)
    await fetch(str(cluster.kubeconfig), modules, tmp_path)
    assert (tmp_path / RESOURCES).read_bytes() == (DATA / RESOURCES).read_bytes()
    assert snapshot.load(tmp_path) == snapshot.load()


SCALE = {
    "subresource": "scale",
    "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
    "verbs": ["get", "patch"],
}


def version(name: str, resource: str, kind: str) -> dict[str, Any]:
    return {
        "version": name,
        "resources": [
            {
                "resource": resource,
                "responseKind": {"kind": kind},
                "scope": "Namespaced",
                "singularResource": kind.lower(),
                "verbs": ["get"],
                "subresources": [SCALE],
            }
        ],
    }


def document(schema: str, group: str, version: str, kind: str) -> dict[str, Any]:
    identity = [{"group": group, "version": version, "kind": kind}]
    return {"components": {"schemas": {schema: {"type": "object", "x-kubernetes-group-version-kind": identity}}}}


ANSWERS: dict[str, dict[str, Any]] = {
    "/api": {"items": [{"versions": [version("v1", "pods", "Pod")]}]},
    "/apis": {
        "items": [
            {
                "metadata": {"name": "apps"},
                "versions": [version("v1", "deployments", "Deployment"), version("v1beta1", "x", "X")],
            },
            {"metadata": {"name": "example.com"}, "versions": [version("v1", "foos", "Foo")]},
            {"metadata": {"name": "metrics.k8s.io"}, "versions": [version("v1", "pods", "PodMetrics")]},
        ]
    },
    "/openapi/v3": {"paths": {"api/v1": {}, "apis/apps/v1": {}, "apis/apps/v1beta1": {}, "apis/example.com/v1": {}}},
    "/openapi/v3/api/v1": document("io.k8s.api.core.v1.Pod", "", "v1", "Pod"),
    "/openapi/v3/apis/apps/v1": document("io.k8s.api.apps.v1.Deployment", "apps", "v1", "Deployment"),
    "/openapi/v3/apis/example.com/v1": document("com.example.v1.Foo", "example.com", "v1", "Foo"),
}


async def test_only_stable_and_built_in_versions_are_taken_and_read_again_as_written(tmp_path: Path) -> None:
    async def read(path: str, accept: str) -> dict[str, Any]:
        return ANSWERS[path]

    resources, schemas = await snapshot_of(read)
    assert [found.type.full_name for found in resources] == ["pods", "deployments.apps"]
    assert resources[1].type.version == "v1"
    assert resources[1].type.subresources == ("scale",)
    assert resources[1].parts == {"scale": Subresource("Scale", "autoscaling", "v1", ("get", "patch"))}
    assert set(schemas) == {"io.k8s.api.core.v1.Pod", "io.k8s.api.apps.v1.Deployment"}
    messages = {"k8s.io.api.core.v1.Pod": {"1": ("metadata", "", "string")}}
    write_snapshot(tmp_path, resources, schemas, messages)
    assert committed.resources(tmp_path) == tuple(resources)
    assert committed.schemas(tmp_path) == schemas
    assert committed.messages(tmp_path) == messages


def test_the_same_snapshot_is_the_same_bytes(tmp_path: Path) -> None:
    schemas = {"x": {"type": "object", "format": ""}, "y": {}}
    write_snapshot(tmp_path / "a", [], schemas, {})
    write_snapshot(tmp_path / "b", [], dict(reversed(schemas.items())), {})
    for name in (RESOURCES, SCHEMAS, MESSAGES):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
