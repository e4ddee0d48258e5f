"""Many manifests in one call, on both servers."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.models.core_v1 import ConfigMap
from kmagic.models.meta_v1 import ObjectMeta
from tests.conformance.objects import configmap, crd

TWO = """
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {x: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
"""


def told(results: Any) -> list[tuple[str, str]]:
    return [(each.manifest["metadata"]["name"], each.action) for each in results]


async def test_text_is_applied_again_and_deleted_in_reverse(client: AsyncClient, ns: str) -> None:
    assert told(await client.apply(TWO, namespace=ns)) == [("a", "created"), ("b", "created")]
    changed = TWO.replace('"1"', '"2"')
    assert told(await client.apply(changed, namespace=ns, dry_run=True)) == [("a", "configured"), ("b", "unchanged")]
    results = await client.apply(changed, namespace=ns)
    assert told(results) == [("a", "configured"), ("b", "unchanged")]
    assert results[0].obj is not None
    assert results[0].obj["data"] == {"x": "2"}
    assert told(await client.delete(TWO, namespace=ns, dry_run=True)) == [("b", "deleted"), ("a", "deleted")]
    await client.resource("configmaps", ns).delete("b")
    assert told(await client.delete(TWO, namespace=ns)) == [("b", "absent"), ("a", "deleted")]


async def test_every_form_of_manifest(client: AsyncClient, ns: str, tmp_path: Path) -> None:
    (tmp_path / "2.yaml").write_text(TWO)
    (tmp_path / "1.json").write_text('{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}}')
    (tmp_path / "notes.txt").write_text("not: a manifest")
    model = ConfigMap(metadata=ObjectMeta(name="model"))
    listed = {"apiVersion": "v1", "kind": "ConfigMapList", "items": [{"metadata": {"name": "item"}}]}
    results = await client.apply([tmp_path, model, configmap("dict"), listed], namespace=ns)
    assert [name for name, _ in told(results)] == ["json", "a", "b", "model", "dict", "item"]


async def test_namespace_definition_and_object_in_one_text(client: AsyncClient) -> None:
    group, ns = f"g{uuid.uuid4().hex[:8]}.example.com", f"m-{uuid.uuid4().hex[:8]}"
    widget = {
        "apiVersion": f"{group}/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": ns},
        "spec": {"size": 1},
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}}
    together = [widget, crd(group), namespace]
    assert told(await client.apply(together)) == [
        (ns, "created"),
        (f"widgets.{group}", "created"),
        ("w", "created"),
    ]
    assert told(await client.delete(together)) == [
        ("w", "deleted"),
        (f"widgets.{group}", "deleted"),
        (ns, "deleted"),
    ]


async def test_one_that_fails_keeps_no_other(client: AsyncClient, ns: str) -> None:
    wrong = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "wrong"}, "daat": {"x": "1"}}
    strange = {"apiVersion": "nosuch.example.com/v1", "kind": "Strange", "metadata": {"name": "s"}}
    with pytest.raises(errors.ManifestsError, match="2 of 3 manifests were not applied") as caught:
        await client.apply([wrong, strange, configmap("right")], namespace=ns)
    assert told(caught.value.results) == [("wrong", "failed"), ("s", "failed"), ("right", "created")]
    assert isinstance(caught.value.results[1].error, errors.NoMatchError)
    assert "ConfigMap wrong" in str(caught.value)
