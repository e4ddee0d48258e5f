"""Evictions, and the budgets that stop them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import deployment, pod

Pods = AsyncResource[dict[str, Any]]


def eviction(name: str, **options: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    return body | ({"deleteOptions": options} if options else {})


def budget(name: str = "b", app: str = "p", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": app}}, **spec},
    }


async def running(pods: Pods, name: str = "p", *, ready: bool = True) -> dict[str, Any]:
    """A Pod that says it runs; no kubelet looks at it."""
    await pods.create(pod(name) | {"metadata": {"name": name, "labels": {"app": "p"}}})
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    state = {"phase": "Running", "conditions": [condition]}
    return await pods.patch(name, {"status": state}, subresource="status")


async def settled(
    client: AsyncClient, ns: str, holds: Callable[[dict[str, Any]], bool], name: str = "b"
) -> dict[str, Any]:
    """The budget's status when the controller has seen what the test did."""
    budgets = client.resource("pdb", namespace=ns)
    with anyio.fail_after(60):
        while True:
            found = await budgets.get(name)
            state: dict[str, Any] = found.get("status") or {}
            seen = state.get("observedGeneration") == found["metadata"]["generation"]
            if seen and holds(state):
                return state
            await anyio.sleep(0.05)


async def test_eviction_deletes_a_pod(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("p"))
    await pods.create_subresource("p", "eviction", eviction("p"))
    with pytest.raises(errors.NotFoundError):
        await pods.get("p")


async def test_a_budget_without_disruptions_left_refuses_and_says_why(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    await running(pods)
    await client.resource("pdb", namespace=ns).create(budget(minAvailable=1))
    state = await settled(client, ns, lambda state: state["currentHealthy"] == 1)
    assert {key: state[key] for key in ("desiredHealthy", "disruptionsAllowed", "expectedPods")} == {
        "desiredHealthy": 1,
        "disruptionsAllowed": 0,
        "expectedPods": 1,
    }
    (told,) = state["conditions"]
    assert (told["type"], told["status"], told["reason"]) == ("DisruptionAllowed", "False", "InsufficientPods")
    with pytest.raises(errors.TooManyRequestsError) as caught:
        await pods.create_subresource("p", "eviction", eviction("p"))
    assert "Cannot evict pod as it would violate the pod's disruption budget." in str(caught.value)
    assert [cause["message"] for cause in caught.value.causes] == [
        "The disruption budget b needs 1 healthy pods and has 1 currently"
    ]
    assert [each["type"] for each in (await pods.get("p"))["status"]["conditions"]] == ["Ready"]


async def test_an_eviction_takes_one_disruption_and_a_dry_run_none(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    for name in ("p", "q"):
        await running(pods, name)
    await client.resource("pdb", namespace=ns).create(budget(minAvailable=1))
    await settled(client, ns, lambda state: state["disruptionsAllowed"] == 1)
    for _ in range(2):
        await pods.create_subresource("p", "eviction", eviction("p"), dry_run=True)
    await pods.create_subresource("p", "eviction", eviction("p"))
    with pytest.raises(errors.TooManyRequestsError):
        await pods.create_subresource("q", "eviction", eviction("q"))
    state = await settled(client, ns, lambda state: state["expectedPods"] == 1)
    assert (state["currentHealthy"], state["disruptionsAllowed"], state.get("disruptedPods")) == (1, 0, None)


async def test_a_pod_that_is_evicted_says_so_while_it_ends(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    body = pod("p")
    body["metadata"]["finalizers"] = ["example.com/wait"]
    await pods.create(body)
    await pods.create_subresource("p", "eviction", eviction("p"))
    ending = await pods.get("p")
    assert "deletionTimestamp" in ending["metadata"]
    told = next(each for each in ending["status"]["conditions"] if each["type"] == "DisruptionTarget")
    assert (told["status"], told["reason"]) == ("True", "EvictionByEvictionAPI")
    assert told["message"] == "Eviction API: evicting"
    await pods.patch("p", {"metadata": {"finalizers": None}})


@pytest.mark.parametrize(
    ("policy", "goes"), [("AlwaysAllow", True), ("IfHealthyBudget", False)], ids=["always", "if-healthy"]
)
async def test_a_pod_that_is_not_ready_goes_as_the_policy_says(
    client: AsyncClient, ns: str, policy: str, goes: bool
) -> None:
    pods = client.resource("pods", namespace=ns)
    await running(pods, ready=False)
    await client.resource("pdb", namespace=ns).create(budget(minAvailable=1, unhealthyPodEvictionPolicy=policy))
    await settled(client, ns, lambda state: state["expectedPods"] == 1)
    if goes:
        await pods.create_subresource("p", "eviction", eviction("p"))
    else:
        with pytest.raises(errors.TooManyRequestsError):
            await pods.create_subresource("p", "eviction", eviction("p"))


async def test_a_pod_of_two_budgets_is_not_evicted(client: AsyncClient, ns: str) -> None:
    pods, budgets = client.resource("pods", namespace=ns), client.resource("pdb", namespace=ns)
    await running(pods)
    for name in ("b", "c"):
        await budgets.create(budget(name, minAvailable=0))
        await settled(client, ns, lambda state: state["expectedPods"] == 1, name)
    with pytest.raises(errors.StatusError, match="This pod has more than one PodDisruptionBudget"):
        await pods.create_subresource("p", "eviction", eviction("p"))
    assert (await pods.get("p"))["metadata"]["name"] == "p"


@pytest.mark.parametrize(
    ("options", "name", "error"),
    [
        ({"preconditions": {"uid": "another"}}, "p", "the UID in the precondition"),
        ({"preconditions": {"resourceVersion": "1"}}, "p", "the ResourceVersion in the precondition"),
        ({}, "q", "name in URL does not match name in Eviction object"),
    ],
    ids=["uid", "version", "name"],
)
async def test_evictions_of_another_pod_are_refused(
    client: AsyncClient, ns: str, options: dict[str, Any], name: str, error: str
) -> None:
    pods = client.resource("pods", namespace=ns)
    await running(pods)
    with pytest.raises(errors.StatusError, match=error):
        await pods.create_subresource("p", "eviction", eviction(name, **options))
    assert [each["type"] for each in (await pods.get("p"))["status"]["conditions"]] == ["Ready"]


@pytest.mark.parametrize(
    ("spec", "expected", "desired"),
    [
        ({"minAvailable": "50%"}, 3, 2),
        ({"maxUnavailable": "34%"}, 3, 1),
        ({"maxUnavailable": 1}, 3, 2),
        ({"minAvailable": 1}, 3, 1),
    ],
    ids=["half", "percent", "one", "number"],
)
async def test_a_budget_counts_what_the_pods_controllers_want(
    client: AsyncClient, ns: str, spec: dict[str, Any], expected: int, desired: int
) -> None:
    await client.resource("deploy", namespace=ns).create(deployment("d", replicas=3, paused=False))
    await client.resource("pdb", namespace=ns).create(budget(app="d", **spec))
    state = await settled(client, ns, lambda state: state["expectedPods"] == expected)
    assert (state["desiredHealthy"], state["currentHealthy"], state["disruptionsAllowed"]) == (desired, 0, 0)


async def test_a_budget_over_pods_without_a_scale_says_what_it_cannot_count(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    body = pod("p")
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "0", "controller": True}
    maps = client.resource("configmaps", namespace=ns)
    made = await maps.create({"metadata": {"name": "gone"}})
    body["metadata"]["ownerReferences"] = [owner | {"uid": made["metadata"]["uid"]}]
    await pods.create(body)
    budgets = client.resource("pdb", namespace=ns)
    await budgets.create(budget(maxUnavailable=1))

    async def told() -> dict[str, Any]:
        with anyio.fail_after(60):
            while True:
                conditions = ((await budgets.get("b")).get("status") or {}).get("conditions") or ()
                if any(each["reason"] == "SyncFailed" for each in conditions):
                    return dict(conditions[0])
                await anyio.sleep(0.05)

    assert (await told())["message"] == "configmaps does not implement the scale subresource"
