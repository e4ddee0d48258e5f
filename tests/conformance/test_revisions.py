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


async def test_a_daemon_set_and_a_stateful_set_of_one_name_and_template_keep_a_revision_each(
    client: AsyncClient, ns: str
) -> None:
    revisions = client.resource("controllerrevisions", namespace=ns)
    for kind in SPECS:
        await client.resource(kind, namespace=ns).create(owner(kind))

    async def each_has_its_own() -> bool:
        owners = [each["metadata"]["ownerReferences"][0]["kind"] for each in (await revisions.list()).items]
        return sorted(owners) == sorted(SPECS)

    async def each_is_observed() -> bool:
        found = [await client.resource(kind, namespace=ns).get("o") for kind in SPECS]
        return all((each.get("status") or {}).get("observedGeneration") == 1 for each in found)

    await until(each_has_its_own)
    await until(each_is_observed)


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("same", [True, False], ids=["same content", "other content"])
async def test_a_revision_s_name_that_somebody_took_is_used_with_the_same_content_and_else_passed_over(
    client: AsyncClient, ns: str, kind: str, same: bool
) -> None:
    owners, revisions = client.resource(kind, namespace=ns), client.resource("controllerrevisions", namespace=ns)
    await owners.create(owner(kind))

    async def kept() -> bool:
        return len((await revisions.list()).items) == 1

    await until(kept)
    [first] = (await revisions.list()).items
    await owners.delete("o", propagation="Background")

    async def none() -> bool:
        return not (await revisions.list()).items

    await until(none)
    name = first["metadata"]["name"]
    other = {"spec": {"template": {"$patch": "replace"}}}
    taken = {"metadata": {"name": name}, "data": first["data"] if same else other, "revision": 1}
    await revisions.create(taken)
    await owners.create(owner(kind))

    async def observed() -> bool:
        status = (await owners.get("o")).get("status") or {}
        counted = status.get("observedGeneration") == 1 and (status.get("collisionCount") or 0) == (0 if same else 1)
        return counted and len((await revisions.list()).items) == (1 if same else 2)

    await until(observed)
    assert (await revisions.get(name))["data"] == taken["data"]
