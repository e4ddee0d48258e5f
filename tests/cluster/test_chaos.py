"""Twenty informers while everything goes wrong at once, again and again.

`KMAGIC_CHAOS_SECONDS` says how long: the least is every fault once, 600 are the full run, in which the server hangs for
more than a minute.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from kmagic import errors
from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import list_watch_for
from kmagic.client.client import AsyncClient
from tests.cluster.breakage import Breakage, Identity
from tests.cluster.fixture import Cluster
from tests.faultproxy import FaultProxy
from tests.follow import Replay, lease, versions, versions_of

DURATION = float(os.environ.get("KMAGIC_CHAOS_SECONDS", "40"))
pytestmark = pytest.mark.timeout(DURATION + 240)

SECONDS = 90.0
SEED = 20261124
WORKERS = 16
RATE = 200.0  # changes a second, all workers together, while the server is well
NAMES = 25  # objects of a kind in a namespace, at the most
CALM = max(2.0, DURATION / 60)  # seconds between two faults, in which changes get through
HANG = 70.0 if DURATION >= 600 else 1.5  # seconds that the server is frozen
GROWTH = 40e6  # bytes of memory that buffers and allocators may take between a quarter of the time and the end


def _configmap(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"n": "0"}}


def _secret(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"n": "0"}}


def _account(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}


def _pod(name: str) -> dict[str, Any]:
    spec = {"schedulerName": "nobody", "containers": [{"name": "main", "image": "registry.k8s.io/pause:3.10"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


KINDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "configmaps": _configmap,
    "secrets": _secret,
    "leases.coordination.k8s.io": lease,
    "serviceaccounts": _account,
    "pods": _pod,
}
NAMESPACES = 4


@dataclass
class Chaos:
    """What runs: informers behind the proxy, changes around it."""

    breakage: Breakage
    direct: AsyncClient
    namespaces: list[str]
    followed: list[tuple[str, str, SharedInformer[Any], Replay]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    random: random.Random = field(default_factory=lambda: random.Random(SEED))

    async def changes(self, until: float) -> None:
        """One worker: creates, changes and deletes at random; a server that is away is waited for."""
        while (started := anyio.current_time()) < until:
            kind = self.random.choice(list(KINDS))
            name, namespace = f"o-{self.random.randrange(NAMES)}", self.random.choice(self.namespaces)
            try:
                with anyio.move_on_after(1):
                    self.done[await self._change(kind, namespace, name)] += 1
            except errors.KubeError as error:
                self.done[f"failed: {type(error).__name__}"] += 1
            pace = WORKERS / RATE - (anyio.current_time() - started)
            await anyio.sleep(max(pace, 0.0))

    async def _change(self, kind: str, namespace: str, name: str) -> str:
        resource = self.direct.resource(kind, namespace=namespace)
        if self.random.random() < 0.15:
            await resource.delete(name, grace_seconds=0)
            return "deleted"
        try:
            await resource.patch(name, {"metadata": {"labels": {"n": str(self.random.randrange(10**6))}}})
        except errors.NotFoundError:
            await resource.create(KINDS[kind](name))
            return "created"
        return "changed"

    async def faults(self, until: float) -> None:
        """One fault after another, each kind as often as the others."""
        kinds = self.breakage.kinds
        while anyio.current_time() < until:
            for fault in self.random.sample(kinds, len(kinds)):
                # A slow machine still sees every fault once.
                if anyio.current_time() >= until and all(self.done[kind.__name__] for kind in kinds):
                    return
                await fault()
                self.done[fault.__name__] += 1
                await anyio.sleep(CALM)

    async def memory(self, until: float) -> tuple[int, int]:
        """Resident bytes after a quarter of the time, and at its end."""
        await anyio.sleep(DURATION / 4)
        first = _resident()
        await anyio.sleep(max(0.0, until - anyio.current_time()))
        return first, _resident()

    async def settles(self) -> None:
        """Makes a last change of each kind in each namespace; then every cache and every replay equals the server."""
        await self.calm()
        for kind, namespace, informer, replay in self.followed:
            resource = self.direct.resource(kind, namespace=namespace)
            await resource.create(KINDS[kind]("zz-last"))
            await replay.until(lambda r=replay, n=namespace: f"{n}/zz-last" in r.held, seconds=SECONDS)
            server = await versions_of(resource)
            what = f"{kind} in {namespace}"
            assert versions(informer.store.list()) == server, what
            assert replay.held == server, what
            assert replay.wrong == [], what

    async def calm(self) -> None:
        """Waits until the server answers and the objects that controllers put into each namespace are there."""
        for namespace in self.namespaces:
            for kind, name in (("serviceaccounts", "default"), ("configmaps", "kube-root-ca.crt")):
                with anyio.fail_after(SECONDS):
                    while not await self._has(kind, namespace, name):
                        pass  # asking is waiting

    async def _has(self, kind: str, namespace: str, name: str) -> bool:
        try:
            await self.direct.resource(kind, namespace=namespace).get(name)
        except errors.KubeError:
            return False
        return True


def _resident() -> int:
    """Bytes of memory this process holds, without what the collector or the allocator would give back."""
    gc.collect()
    with suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    found: int = psutil.Process().memory_info().rss
    return found


@asynccontextmanager
async def chaos(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Chaos]:
    """Yields twenty informers that have synced."""
    async with AsyncExitStack() as stack:
        direct = await stack.enter_async_context(AsyncClient(cluster.kubeconfig))
        proxy = await stack.enter_async_context(FaultProxy(cluster.kubeconfig, tls=True, as_admin=False))
        identity = Identity(direct, cluster, tmp_path / "token")
        breakage = Breakage(cluster, proxy, direct, identity, hang_seconds=HANG)
        await breakage.prepare()
        kubeconfig = proxy.write_kubeconfig(tmp_path, {"tokenFile": str(identity.file)})
        client = await stack.enter_async_context(AsyncClient(kubeconfig))
        names = [f"chaos-{uuid.uuid4().hex[:8]}" for _ in range(NAMESPACES)]
        for name in names:
            await direct.resource("namespaces").create({"metadata": {"name": name}})
        running = Chaos(breakage, direct, names)
        await running.calm()
        for name in names:
            for kind in KINDS:
                informer = SharedInformer(list_watch_for(client.resource(kind, namespace=name)))
                informer.set_error_handler(lambda error: running.done.update([f"seen: {type(error).__name__}"]))
                replay = Replay().listen(informer)
                await stack.enter_async_context(informer)
                running.followed.append((kind, name, informer, replay))
        for _, _, informer, _ in running.followed:
            await informer.wait_synced(SECONDS)
        yield running


async def test_every_cache_survives_chaos(private_cluster: Cluster, tmp_path: Path) -> None:
    tasks = asyncio.all_tasks()
    async with chaos(private_cluster, tmp_path) as c:
        until = anyio.current_time() + DURATION
        memory: list[tuple[int, int]] = []

        async def measure() -> None:
            memory.append(await c.memory(until))

        started = time.monotonic()
        async with anyio.create_task_group() as group:
            for _ in range(WORKERS):
                group.start_soon(c.changes, until)
            group.start_soon(c.faults, until)
            group.start_soon(measure)
        lasted = time.monotonic() - started
        await c.settles()
        changed = c.done["created"] + c.done["changed"] + c.done["deleted"]
        events = sum(replay.count for *_, replay in c.followed)
        lists = [informer.state.lists for _, _, informer, _ in c.followed]
        print(f"{changed} changes, {events} events in {lasted:.0f} s; lists {lists}; {dict(c.done)}; bytes {memory}")
        assert changed > DURATION * 5, dict(c.done)
        assert events > changed / 2
        for kind in c.breakage.kinds:
            assert c.done[kind.__name__], kind
        ((first, last),) = memory
        assert last - first < GROWTH, f"{first / 1e6:.0f} MB grew to {last / 1e6:.0f} MB"
    assert asyncio.all_tasks() <= tasks
