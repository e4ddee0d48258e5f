"""The work queue example: what it prints, how often it tries, how it ends."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest

import kmagic
from kmagic.controller import ItemExponentialFailureRateLimiter, RateLimitingQueue
from kmagic.errors import ForbiddenError, SyncError
from kmagic.models.core_v1 import Container, Pod, PodSpec
from kmagic.models.meta_v1 import ObjectMeta
from kmagic.testing.clock import FakeClock
from kmagic.testing.sandbox import TestCluster
from tests.examples.workqueue import PodController, run


def pod(name: str) -> Pod:
    return Pod(
        metadata=ObjectMeta(name=name),
        spec=PodSpec(containers=[Container(name="a", image="a")], node_selector={"no": "node"}),
    )


async def until_printed(capsys: pytest.CaptureFixture[str], text: str) -> None:
    said = ""
    with anyio.fail_after(60):
        while text not in said:
            await anyio.sleep(0.02)
            said += capsys.readouterr().out


async def test_EX6_every_change_is_printed_and_a_pod_that_is_gone_too(
    async_client: kmagic.AsyncClient, async_ns: str, capsys: pytest.CaptureFixture[str]
) -> None:
    factory = async_client.informers(namespace=async_ns)
    controller = PodController(factory.core_v1.pods, RateLimitingQueue[str]())
    controller.queue.add(f"{async_ns}/mypod")
    pods = async_client.core_v1.pods(async_ns)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, factory, controller)
        await until_printed(capsys, f"Pod {async_ns}/mypod does not exist anymore")
        await pods.create(pod("web-0"))
        await until_printed(capsys, "Sync/Add/Update for Pod web-0")
        await pods.delete("web-0", grace_seconds=0)
        await until_printed(capsys, f"Pod {async_ns}/web-0 does not exist anymore")
        tasks.cancel_scope.cancel()
    assert controller.queue.shutting_down()


async def test_EX6_without_rights_it_says_that_the_cache_did_not_fill(
    async_client: kmagic.AsyncClient, recorded: TestCluster, async_ns: str, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.react("list", "pods", lambda _: ForbiddenError("pods is forbidden"))
    factory = async_client.informers(namespace=async_ns)
    controller = PodController(factory.core_v1.pods, RateLimitingQueue[str]())
    with pytest.raises(SyncError, match="pods is forbidden"):
        await run(factory, controller, sync_seconds=5)
    assert "Timed out waiting for caches to sync" in caplog.text


class _Informer:
    """What the example needs of an informer, without objects."""

    def __init__(self) -> None:
        self.informer = self
        self.store = self

    def add_handler(self, **_: Any) -> None: ...

    def get_by_key(self, key: str) -> None:
        raise LookupError(f"no luck with {key}")


async def test_EX6_an_error_is_tried_five_times_more_and_then_dropped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = FakeClock()
    queue = RateLimitingQueue[str](ItemExponentialFailureRateLimiter(1.0, 10.0), clock=clock)
    controller = PodController(_Informer(), queue)
    queue.add("default/a")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(controller.work)
        await clock.elapse(100)
        queue.shut_down()
    said = [record.message for record in caplog.records if record.name == "workqueue"]
    assert said == ["Error syncing pod default/a: no luck with default/a"] * 5 + [
        "Dropping pod default/a out of the queue: no luck with default/a"
    ]
    assert queue.num_requeues("default/a") == 0
