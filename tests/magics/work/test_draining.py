"""Draining, below the magic: budgets are waited for, and what was done is known at every moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio
import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.draining import Drained, Leave, drain_nodes
from kmagic.magics.work.leaving_pods import DrainOptions, Verdict
from kmagic.transport.http import Transport

READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


@pytest.fixture
async def client(sandbox: Any) -> Any:
    async with AsyncClient(transport=Transport(load_config(sandbox.kubeconfig))) as client:
        namespace = await client.resource("namespaces", None).create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "draining-"}}
        )
        client.namespace = namespace["metadata"]["name"]
        yield client
        await client.resource("namespaces", None).delete(client.namespace)


class World:
    """Pods on a node that no kubelet serves, guarded by a budget that allows none of them to go."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.pods = client.resource("pods", client.namespace)
        self.budgets = client.resource("poddisruptionbudgets.policy", client.namespace)
        self.steps: list[Any] = []
        self.outcomes: list[Outcome] = []
        self.said: list[str] = []
        self.spoke = anyio.Event()

    async def fill(self, *names: str, timeout: float = 0.0) -> World:
        resource = await self.client.mapper.resource_for("pods")
        for name in names:
            spec = {
                "nodeName": "nowhere",
                "terminationGracePeriodSeconds": 0,
                "containers": [{"name": "c", "image": "nginx"}],
            }
            labels = {"app": name}
            pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}
            await self.pods.create(pod)
            found = await self.pods.patch(name, {"status": READY}, subresource="status")
            self.steps += [
                Leave(resource, Verdict(found, goes=True), DrainOptions(timeout=timeout)),
                Drained(f"node-{name}"),
            ]
        self.outcomes = [step.outcome("not tried") for step in self.steps]
        return self

    async def guard(self, name: str) -> None:
        """No Pod of that name may go."""
        budget = {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": name},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": name}}},
        }
        await self.budgets.create(budget)

    async def drain(self) -> None:
        await drain_nodes(self.client, self.steps, self.outcomes, self._say, again=0.02)

    def _say(self, line: str) -> None:
        self.said.append(line)
        self.spoke.set()

    @property
    def actions(self) -> Sequence[str]:
        return [each.action for each in self.outcomes]


async def test_an_eviction_is_tried_again_until_its_budget_allows_it(client: AsyncClient) -> None:
    world = await World(client).fill("web")
    await world.guard("web")
    async with anyio.create_task_group() as group:
        group.start_soon(world.drain)
        with anyio.fail_after(30):
            await world.spoke.wait()
        assert world.actions == ["evicting", "draining"]
        assert world.outcomes[0].note.startswith("waits: The disruption budget web needs 1 healthy pods")
        await world.budgets.delete("web")
    assert world.actions == ["evicted", "drained"]
    # What is said again and again is said once.
    assert len([line for line in world.said if "disruption budget" in line]) == 1


async def test_nodes_have_their_turn_one_after_another_and_a_cut_leaves_an_explicit_state(client: AsyncClient) -> None:
    world = await World(client).fill("first", "held", "last")
    await world.guard("held")
    async with anyio.create_task_group() as group:
        group.start_soon(world.drain)
        await world.spoke.wait()
        group.cancel_scope.cancel()
    assert world.actions == ["evicted", "drained", "evicting", "draining", "not tried", "not tried"]
    assert [each["metadata"]["name"] for each in (await world.pods.list()).items] == ["held", "last"]


async def test_time_that_is_over_is_an_error_in_kubectls_words(client: AsyncClient) -> None:
    world = await World(client).fill("web", timeout=0.2)
    await world.guard("web")
    await world.drain()
    assert world.actions == ["evicting", "failed"]
    error = world.outcomes[1].error
    assert error is not None
    assert 'There are pending pods in node "node-web" when an error occurred: error when evicting' in error.message
    assert "global timeout reached: 200ms" in error.message
    assert "pod/web" in error.message.split("\n")


async def test_a_pod_that_took_the_name_is_left_alone(client: AsyncClient) -> None:
    world = await World(client).fill("web")
    old = await world.pods.get("web")
    await world.pods.delete("web", grace_seconds=0)
    await world.pods.create({**old, "metadata": {"name": "web"}, "status": {}})
    await world.drain()
    assert world.actions == ["already gone", "drained"]
    assert (await world.pods.get("web"))["metadata"]["uid"] != old["metadata"]["uid"]
