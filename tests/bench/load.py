"""The load of the bench: a real control plane full of Pods, and a hand that touches them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio

from kmagic.client.client import AsyncClient
from kmagic.rest.request import Request
from tests.bench.contenders import Result
from tests.cluster.fixture import Cluster

__all__ = ("cluster_with_pods", "raw_list", "touch_pods")

NAMESPACES = 100
# Half of the Pods are in one namespace, the others in as many as teams have.
BIG = "bench-big"
CONCURRENCY = 16


def pod(number: int) -> dict[str, Any]:
    """A Pod as workloads make them: about 4 kB once the server has added its own fields."""
    env = [{"name": f"SETTING_{n}", "value": "x" * 24} for n in range(12)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"web-{number:05}",
            "labels": {"app": f"app-{number % 50}", "tier": "web", "pod-template-hash": "5d4f8c7b9"},
            "annotations": {"example.com/team": "payments", "example.com/config-hash": "ab" * 32},
        },
        "spec": {
            "containers": [
                {
                    "name": name,
                    "image": f"registry.example/{name}:1.2.{number % 7}",
                    "env": env,
                    "ports": [{"containerPort": port}],
                    "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                    "volumeMounts": [{"name": "config", "mountPath": "/etc/config"}],
                }
                for name, port in (("web", 8080), ("proxy", 8081))
            ],
            "volumes": [{"name": "config", "emptyDir": {}}],
            # Nobody schedules them: the bench measures clients, not kubelets.
            "schedulerName": "none",
        },
    }


def home(number: int) -> str:
    """The namespace of a Pod."""
    return BIG if number % 2 else f"bench-{number // 2 % NAMESPACES:03}"


async def _each(numbers: range, work: Any) -> None:
    """Runs `work(number)` for all numbers, a few at a time."""
    pending = iter(numbers)

    async def worker() -> None:
        for number in pending:
            await work(number)

    async with anyio.create_task_group() as group:
        for _ in range(CONCURRENCY):
            group.start_soon(worker)


async def _fill(kubeconfig: str, count: int) -> None:
    async with AsyncClient(kubeconfig=kubeconfig) as client:
        namespaces = client.resource("namespaces", None)
        for name in {BIG, *map(home, range(2 * NAMESPACES))}:
            await namespaces.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

        async def create(number: int) -> None:
            await client.resource("pods", home(number)).create(pod(number))

        await _each(range(count), create)


@contextmanager
def cluster_with_pods(count: int) -> Iterator[str]:
    """Starts a control plane of its own, fills it, yields its kubeconfig, ends it."""
    cluster = Cluster.start()
    try:
        print(f"creating {count:,} Pods", flush=True)
        asyncio.run(_fill(str(cluster.kubeconfig), count))
        yield str(cluster.kubeconfig)
    finally:
        cluster.stop()


async def _touch(kubeconfig: str, count: int) -> None:
    async with AsyncClient(kubeconfig=kubeconfig) as client:

        async def patch(number: int) -> None:
            stamp = {"metadata": {"annotations": {"example.com/touched": str(time.time_ns())}}}
            await client.resource("pods", home(number)).patch(f"web-{number:05}", stamp)

        await _each(range(count), patch)


def touch_pods(kubeconfig: str, count: int) -> None:
    """Changes one annotation of `count` Pods, one update each."""
    asyncio.run(_touch(kubeconfig, count))


async def _read(kubeconfig: str) -> Result:
    async with AsyncClient(kubeconfig=kubeconfig) as client:
        request = Request("GET", "/api/v1/pods", query=(("resourceVersion", "0"),))
        begun, cpu, size = time.perf_counter(), time.process_time(), 0
        async with client.transport.stream(request) as answer:
            async for chunk in answer.chunks():
                size += len(chunk)
        return {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "size": float(size)}


def raw_list(kubeconfig: str) -> Result:
    """The list as bytes that nobody decodes: the floor of any client in Python."""
    return asyncio.run(_read(kubeconfig))
