"""A cluster in the test's own process: the same parts as the server, without HTTP, ten to a hundred times as fast."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import anyio
import pytest

from kmagic.aio.signal import Signal
from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.cluster import Cluster
from kmagic.sandbox.host.seed import seed
from kmagic.sandbox.registry.loopback import Loopback
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.storage.store import Stored


class World:
    """A cluster with controllers, and waiting for what they do without sleeping."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.client = cluster.client

    def create(self, body: dict[str, Any]) -> Stored:
        body.setdefault("metadata", {}).setdefault("namespace", "default")
        return self.client.create(body, manager="test")

    def get(self, resource: str, name: str, namespace: str = "default") -> dict[str, Any] | None:
        stored = self.client.store.get(resource, namespace, name)
        return None if stored is None else stored.decode()

    def all(self, resource: str, namespace: str = "") -> list[dict[str, Any]]:
        return [stored.decode() for stored in self.client.store.list(resource, namespace)]

    async def until(self, resource: str, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Waits, change by change, until the objects of a resource are as they should be."""
        news = Signal()
        subscription = self.client.store.subscribe(resource, self.client.store.revision, news.notify)
        try:
            with anyio.fail_after(30):
                while not holds(self.all(resource)):
                    await news.wait()
                    subscription.take()
        finally:
            self.client.store.unsubscribe(resource, subscription)
        return self.all(resource)


@pytest.fixture
def still() -> Loopback:
    """The way into a seeded cluster at a fixed time, without controllers."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    ticks = iter(range(10_000_000))
    cluster = Cluster({"t": User("tester")}, wall=lambda: moment + timedelta(seconds=next(ticks)), rng=random.Random(1))
    seed(cluster.client, 3)
    return cluster.client


@asynccontextmanager
async def running(speed: float = 20.0, nodes: int = 3) -> AsyncIterator[World]:
    """A cluster whose controllers run, time going faster by `speed`."""
    cluster = Cluster({"t": User("tester")}, rng=random.Random(1))
    seed(cluster.client, nodes)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(cluster.run, speed=speed))
        yield World(cluster)
        tasks.cancel_scope.cancel()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running() as made:
        yield made


def pod_template(name: str = "web", *, image: str = "nginx:1.27", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": image}], **spec}}


def deployment(name: str = "web", *, replicas: int = 3, image: str = "nginx:1.27", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": pod_template(name, image=image),
            **spec,
        },
    }


def ready(obj: dict[str, Any]) -> bool:
    conditions = (obj.get("status") or {}).get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def phases(pods: Any) -> Any:
    return sorted(pod["status"]["phase"] for pod in pods)


def condition(obj: Any, kind: Any) -> Any:
    return next((c for c in (obj.get("status") or {}).get("conditions") or () if c["type"] == kind), {})


def complete(name: Any, replicas: int) -> Any:
    def holds(deployments: Any) -> Any:
        found = next((d for d in deployments if d["metadata"]["name"] == name), None)
        status = (found or {}).get("status") or {}
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        generation = (found or {"metadata": {}})["metadata"].get("generation")
        return counts == [replicas] * 3 and status.get("observedGeneration") == generation

    return holds


def edit(world: Any, resource: Any, name: Any, change: Any) -> Any:
    stored = world.client.store.get(resource, "default", name)
    body = stored.decode()
    change(body)
    return world.client.objects.replace(world.client.resource_of(body), stored, body, Options(manager="test"))
