"""What tests know about an informer: a handler that checks its own stream, and comparisons with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio

from kmagic import errors
from kmagic.api import meta
from kmagic.cache.informer import SharedInformer
from kmagic.client.resource import AsyncResource

__all__ = ("Replay", "lease", "off_loop", "retried", "sentinel", "versions", "versions_of")

_FOR_A_MOMENT = (
    errors.TransportError,
    errors.InternalServerError,
    errors.ServiceUnavailableError,
    errors.TooManyRequestsError,
)

T = TypeVar("T")


def versions(objects: Any) -> dict[str, tuple[str, str]]:
    """Key to uid and resource version: equal for a cache and a server that hold the same."""
    return {f"{meta.namespace(obj)}/{meta.name(obj)}": (meta.uid(obj), meta.resource_version(obj)) for obj in objects}


async def versions_of(resource: AsyncResource[Any], **selectors: Any) -> dict[str, tuple[str, str]]:
    """What the server has now."""
    return versions(await resource.list(**selectors))


@dataclass
class Replay:
    """A handler that replays the events it gets, and remembers what cannot be true.

    Attributes:
        held: The state the events lead to, as `versions`.
        wrong: Events that do not follow from the ones before, or came twice.
        missed: Deletions whose last state was unknown.
        count: How many events there were.
    """

    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    count: int = 0
    _news: anyio.Event = field(default_factory=anyio.Event)

    def on_add(self, obj: dict[str, Any]) -> None:
        """An object appeared: it must not have been there."""
        ((key, now),) = versions([obj]).items()
        if key in self.held:
            self.wrong.append(f"added {key} {now}, but it was there as {self.held[key]}")
        self._is(key, now)

    def on_update(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """An object changed: from what it was, to a newer version."""
        ((key, before),) = versions([old]).items()
        ((_, now),) = versions([new]).items()
        if self.held.get(key) != before:
            self.wrong.append(f"updated {key} from {before}, but it was {self.held.get(key)}")
        if int(now[1]) <= int(before[1]):
            self.wrong.append(f"updated {key} from {before} to {now}, which is not newer")
        self._is(key, now)

    def on_delete(self, obj: dict[str, Any], final_state_unknown: bool) -> None:
        """An object is gone: it must have been there."""
        ((key, last),) = versions([obj]).items()
        if key not in self.held:
            self.wrong.append(f"deleted {key} {last}, but it was not there")
        if final_state_unknown:
            self.missed.append(key)
        self._is(key, None)

    def _is(self, key: str, now: tuple[str, str] | None) -> None:
        self.count += 1
        if now is None:
            self.held.pop(key, None)
        else:
            self.held[key] = now
        self._news.set()
        self._news = anyio.Event()

    def listen(self, informer: SharedInformer[Any]) -> Replay:
        """Becomes a handler of the informer."""
        informer.add_handler(on_add=self.on_add, on_update=self.on_update, on_delete=self.on_delete)
        return self

    async def until(self, condition: Callable[[], bool], *, seconds: float = 60.0) -> None:
        """Waits for the event that makes the condition true."""
        with anyio.fail_after(seconds):
            while not condition():
                await self._news.wait()


async def sentinel(leases: AsyncResource[Any]) -> str:
    """Makes a Lease after all other changes: who has seen it has seen them; returns its key."""
    made = await leases.create(lease("zz-sentinel"))
    return f"{made['metadata']['namespace']}/{made['metadata']['name']}"


def lease(name: str) -> dict[str, Any]:
    """A small object of a kind that no controller puts into a namespace."""
    spec = {"holderIdentity": "0"}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}, "spec": spec}


async def off_loop(work: Callable[[], T]) -> T:
    """Runs what blocks (a program that starts) in a thread that is gone afterwards; the loop goes on."""
    with ThreadPoolExecutor(1) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, work)


async def retried(work: Callable[[], Awaitable[object]]) -> None:
    """Does what a server refuses for a moment after it, or its store, was gone."""
    with anyio.fail_after(60):
        while True:
            try:
                await work()
            except _FOR_A_MOMENT:
                await anyio.sleep(0.2)
            except (errors.NotFoundError, errors.AlreadyExistsError):
                return  # the first try had got as far as that
            else:
                return
