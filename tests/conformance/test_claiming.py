"""Controllers take in what their selector matches, and let go of what it does not match any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from kmagic.client.client import AsyncClient
from tests.conformance.objects import pod

LABELS = {"app": "p"}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": {**pod("p")["spec"]}}
MATCH = {"matchLabels": LABELS}
OWNERS = {
    "ReplicationController": ("v1", {"replicas": 1, "selector": LABELS, "template": TEMPLATE}),
    "ReplicaSet": ("apps/v1", {"replicas": 1, "selector": MATCH, "template": TEMPLATE}),
    "StatefulSet": ("apps/v1", {"replicas": 1, "selector": MATCH, "template": TEMPLATE, "serviceName": "o"}),
    "Job": (
        "batch/v1",
        {
            "manualSelector": True,
            "selector": MATCH,
            "template": {**TEMPLATE, "spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}},
        },
    ),
}


def owner(kind: str) -> dict[str, Any]:
    version, spec = OWNERS[kind]
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "o"}, "spec": spec}


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(60):
        while not await holds():  # noqa: ASYNC110  # any of several objects may change
            await anyio.sleep(0.05)


def owners_of(obj: dict[str, Any]) -> list[str]:
    return [each["kind"] for each in obj["metadata"].get("ownerReferences") or ()]


@pytest.mark.parametrize("kind", OWNERS)
async def test_an_orphan_is_adopted_and_released_when_its_labels_change(
    client: AsyncClient, ns: str, kind: str
) -> None:
    pods = client.resource("pods", namespace=ns)
    orphan = pod("o-0") | {"metadata": {"name": "o-0", "labels": LABELS}}
    await pods.create(orphan)
    await client.resource(kind, namespace=ns).create(owner(kind))

    async def adopted() -> bool:
        return owners_of(await pods.get("o-0")) == [kind]

    await until(adopted)
    reference = (await pods.get("o-0"))["metadata"]["ownerReferences"][0]
    assert (reference["name"], reference["controller"], reference["blockOwnerDeletion"]) == ("o", True, True)
    assert [each["metadata"]["name"] for each in (await pods.list()).items] == ["o-0"]
    await pods.patch("o-0", {"metadata": {"labels": {"app": "other"}}})

    async def released() -> bool:
        return owners_of(await pods.get("o-0")) == []

    await until(released)


@pytest.mark.parametrize("kind", ["ReplicationController", "ReplicaSet"])
async def test_an_orphan_that_comes_later_is_one_too_many(client: AsyncClient, ns: str, kind: str) -> None:
    pods = client.resource("pods", namespace=ns)
    await client.resource(kind, namespace=ns).create(owner(kind))

    async def one() -> bool:
        return len((await pods.list()).items) == 1

    await until(one)
    await pods.create(pod("late") | {"metadata": {"name": "late", "labels": LABELS}})
    await until(one)


async def test_a_replication_controller_keeps_its_number_and_says_what_stops_it(client: AsyncClient, ns: str) -> None:
    controllers, quotas = client.resource("rc", namespace=ns), client.resource("resourcequotas", namespace=ns)
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "2"}}}
    await quotas.create(quota)

    async def counted() -> bool:
        return bool(((await quotas.get("q")).get("status") or {}).get("used"))

    await until(counted)
    body = owner("ReplicationController")
    body["spec"] = {**body["spec"], "replicas": 3}
    await controllers.create(body)

    async def stopped() -> bool:
        state = (await controllers.get("o")).get("status") or {}
        return [(each["type"], each["reason"]) for each in state.get("conditions") or ()] == [
            ("ReplicaFailure", "FailedCreate")
        ]

    await until(stopped)
    versions = set()
    for _ in range(10):
        versions.add((await controllers.get("o"))["metadata"]["resourceVersion"])
    assert len(versions) <= 2, "the controller writes again and again"
    scale = await controllers.get("o", subresource="scale")
    assert (scale["spec"]["replicas"], scale["status"]["selector"]) == (3, "app=p")
    await controllers.patch("o", {"spec": {"replicas": 2}}, subresource="scale")

    async def fine() -> bool:
        state = (await controllers.get("o"))["status"]
        return state["replicas"] == 2 and not state.get("conditions")

    await until(fine)


async def test_the_pods_of_a_deployments_set_are_taken_over(client: AsyncClient, ns: str) -> None:
    sets = client.resource("rs", namespace=ns)
    body = owner("ReplicaSet")
    body["metadata"]["labels"] = LABELS
    await sets.create(body)
    spec = {"replicas": 1, "selector": MATCH, "template": TEMPLATE}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}
    await client.resource("deploy", namespace=ns).create(body)

    async def adopted() -> bool:
        return owners_of(await sets.get("o")) == ["Deployment"]

    await until(adopted)
