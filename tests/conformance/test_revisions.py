"""DaemonSets and StatefulSets keep the templates they had, to go back to."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from tests.conformance.objects import pod
from tests.conformance.test_claiming import until

LABELS = {"app": "p"}
HASHES = {"DaemonSet": "controller-revision-hash", "StatefulSet": "controller.kubernetes.io/hash"}
NOWHERE = {"kmagic.dev/no": "node"}
SPECS: dict[str, dict[str, Any]] = {"DaemonSet": {}, "StatefulSet": {"replicas": 0, "serviceName": "o"}}


def owner(kind: str) -> dict[str, Any]:
    spec = {**pod("p")["spec"], "nodeSelector": NOWHERE}
    template = {"metadata": {"labels": LABELS}, "spec": spec}
    metadata = {"name": "o", "annotations": {"kubernetes.io/change-cause": "first"}}
    whole = {"selector": {"matchLabels": LABELS}, "template": template, **SPECS[kind]}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": whole}


@pytest.mark.parametrize("kind", SPECS)
async def test_each_template_is_a_revision_and_an_old_one_comes_back_as_the_newest(
    client: AsyncClient, ns: str, kind: str
) -> None:
    owners, revisions = client.resource(kind, namespace=ns), client.resource("controllerrevisions", namespace=ns)
    made = await owners.create(owner(kind))

    async def numbers() -> list[int]:
        return sorted(each["revision"] for each in (await revisions.list()).items)

    async def become(image: str, **spec: Any) -> None:
        containers = [{"name": made["spec"]["template"]["spec"]["containers"][0]["name"], "image": image}]
        await owners.patch("o", {"spec": {"template": {"spec": {"containers": containers}}, **spec}})

    async def at(*expected: int) -> None:
        async def holds() -> bool:
            return await numbers() == list(expected)

        await until(holds)

    await at(1)
    [first] = (await revisions.list()).items
    assert first["data"] == {"spec": {"template": {**made["spec"]["template"], "$patch": "replace"}}}
    assert list(first["data"]["spec"]["template"]) == ["$patch", "metadata", "spec"]
    assert list(first["data"]["spec"]["template"]["spec"]) == sorted(made["spec"]["template"]["spec"])
    metadata = first["metadata"]
    assert metadata["labels"] == LABELS | {HASHES[kind]: metadata["name"].removeprefix("o-")}
    assert metadata["annotations"].get("kubernetes.io/change-cause") == "first"
    assert [(each["kind"], each["uid"], each["controller"]) for each in metadata["ownerReferences"]] == [
        (kind, made["metadata"]["uid"], True)
    ]
    await become("registry.example/other:2")
    await at(1, 2)
    await become(made["spec"]["template"]["spec"]["containers"][0]["image"])
    await at(2, 3)
    assert (await revisions.get(metadata["name"]))["revision"] == 3
    await become("registry.example/other:3", revisionHistoryLimit=0)
    await at(4)
