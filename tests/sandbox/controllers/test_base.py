"""One object that a controller cannot handle is tried again by itself, and holds up no other."""

from __future__ import annotations

import logging
import time
from typing import Any, Never

import anyio
import anyio.lowlevel
import pytest

from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.cluster import Cluster
from kmagic.sandbox.controllers import base
from kmagic.sandbox.host.seed import seed
from tests.sandbox.conftest import World, pod_template, ready, running


async def test_a_failing_key_is_tried_again_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "kmagic.sandbox.controllers.base")
    seen: list[str] = []
    done = anyio.Event()

    def reconcile(client: Any, key: Any) -> float | None:
        seen.append(key[1])
        if key[1] == "bad":
            raise ValueError("broken")
        if seen.count("bad") > 2 and {"one", "two"} <= set(seen):
            done.set()
            return None
        return 0.01

    def keys(client: Any, stored: Any) -> Any:
        if stored.name == "unreadable":
            raise KeyError("broken")
        return (stored.key,)

    world = World(Cluster({"t": User("tester")}))
    seed(world.client, 0)
    async with anyio.create_task_group() as tasks:
        for name in ("unreadable", "bad", "one", "two"):
            world.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
        tasks.start_soon(base.run, world.client, base.Controller("test", {"configmaps": keys}, reconcile))
        with anyio.fail_after(20):
            await done.wait()
        tasks.cancel_scope.cancel()


async def test_an_object_that_a_controller_cannot_handle_has_an_event_and_one_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried = anyio.Event()
    count = 0

    def reconcile(client: Any, key: Any) -> Never:
        nonlocal count
        count += 1
        if count == 3:
            tried.set()
        raise ValueError("no such thing")

    world = World(Cluster({"t": User("tester")}))
    seed(world.client, 0)
    world.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "bad"}})
    controller = base.Controller("test", {"configmaps": base.itself}, reconcile)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(base.run, world.client, controller)
        with anyio.fail_after(20):
            await tried.wait()
        tasks.cancel_scope.cancel()
    [event] = world.all("events")
    assert (event["type"], event["reason"], event["involvedObject"]["name"]) == ("Warning", "FailedSync", "bad")
    assert event["message"].startswith("test cannot handle this object and tries again later: ValueError: no such")
    assert event["count"] >= 2
    records = [record for record in caplog.records if record.name == base.__name__]
    assert [bool(record.exc_info) for record in records[:3]] == [True, False, False]


@pytest.mark.parametrize(
    ("cidr", "prefix"),
    [(None, "10.244.0."), ("10.9.8.0/24", "10.9.8."), ("fd00:1::/64", "fd00:1::"), ("junk", "10.244.0.")],
)
async def test_pods_of_a_node_get_addresses_whatever_range_it_says(cidr: Any, prefix: Any) -> None:
    async with running(nodes=0) as world:
        spec = {"podCIDR": cidr} if cidr else {}
        world.client.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": spec})
        for name in ("a", "b"):
            world.create(
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod_template()["spec"]}
            )
        pods = await world.until("pods", lambda pods: len(pods) == 2 and all(map(ready, pods)))
        found = {pod["status"]["podIP"] for pod in pods}
        assert len(found) == 2
        assert all(address.startswith(prefix) for address in found)


async def test_a_node_with_a_strange_taint_keeps_no_pod_from_the_others() -> None:
    async with running(nodes=1) as world:
        spec = {"taints": [{"value": "x"}, {"effect": "NoSchedule"}]}
        world.client.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a-strange-one"}, "spec": spec})
        world.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": pod_template()["spec"]})
        [pod] = await world.until("pods", lambda pods: all(map(ready, pods)) and pods)
        assert pod["spec"]["nodeName"] == "node-1"


async def test_a_controller_with_long_steps_leaves_the_others_as_much_time() -> None:
    # As a ReplicaSet of thousands of Pods and the scheduler, which takes one of them at a step.
    steps = {"slow": 0, "quick": 0}
    done = anyio.Event()

    def slow(client: Any, key: Any) -> float | None:
        time.sleep(0.05)  # the work itself: it holds the loop
        steps["slow"] += 1
        return 0.0

    def quick(client: Any, key: Any) -> float | None:
        steps["quick"] += 1
        if steps["slow"] >= 5:
            done.set()
        return 0.0

    world = World(Cluster({"t": User("tester")}))
    seed(world.client, 0)
    world.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    async with anyio.create_task_group() as tasks:
        for name, reconcile in (("slow", slow), ("quick", quick)):
            controller = base.Controller(name, {"configmaps": base.itself}, reconcile)
            tasks.start_soon(base.run, world.client, controller)
        with anyio.fail_after(20):
            await done.wait()
        tasks.cancel_scope.cancel()
    assert steps["quick"] > 4 * steps["slow"]


async def test_what_changes_while_a_key_rests_after_a_long_look_is_one_look() -> None:
    # As a ReplicaSet of thousands of Pods, each of which changes several times.
    looks: list[int] = []
    changes = 0
    done = anyio.Event()

    def reconcile(client: Any, key: Any) -> float | None:
        time.sleep(0.05)  # the work itself: it holds the loop
        looks.append(changes)
        if changes == 40:
            done.set()
        return None

    world = World(Cluster({"t": User("tester")}))
    seed(world.client, 0)
    stored = world.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {}})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            base.run, world.client, base.Controller("counting", {"configmaps": lambda *_: (stored.key,)}, reconcile)
        )
        with anyio.fail_after(20):
            while not looks:
                await anyio.lowlevel.checkpoint()
            for changes in range(1, 41):
                stored = base.update(world.client, stored, stored.decode() | {"data": {"n": str(changes)}})
                await anyio.lowlevel.checkpoint()
            await done.wait()
        tasks.cancel_scope.cancel()
    assert looks[-1] == 40
    assert len(looks) < 20


async def test_a_controller_follows_on_after_the_store_ended_its_watch() -> None:
    seen: list[str] = []
    news = anyio.Event()

    def reconcile(client: Any, key: Any) -> float | None:
        seen.append(key[1])
        news.set()
        return None

    world = World(Cluster({"t": User("tester")}))
    seed(world.client, 0)
    world.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "early"}})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(base.run, world.client, base.Controller("t", {"configmaps": base.itself}, reconcile))
        with anyio.fail_after(20):
            await news.wait()
            world.client.store.close_watches("configmaps")
            world.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}})
            while "late" not in seen:
                news = anyio.Event()
                await news.wait()
        tasks.cancel_scope.cancel()
