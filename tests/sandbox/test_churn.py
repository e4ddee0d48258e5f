"""Twenty informers follow a thousand changes a second, and end with what the server has."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest

from kmagic.cache.client import AsyncClient
from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import list_watch_for
from kmagic.sandbox.host import process
from tests.faultproxy import Fault, FaultProxy, status_reply
from tests.follow import Replay, versions, versions_of

SECONDS = float(os.environ.get("KMAGIC_CHAOS_SECONDS", "10"))
RATE = 1000
NODES = 20
PODS = 1000

pytestmark = pytest.mark.timeout(SECONDS + 180)


async def nothing(proxy: FaultProxy) -> None:
    """No fault at all."""


async def chaos(proxy: FaultProxy) -> None:
    """One fault after another, for as long as the changes last."""
    rules = (
        Fault(after=3000, end="reset"),
        Fault(after=3000, end="close"),
        status_reply(429, "TooManyRequests", "too many requests", retry_after=1),
        status_reply(503, "ServiceUnavailable", "no upstream"),
    )
    with anyio.move_on_after(SECONDS):
        while True:
            for rule in rules:
                for _ in range(10):
                    proxy.cut()
                    await anyio.sleep(0.1)  # the rate of the cuts
                proxy.rule = lambda seen, rule=rule: rule
                proxy.cut()
                await anyio.sleep(0.5)  # as long as the fault lasts
                proxy.rule = lambda seen: None
    proxy.rule = lambda seen: None


@pytest.mark.parametrize(("faults", "lists"), [(nothing, 1), (chaos, SECONDS)])
async def test_twenty_informers_follow_a_thousand_changes_a_second(
    faults: Callable[[FaultProxy], Awaitable[None]], lists: float, tmp_path: Path
) -> None:
    sandbox = process.start(nodes=NODES, pods=PODS, churn=RATE, churn_seconds=SECONDS)
    try:
        async with AsyncExitStack() as stack:
            direct = await stack.enter_async_context(AsyncClient(kubeconfig=sandbox.kubeconfig))
            proxy = await stack.enter_async_context(FaultProxy(str(sandbox.kubeconfig)))
            client = await stack.enter_async_context(AsyncClient(proxy.write_kubeconfig(tmp_path)))
            followed: list[tuple[str, SharedInformer[dict[str, object]], Replay]] = []
            for number in range(1, NODES + 1):
                node = f"spec.nodeName=node-{number}"
                informer = SharedInformer(list_watch_for(client.resource("pods", "load"), field_selector=node))
                informer.set_error_handler(lambda error: None)
                followed.append((node, informer, Replay().listen(informer)))
                await stack.enter_async_context(informer)
            for _, informer, _ in followed:
                await informer.wait_synced(timeout=60)
            pods = direct.resource("pods", "load")
            await pods.list_page()  # connects before others storm the server
            await faults(proxy)
            for node, informer, replay in followed:
                with anyio.fail_after(SECONDS + 60):
                    while replay.held != await versions_of(pods, field_selector=node):  # noqa: ASYNC110
                        await anyio.sleep(0.1)  # no event says that the changes are over
                assert versions(informer.store.list()) == replay.held
                assert replay.wrong == []
                assert replay.count > PODS / NODES  # changes too, not only the first list
                assert informer.state.lists <= lists, informer.state.relists
            print(
                f"{sum(replay.count for *_, replay in followed)} events; lists {[i.state.lists for _, i, _ in followed]}"
            )
    finally:
        sandbox.stop()
