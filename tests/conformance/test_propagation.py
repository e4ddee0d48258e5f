"""What deleting an owner does to what it owns, and deletion with grace; the controllers of both servers must agree."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.rest.watch import WatchEvent
from tests.conformance.objects import configmap, deployment, pod


def owned(name: str, owner: dict[str, Any], **reference: Any) -> dict[str, Any]:
    head = owner["metadata"]
    link = {"apiVersion": "v1", "kind": owner["kind"], "name": head["name"], "uid": head["uid"], **reference}
    return configmap(name, ownerReferences=[link], labels={"test": "owned"})


async def now(resource: AsyncResource[Any]) -> str:
    """A version to watch from, so that nothing that happens after it is missed."""
    return (await resource.list(limit=1)).resource_version


async def until(resource: AsyncResource[Any], name: str, since: str, gone: Callable[..., Any]) -> WatchEvent[Any]:
    """The first event of one object for which `gone` is true."""
    with anyio.fail_after(60):
        async with aclosing(resource.watch(field_selector=f"metadata.name={name}", resource_version=since)) as events:
            async for event in events:
                if gone(event):
                    return event
    raise AssertionError("the watch ended")


def deleted(event: WatchEvent[Any]) -> bool:
    return event.type == "DELETED"


@pytest.mark.parametrize("propagation", ["", "Background", "Foreground"])
async def test_what_is_owned_goes(maps: AsyncResource[Any], propagation: str) -> None:
    owner = await maps.create(configmap("owner"))
    await maps.create(owned("child", owner, blockOwnerDeletion=True))
    since = await now(maps)
    await maps.delete("owner", propagation=propagation)
    await until(maps, "child", since, deleted)
    await until(maps, "owner", since, deleted)


async def test_an_orphan_stays_and_forgets_its_owner(maps: AsyncResource[Any]) -> None:
    owner = await maps.create(configmap("owner"))
    await maps.create(owned("child", owner))
    since = await now(maps)
    await maps.delete("owner", propagation="Orphan")
    event = await until(maps, "child", since, lambda event: "ownerReferences" not in event.object["metadata"])
    assert event.object["metadata"]["name"] == "child"


async def test_one_of_two_owners_goes(maps: AsyncResource[Any]) -> None:
    first, second = await maps.create(configmap("first")), await maps.create(configmap("second"))
    both = owned("child", first)
    both["metadata"]["ownerReferences"] += owned("x", second)["metadata"]["ownerReferences"]
    await maps.create(both)
    since = await now(maps)
    await maps.delete("first")
    event = await until(maps, "child", since, lambda event: len(event.object["metadata"]["ownerReferences"]) == 1)
    assert event.object["metadata"]["ownerReferences"][0]["name"] == "second"


async def test_what_another_owner_keeps_stays_when_one_goes_in_the_foreground(maps: AsyncResource[Any]) -> None:
    going, staying = await maps.create(configmap("going")), await maps.create(configmap("staying"))
    child = owned("child", going, blockOwnerDeletion=True)
    child["metadata"]["ownerReferences"] += owned("", staying)["metadata"]["ownerReferences"]
    await maps.create(child)
    since = await now(maps)
    await maps.delete("going", propagation="Foreground")
    await until(maps, "going", since, deleted)
    kept = await maps.get("child")
    assert [each["name"] for each in kept["metadata"]["ownerReferences"]] == ["staying"]
    assert "deletionTimestamp" not in kept["metadata"]


async def test_an_owner_that_never_was(maps: AsyncResource[Any]) -> None:
    owner = {"kind": "ConfigMap", "metadata": {"name": "never", "uid": "11111111-1111-1111-1111-111111111111"}}
    since = await now(maps)
    await maps.create(owned("child", owner))
    await until(maps, "child", since, deleted)


@pytest.mark.parametrize("part", ["uid", "name", "kind", "apiVersion"])
async def test_references_that_are_not_whole(maps: AsyncResource[Any], part: str) -> None:
    broken = owned("child", await maps.create(configmap("owner")))
    broken["metadata"]["ownerReferences"][0][part] = ""
    with pytest.raises(errors.InvalidError) as caught:
        await maps.create(broken)
    (cause,) = caught.value.causes
    assert (cause["field"], cause["message"]) == (
        f"metadata.ownerReferences[0].{part}",
        "Required value: must not be empty",
    )


async def test_two_controllers_are_one_too_many(maps: AsyncResource[Any]) -> None:
    owner = await maps.create(configmap("owner"))
    twice = owned("child", owner, controller=True)
    other = {**twice["metadata"]["ownerReferences"][0], "uid": "11111111-1111-1111-1111-111111111111"}
    twice["metadata"]["ownerReferences"].append(other)
    with pytest.raises(errors.InvalidError, match="Only one reference can have Controller set to true"):
        await maps.create(twice)


async def test_a_pod_that_nobody_runs_goes_at_once(client: AsyncClient, ns: str) -> None:
    pods = client.resource("po", namespace=ns)
    await pods.create(pod("p"))
    answer = await pods.delete("p")
    assert answer["kind"] == "Pod"
    assert answer["metadata"]["deletionGracePeriodSeconds"] == 0
    with pytest.raises(errors.NotFoundError):
        await pods.get("p")


async def test_a_pod_on_a_node_gets_its_grace(client: AsyncClient, ns: str) -> None:
    pods = client.resource("po", namespace=ns)
    # Nobody runs this node, so the pod stays.
    await pods.create(pod("p", nodeName="no-such-node", terminationGracePeriodSeconds=77))
    answer = await pods.delete("p", grace_seconds=55)
    assert answer["metadata"]["deletionGracePeriodSeconds"] == 55
    assert (await pods.delete("p", grace_seconds=44))["metadata"]["deletionGracePeriodSeconds"] == 44
    await pods.delete("p", grace_seconds=0)
    with pytest.raises(errors.NotFoundError):
        await pods.get("p")


async def test_a_budget_holds_an_eviction_up(client: AsyncClient, ns: str) -> None:
    pods = client.resource("po", namespace=ns)
    await pods.create(pod("p"))
    await pods.patch(
        "p",
        {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
        type="strategic",
        subresource="status",
    )
    budget = {"metadata": {"name": "b"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "p"}}}}
    budgets = client.resource("pdb", namespace=ns)
    since = await now(budgets)
    await budgets.create(budget)
    await until(budgets, "b", since, lambda event: event.object.get("status", {}).get("observedGeneration") == 1)
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p", "namespace": ns}}
    with pytest.raises(errors.TooManyRequestsError, match="Cannot evict pod as it would violate") as caught:
        await pods.create_subresource("p", "eviction", body)
    assert caught.value.causes[0]["reason"] == "DisruptionBudget"
    assert (await pods.get("p"))["metadata"].get("deletionTimestamp") is None


async def test_a_deployment_takes_its_replica_sets_along(client: AsyncClient, ns: str) -> None:
    deployments, sets = client.resource("deploy", namespace=ns), client.resource("rs", namespace=ns)
    since = await now(sets)
    await deployments.create(deployment("d", replicas=0, paused=False))
    with anyio.fail_after(60):
        async with aclosing(sets.watch(label_selector="app=d", resource_version=since)) as events:
            made = await anext(events)
    head = made.object["metadata"]
    assert made.type == "ADDED"
    assert head["ownerReferences"][0]["name"] == "d"
    assert head["name"] == f"d-{head['labels']['pod-template-hash']}"
    await deployments.delete("d", propagation="Foreground")
    await until(sets, head["name"], since, deleted)
