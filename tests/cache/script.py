"""A source that plays a script: each list and each watch does what the test wrote for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio

from kmagic.api.options import ListOptions
from kmagic.cache.list_watch import ListWatch
from kmagic.errors import ConnectError, ExpiredError, GatewayTimeoutError, TooManyRequestsError

EXPIRED = ExpiredError("too old")
REFUSED = ConnectError("connection refused")
TOO_MANY = TooManyRequestsError("slow down")
TOO_LARGE = GatewayTimeoutError("x", status={"details": {"causes": [{"reason": "ResourceVersionTooLarge"}]}})


def obj(name: str, version: str = "", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": version, **more}}


def listed(version: str, *objects: dict[str, Any], token: str = "") -> dict[str, Any]:
    return {"metadata": {"resourceVersion": version, "continue": token}, "items": list(objects)}


def error_event(reason: str, code: int, message: str = "no") -> tuple[str, dict[str, Any]]:
    return "ERROR", {"kind": "Status", "reason": reason, "code": code, "message": message}


class Hang:
    """The watch stays open and silent."""


HANG = Hang()


class Script:
    """Plays `lists` and `watches` in order; the last watch repeated is a hanging one.

    A watch is a list of events, `HANG`, exceptions (raised in the stream), and functions (called when reached); or an
    exception, which refuses it. A list is a list object, or an exception.
    """

    def __init__(self, lists: list[Any], watches: list[Any] | None = None) -> None:
        self.lists = lists
        self.watches = watches if watches is not None else []
        self.list_options: list[ListOptions] = []
        self.watch_options: list[ListOptions] = []
        self.open = 0

    @property
    def list_watch(self) -> ListWatch:
        return ListWatch(list=self.list, watch=self.watch, description="things")

    @property
    def versions(self) -> list[str | None]:
        return [options.resource_version for options in self.list_options]

    async def list(self, options: ListOptions) -> Any:
        self.list_options.append(options)
        answer = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @asynccontextmanager
    async def _opened(self, script: list[Any]) -> AsyncIterator[AsyncIterator[Any]]:
        self.open += 1
        try:
            yield self._events(script)
        finally:
            self.open -= 1

    def watch(self, options: ListOptions) -> Any:
        self.watch_options.append(options)
        script = self.watches.pop(0) if self.watches else [HANG]
        if isinstance(script, Exception):
            raise script
        return self._opened(script)

    async def _events(self, script: list[Any]) -> AsyncIterator[Any]:
        for step in script:
            await anyio.lowlevel.checkpoint()
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Hang):
                await anyio.sleep_forever()
            elif isinstance(step, Callable):  # type: ignore[arg-type]
                step()
            else:
                yield step
