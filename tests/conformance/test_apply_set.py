"""Sets of objects that are applied together, on both servers; on the real one beside kubectl, on the same set."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from typing import Any

import pytest

from kmagic import errors
from kmagic.client import ApplySet
from kmagic.client.client import AsyncClient
from tests.conformance.objects import configmap, crd
from tests.conftest import Server

PART_OF = "applyset.kubernetes.io/part-of"


def told(results: Any) -> list[tuple[str, str]]:
    return [(each.manifest["metadata"]["name"], each.action) for each in results]


async def names(client: AsyncClient, ns: str) -> list[str]:
    listed = await client.resource("cm", ns).list(label_selector=PART_OF)
    return [each["metadata"]["name"] for each in listed.items]


async def test_what_left_the_manifests_is_pruned(client: AsyncClient, ns: str) -> None:
    web = ApplySet("web")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    await client.apply(configmap("stranger"), namespace=ns)
    first = await client.apply([configmap("a"), configmap("b"), secret], namespace=ns, prune=web)
    assert told(first) == [("a", "created"), ("b", "created"), ("s", "created")]
    parent = await client.core_v1.secrets(ns).get("web")
    notes = parent.metadata.annotations or {}
    assert notes["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap,Secret"
    assert notes["applyset.kubernetes.io/additional-namespaces"] == ""
    tried = await client.apply(configmap("b"), namespace=ns, prune=web, dry_run=True)
    assert sorted(told(tried)) == [("a", "pruned"), ("b", "unchanged"), ("s", "pruned")]
    assert await names(client, ns) == ["a", "b"]
    done = await client.apply(configmap("b"), namespace=ns, prune=web)
    assert sorted(told(done)) == [("a", "pruned"), ("b", "unchanged"), ("s", "pruned")]
    assert await names(client, ns) == ["b"]
    assert await client.resource("secrets", ns).get_or_none("s") is None
    assert await client.resource("cm", ns).get("stranger")
    parent = await client.core_v1.secrets(ns).get("web")
    assert (parent.metadata.annotations or {})["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap"


async def test_a_set_reaches_into_other_namespaces(client: AsyncClient, ns: str) -> None:
    other = f"set-{uuid.uuid4().hex[:8]}"
    await client.resource("namespaces").create({"metadata": {"name": other}})
    try:
        web = ApplySet("configmaps/web", namespace=ns)
        there = configmap("there", namespace=other)
        await client.apply([configmap("here"), there], namespace=ns, prune=web)
        parent = await client.core_v1.configmaps(ns).get("web")
        assert (parent.metadata.annotations or {})["applyset.kubernetes.io/additional-namespaces"] == other
        assert sorted(told(await client.apply(configmap("here"), namespace=ns, prune=web))) == [
            ("here", "unchanged"),
            ("there", "pruned"),
        ]
        assert await client.resource("cm", other).get_or_none("there") is None
    finally:
        await client.resource("namespaces").delete(other)


async def test_nothing_is_pruned_where_a_manifest_fails(client: AsyncClient, ns: str) -> None:
    web = ApplySet("web")
    await client.apply([configmap("a"), configmap("b")], namespace=ns, prune=web)
    wrong = {**configmap("b"), "data": {"a": 1}}
    with pytest.raises(errors.ManifestsError):
        await client.apply(wrong, namespace=ns, prune=web)
    assert await names(client, ns) == ["a", "b"]


async def test_a_kind_that_is_not_served_yet_has_no_members(client: AsyncClient, ns: str) -> None:
    web, group = ApplySet("web"), f"g{uuid.uuid4().hex[:8]}.example.com"
    definition = crd(group)
    refused = {**definition, "metadata": {"name": f"gadgets.{group}"}}  # is not <plural>.<group>
    widget = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 2}}
    definitions = client.resource("crd")
    with pytest.raises(errors.ManifestsError):
        await client.apply([refused, widget], namespace=ns, prune=web)
    notes = (await client.core_v1.secrets(ns).get("web")).metadata.annotations or {}
    assert f"Widget.{group}" in notes["applyset.kubernetes.io/contains-group-kinds"]
    with pytest.raises(errors.NoMatchError):  # as in kubectl: nothing says what it was
        await client.apply(configmap("a"), namespace=ns, prune=web)
    assert await client.resource("cm", ns).get_or_none("a") is None
    try:
        done = await client.apply([definition, widget], namespace=ns, prune=web)
        assert told(done) == [(f"widgets.{group}", "created"), ("w", "created")]
        done = await client.apply(definition, namespace=ns, prune=web)
        assert told(done) == [(f"widgets.{group}", "unchanged"), ("w", "pruned")]
    finally:
        await definitions.delete(f"widgets.{group}")


async def test_what_is_no_parent_is_refused_before_anything_is_applied(client: AsyncClient, ns: str) -> None:
    await client.core_v1.secrets(ns).create({"metadata": {"name": "plain"}})
    tool = {"metadata": {"name": "helm", "annotations": {"applyset.kubernetes.io/tooling": "helm/v3"}}}
    await client.core_v1.secrets(ns).create(tool)
    member = configmap("a", labels={PART_OF: "other"})
    for manifest, parent, says in (
        (configmap("a"), "plain", "exists and is none"),
        (configmap("a"), "helm", "another tool: helm/v3"),
        (configmap("a"), "services/web", "not permitted as an ApplySet parent"),
        (configmap("a"), "secrets/", "has a name"),
        (member, "web", "already"),
    ):
        with pytest.raises(errors.ArgumentError, match=says):
            await client.apply(manifest, namespace=ns, prune=ApplySet(parent))
    assert await client.resource("cm", ns).get_or_none("a") is None


async def test_kubectl_and_kmagic_work_on_the_same_set(
    client: AsyncClient, ns: str, server: Server, kubectl_path: str
) -> None:
    def kubectl(*manifests: Any) -> str:
        command = [kubectl_path, "--kubeconfig", server.kubeconfig, "-n", ns, "apply", "-f", "-"]
        done = subprocess.run(
            [*command, "--prune", "--applyset=web", "--server-side", "--field-manager=kmagic"],
            input="\n---\n".join(json.dumps(each) for each in manifests),
            env={**os.environ, "KUBECTL_APPLYSET": "true"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    kubectl(configmap("a"), configmap("b"))
    theirs = await client.core_v1.secrets(ns).get("web")
    done = await client.apply(configmap("b"), namespace=ns, prune=ApplySet("web"))
    assert told(done) == [("b", "unchanged"), ("a", "pruned")]
    ours = await client.core_v1.secrets(ns).get("web")
    assert ours.metadata.labels == theirs.metadata.labels
    without = [
        {key: value for key, value in (each.metadata.annotations or {}).items() if not key.endswith("/tooling")}
        for each in (theirs, ours)
    ]
    assert without[0] == without[1]
    await client.apply([configmap("b"), configmap("c")], namespace=ns, prune=ApplySet("web"))
    assert "configmap/b pruned" in kubectl(configmap("c"))
    assert await names(client, ns) == ["c"]
