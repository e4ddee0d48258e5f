"""A controller beside a notebook: started by a cell, seen, replaced, stopped."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

import kmagic
from kmagic.api.key import ObjectKey
from kmagic.errors import ForbiddenError, SyncError
from kmagic.models.core_v1 import ConfigMap
from kmagic.models.meta_v1 import ObjectMeta
from kmagic.sync.controllers import RunningController, start_controller
from kmagic.sync.runtime import stop_shared_runtime
from kmagic.testing.sandbox import TestCluster
from tests.conftest import Server


@pytest.fixture
def cluster(sandbox: Server) -> TestCluster:
    return TestCluster(sandbox.server, sandbox.kubeconfig)


@pytest.fixture
def client(cluster: TestCluster) -> Iterator[kmagic.Client]:
    with cluster.client() as made:
        yield made
    stop_shared_runtime()


@pytest.fixture
def ns(client: kmagic.Client) -> Iterator[str]:
    name = f"sync-{uuid.uuid4().hex[:8]}"
    client.resource("namespaces").create({"metadata": {"name": name}})
    yield name
    client.resource("namespaces").delete(name)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def config(name: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name))


def test_SC_8_a_plain_function_may_block_and_use_the_client(client: kmagic.Client, ns: str) -> None:
    threads: set[str] = set()

    def reconcile(key: ObjectKey) -> None:
        threads.add(threading.current_thread().name)
        found = client.core_v1.configmaps(key.namespace).get(key.name)
        if not found.data:
            found.data = {"seen": "yes"}
            client.core_v1.configmaps(key.namespace).update(found)

    maps = client.core_v1.configmaps(ns)
    with start_controller(client, reconcile, [ConfigMap], name="maps", namespace=ns) as controller:
        maps.create(config("a"))
        until(lambda: maps.get("a").data == {"seen": "yes"})
        until(lambda: "a" in [m.metadata.name for m in controller.lister(ConfigMap, ns).list()])
    assert "kmagic-loop" not in threads


def test_SC_8_the_status_tells_the_last_error_of_each_key(client: kmagic.Client, ns: str) -> None:
    async def reconcile(key: ObjectKey) -> None:
        if key.name == "bad":
            raise LookupError("no luck")

    maps = client.core_v1.configmaps(ns)
    with start_controller(client, reconcile, [ConfigMap], name="maps", namespace=ns) as controller:
        maps.create(config("bad"))
        maps.create(config("good"))
        key = ObjectKey(ns, "bad")
        until(lambda: controller.status.retries.get(key, 0) > 2)
        until(lambda: controller.status.succeeded > 0)
        assert controller.status.errors == {key: "LookupError: no luck"}
        assert f"{ns}/bad  failed" in repr(controller)
        assert repr(controller).endswith("LookupError: no luck")
    assert repr(controller) == "<controller 'maps', stopped>"


def test_SC_8_running_the_cell_again_replaces_the_controller_with_no_watch_left(
    client: kmagic.Client, cluster: TestCluster, ns: str
) -> None:
    calls: list[tuple[int, str]] = []

    def cell(number: int) -> RunningController:
        async def reconcile(key: ObjectKey) -> None:
            calls.append((number, key.name))

        return client.controller(reconcile, [ConfigMap], name="maps", namespace=ns)

    first = cell(1)
    second = cell(2)
    assert not first.running
    assert second.running
    calls.clear()
    client.core_v1.configmaps(ns).create(config("a"))
    until(lambda: (2, "a") in calls)
    assert (1, "a") not in calls
    second.stop()
    second.stop()
    assert not second.running


def test_a_cache_that_cannot_fill_is_an_error_where_the_controller_was_started(
    client: kmagic.Client, cluster: TestCluster, ns: str
) -> None:
    cluster.react("list", "configmaps", lambda _: ForbiddenError("configmaps is forbidden"))

    async def reconcile(key: ObjectKey) -> None: ...

    with pytest.raises(SyncError, match="configmaps is forbidden"):
        start_controller(client, reconcile, [ConfigMap], name="maps", namespace=ns)


def test_a_key_can_be_wanted_by_hand_and_seconds_bring_it_back(client: kmagic.Client, ns: str) -> None:
    calls: list[str] = []

    def reconcile(key: ObjectKey) -> float | None:
        calls.append(key.name)
        return 0.01 if len(calls) < 3 else None

    with start_controller(client, reconcile, [], name="none", namespace=ns) as controller:
        controller.enqueue(ObjectKey(ns, "x"))
        until(lambda: calls == ["x", "x", "x"])
