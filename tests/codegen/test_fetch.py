"""A snapshot of a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kmagic.codegen import accessors, models, snapshot
from kmagic.codegen.fetch import fetch, snapshot_of, write_snapshot
from tests.cluster.fixture import ExternalCluster


async def test_the_real_server_gives_the_committed_models(cluster: ExternalCluster, tmp_path: Path) -> None:
    await fetch(str(cluster.kubeconfig), tmp_path)
    taken, committed = snapshot.load(tmp_path), snapshot.load()
    assert set(taken.schemas) == set(committed.schemas)
    assert taken.resources == committed.resources
    assert models.render_modules(taken) == models.render_modules(committed)
    assert accessors.render_files(taken) == accessors.render_files(committed)


def version(name: str, resource: str, kind: str) -> dict[str, Any]:
    return {
        "version": name,
        "resources": [{"resource": resource, "responseKind": {"kind": kind}, "scope": "Namespaced"}],
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


async def test_only_stable_and_built_in_versions_are_taken(tmp_path: Path) -> None:
    async def read(path: str, accept: str) -> dict[str, Any]:
        return ANSWERS[path]

    groups, schemas = await snapshot_of(read)
    assert [group["name"] for group in groups] == ["", "apps"]
    assert [found["version"] for found in groups[1]["versions"]] == ["v1"]
    assert set(schemas) == {"io.k8s.api.core.v1.Pod", "io.k8s.api.apps.v1.Deployment"}
    write_snapshot(groups, schemas, tmp_path)
    assert [resource.plural for resource in snapshot.load(tmp_path).resources] == ["pods", "deployments"]


def test_the_same_snapshot_is_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_snapshot([{"name": "", "versions": []}], {"x": {"type": "object"}}, tmp_path / folder)
    for name in ("resources.json", "openapi.json.gz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
