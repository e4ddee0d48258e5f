# pyright: strict
"""Works a queue off, and reads times and amounts."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.api import Quantity, created
from kmagic.controller import MemoryMetrics, RateLimitingQueue
from kmagic.models.core_v1 import Pod
from kmagic.sync import Resource, RetryWatcher


async def work(queue: RateLimitingQueue[str]) -> None:
    while True:
        item, shut_down = await queue.get()
        if shut_down or item is None:
            return
        print(item)
        queue.forget(item)
        queue.done(item)


def new_queue() -> RateLimitingQueue[str]:
    return RateLimitingQueue(name="names", metrics=MemoryMetrics())


def changes(pods: Resource[Pod]) -> None:
    for event in RetryWatcher(pods, pods.list().resource_version).events():
        pod = event.object
        since = created(pod)
        age = datetime.now(UTC) - since if since else None
        asked = [each.resources.requests.get("cpu", "0") for each in pod.spec.containers if each.resources]
        print(event.type, pod.metadata.name, age, sum(Quantity(cpu).value for cpu in asked))
