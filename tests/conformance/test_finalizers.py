from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap

FINALIZER = "example.com/hold"


async def test_a_finalizer_holds_a_deleted_object(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", finalizers=[FINALIZER]))
    answer = await maps.delete("a")
    assert answer["kind"] == "ConfigMap"
    held = await maps.get("a")
    assert held["metadata"]["deletionTimestamp"]
    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    await maps.patch("a", {"metadata": {"finalizers": None}})
    with pytest.raises(errors.NotFoundError):
        await maps.get("a")


async def test_no_finalizer_may_be_added_to_a_deleted_object(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", finalizers=[FINALIZER]))
    await maps.delete("a")
    with pytest.raises(errors.InvalidError, match="no new finalizers can be added if the object is being deleted"):
        await maps.patch("a", {"metadata": {"finalizers": [FINALIZER, "example.com/more"]}})
    await maps.patch("a", {"metadata": {"finalizers": None}})


async def test_deleting_twice_changes_nothing(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", finalizers=[FINALIZER]))
    await maps.delete("a")
    first = await maps.get("a")
    await maps.delete("a")
    assert await maps.get("a") == first
    await maps.patch("a", {"metadata": {"finalizers": None}})


async def test_foreground_deletion_sets_the_finalizer(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", finalizers=[FINALIZER]))
    # The answer, not a later look: the garbage collector takes the finalizer off as soon as it has seen it.
    held = await maps.delete("a", propagation="Foreground")
    assert held["metadata"]["finalizers"] == [FINALIZER, "foregroundDeletion"]
    await maps.patch("a", {"metadata": {"finalizers": None}})


async def test_orphan_deletion_sets_the_finalizer(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", finalizers=[FINALIZER]))
    held = await maps.delete("a", propagation="Orphan")
    assert held["metadata"]["finalizers"] == [FINALIZER, "orphan"]
    await maps.patch("a", {"metadata": {"finalizers": None}})


async def test_an_unknown_propagation_is_refused(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"))
    with pytest.raises((errors.InvalidError, errors.BadRequestError), match="propagationPolicy"):
        await maps.delete("a", propagation="Sideways")
