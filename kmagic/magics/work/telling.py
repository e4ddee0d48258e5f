"""Work that says how it goes: one line a change, from the first second, where the cell's output is."""

from __future__ import annotations

import math
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import anyio

from kmagic.aio.tasks import task_group
from kmagic.api import meta
from kmagic.api.options import ListOptions
from kmagic.api.terminal import escape_terminal
from kmagic.api.trouble import trouble_of
from kmagic.client.pods_of import pod_selector
from kmagic.client.retry_watcher import RetryWatcher
from kmagic.errors import ExpiredError, KubeError
from kmagic.rest.watch import DELETED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.sync.runtime import Runtime

__all__ = ("Say", "Troubles", "tell_of_pods", "telling")

T = TypeVar("T")

Say = Callable[[str], object]
"""Says one line."""


def telling(runtime: Runtime, work: Callable[[Say], Awaitable[T]]) -> T:
    """Runs work on the loop and prints what it says as it says it."""
    results: list[T] = []
    for line in runtime.iterate(_lines(work, results)):
        sys.stdout.write(f"{escape_terminal(line)}\n")
        sys.stdout.flush()
    return results[0]


async def _lines(work: Callable[[Say], Awaitable[T]], results: list[T]) -> AsyncGenerator[str, None]:
    sender, receiver = anyio.create_memory_object_stream[str](math.inf)
    failed: list[Exception] = []

    async def run() -> None:
        with sender:
            try:
                results.append(await work(sender.send_nowait))
            except Exception as error:  # comes out behind the last line
                failed.append(error)

    async with anyio.create_task_group() as group:
        with receiver:
            group.start_soon(run)
            async for line in receiver:
                yield line
    if failed:
        raise failed[0]


class Troubles:
    """The problems of objects, reported when they change."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._known: dict[str, str] = {}

    def saw(self, what: str, text: str) -> None:
        """Says what is to be said of an object, unless it was said last of it; "" for nothing."""
        if text != self._known.get(what, ""):
            self._known[what] = text
            if text:
                self._say(f"{what}: {text}")

    @property
    def now(self) -> str:
        """The present problems, one line each."""
        return "\n".join(f"{what}: {text}" for what, text in self._known.items() if text)


@asynccontextmanager
async def tell_of_pods(client: AsyncClient, owner: JSONObject, troubles: Troubles) -> AsyncIterator[None]:
    """Reports the problems of the Pods behind an object while the block lasts; none without a selector."""
    try:
        labels = pod_selector(owner)
    except ValueError:
        yield
        return
    async with task_group() as group:
        group.start_soon(_follow_pods, client, meta.namespace(owner), labels, troubles)
        yield
        group.cancel_scope.cancel()


async def _follow_pods(client: AsyncClient, namespace: str, labels: str, troubles: Troubles) -> None:
    pods = client.resource("pods", namespace)
    while True:
        try:
            listed = await pods.list(label_selector=labels)
            for pod in listed.items:
                _saw(troubles, pod)
            watcher = RetryWatcher(pods, listed.resource_version, options=ListOptions(label_selector=labels))
            async with aclosing(watcher.events()) as events:
                async for event in events:
                    _saw(troubles, event.object, gone=event.type == DELETED)
        except ExpiredError:
            continue
        except KubeError as error:
            troubles.saw("its Pods", f"cannot be seen: {error.message}")
            return


def _saw(troubles: Troubles, pod: JSONObject, *, gone: bool = False) -> None:
    # Items of a list may come without their kind.
    trouble = None if gone else trouble_of({**pod, "kind": "Pod"})
    troubles.saw(f"pod/{meta.name(pod)}", str(trouble or ""))
