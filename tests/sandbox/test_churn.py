"""Twenty informers follow a thousand changes a second, and end with what the server has."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest

from kmagic.api import meta
from kmagic.cache.client import AsyncClient
from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import list_watch_for
from kmagic.sandbox import process

SECONDS = float(os.environ.get("KMAGIC_CHAOS_SECONDS", "10"))
RATE = 1000
NODES = 20
PODS = 1000

pytestmark = pytest.mark.timeout(SECONDS + 120)


async def test_twenty_informers_follow_a_thousand_changes_a_second() -> None:
    sandbox = process.start(nodes=NODES, pods=PODS, churn=RATE, churn_seconds=SECONDS)
    try:
        async with AsyncClient(kubeconfig=sandbox.kubeconfig) as client, AsyncExitStack() as stack:
            pods = client.resource("pods", "load")
            seen: Counter[str] = Counter()
            replays: list[dict[str, str]] = []
            informers = []
            for number in range(1, NODES + 1):
                informer = SharedInformer(list_watch_for(pods, field_selector=f"spec.nodeName=node-{number}"))
                replays.append(_replay(informer, seen))
                informers.append(await stack.enter_async_context(informer))
            for informer in informers:
                await informer.wait_synced(timeout=60)
            await _rest(client, SECONDS)
            truth = {f"load/{meta.name(pod)}": meta.resource_version(pod) for pod in await pods.list()}
            with anyio.fail_after(60):
                while {key: rv for replay in replays for key, rv in replay.items()} != truth:  # noqa: ASYNC110  # no event says "all have it"
                    await anyio.sleep(0.1)
            cached = {key: meta.resource_version(pod) for i in informers for key, pod in _entries(i)}
            assert cached == truth
            assert seen["twice"] == 0
            assert seen["update"] > 0
            assert all(informer.state.lists == 1 for informer in informers)
    finally:
        sandbox.stop()


def _replay(informer: SharedInformer[Any], seen: Counter[str]) -> dict[str, str]:
    """What the handlers' stream alone says the state is."""
    state: dict[str, str] = {}

    def put(obj: Any) -> None:
        seen["twice"] += state.get(obj.key) == obj.resource_version
        state[obj.key] = obj.resource_version

    def update(_old: Any, new: Any) -> None:
        seen["update"] += 1
        put(new)

    informer.add_handler(on_add=put, on_update=update, on_delete=lambda obj: state.pop(obj.key), raw=True)
    return state


def _entries(informer: SharedInformer[Any]) -> list[tuple[str, Any]]:
    return [(entry.key, entry) for entry in informer.store.entries.list()]


async def _rest(client: AsyncClient, seconds: float) -> None:
    """Waits until the server's version stands still: the changes are over."""
    pods = client.resource("pods", "load")
    with anyio.fail_after(seconds + 60):
        before = ""
        while (now := (await pods.list_page()).resource_version) != before:
            before = now
            await anyio.sleep(1)
