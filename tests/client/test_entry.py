from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import anyio
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.entry import AsyncEntry
from kmagic.models.core_v1 import ConfigMap
from tests.cluster.fixture import ExternalCluster


@pytest.fixture
async def configmaps(cluster: ExternalCluster, pod_namespace: str) -> AsyncIterator[Any]:
    async with AsyncClient(cluster.kubeconfig) as client:
        yield client.core_v1.configmaps(pod_namespace)


def configmap(name: str, **data: Any) -> ConfigMap:
    return ConfigMap.from_dict({"metadata": {"name": name}, "data": data})


async def test_create_then_get_then_change(configmaps: Any) -> None:
    name = f"entry-{uuid4().hex[:6]}"
    made = await configmaps.entry(name).or_create(configmap(name, a="1"))
    assert made.data == {"a": "1"}
    found = await configmaps.entry(name).or_create(configmap(name, a="other"))
    assert (found.data, found.metadata.uid) == ({"a": "1"}, made.metadata.uid)
    entry = configmaps.entry(name).and_modify(lambda cm: cm.data.update(b="2")).and_modify(lambda cm: cm.data.pop("a"))
    assert (await entry.or_create(configmap(name))).data == {"b": "2"}


async def test_a_change_that_others_got_in_the_way_of_is_made_anew(configmaps: Any) -> None:
    name = f"entry-{uuid4().hex[:6]}"
    await configmaps.create(configmap(name, n="0"))

    async def add_one() -> None:
        await configmaps.entry(name).and_modify(count).or_create(configmap(name))

    def count(found: Any) -> None:
        seen.append(found.data["n"])
        found.data["n"] = str(int(found.data["n"]) + 1)

    seen = []

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(add_one)
    assert (await configmaps.get(name)).data == {"n": "3"}
    assert {"0", "1", "2"} <= set(seen)


class Race:
    """A resource where another client is quicker."""

    def __init__(self) -> None:
        self.there = None

    async def get(self, name: str) -> dict[str, Any]:
        if self.there is None:
            raise errors.NotFoundError("no")
        return self.there

    async def create(self, obj: dict[str, Any]) -> None:
        self.there = {"metadata": {"name": "a"}, "by": "other"}
        raise errors.AlreadyExistsError("there")


async def test_somebody_who_was_quicker_wins() -> None:

    assert (await AsyncEntry(Race(), "a").or_create({"metadata": {"name": "a"}}))["by"] == "other"


async def test_another_name_is_a_mistake() -> None:

    with pytest.raises(ValueError, match='the object is named "b", the entry "a"'):
        await AsyncEntry(Race(), "a").or_create({"metadata": {"name": "b"}})
