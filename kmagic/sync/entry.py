"""Get, or create, or change, blocking: composition over `AsyncEntry`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from kmagic.api.types import JSONObject
from kmagic.client.entry import AsyncEntry
from kmagic.sync.documentation import documented_by
from kmagic.sync.runtime import Runtime

__all__ = ("Entry",)

T = TypeVar("T")


@documented_by(AsyncEntry)
class Entry(Generic[T]):
    def __init__(self, entry: AsyncEntry[T], runtime: Runtime) -> None:
        self._async = entry
        self._runtime = runtime

    def and_modify(self, change: Callable[[T], object]) -> Entry[T]:
        return Entry(self._async.and_modify(change), self._runtime)

    def or_create(self, obj: T | JSONObject) -> T:
        return self._runtime.run(self._async.or_create(obj))
