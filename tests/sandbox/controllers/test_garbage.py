"""What depends on a deleted object."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.sandbox.controllers import base
from kmagic.sandbox.registry import deletion
from tests.sandbox.conftest import complete, deployment


async def test_deleting_a_deployment_takes_its_sets_and_pods_along(world: Any) -> None:
    world.create(deployment(replicas=2))
    await world.until("deployments.apps", complete("web", 2))
    base.delete(world.client, world.client.store.get("deployments.apps", "default", "web"))
    await world.until("pods", lambda pods: not pods)
    assert world.all("replicasets.apps") == []


@pytest.mark.parametrize("policy", ["Foreground", "Orphan"])
async def test_foreground_waits_for_dependents_and_orphan_leaves_them(world: Any, policy: str) -> None:
    world.create(deployment(replicas=1))
    await world.until("deployments.apps", complete("web", 1))
    stored = world.client.store.get("deployments.apps", "default", "web")
    wanted = deletion.DeleteOptions(propagation_policy=policy)
    remaining = deletion.delete(world.client.objects, world.client.resource_of(stored.decode()), stored, wanted)
    assert remaining is not None, "a finalizer holds it"
    await world.until("deployments.apps", lambda found: not found)
    sets = world.all("replicasets.apps")
    assert len(sets) == (0 if policy == "Foreground" else 1)
    assert not sets or not sets[0]["metadata"].get("ownerReferences")
