"""Where a reflector gets its objects: a way to list and a way to watch.

`ListWatch` takes any two callables; `ResourceListWatch` is the fast one over a client's resource: items are cut out
of the list while it streams, and events come in batches, one for each chunk that the network delivered.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Generic, TypeVar

import msgspec

from kmagic.api.options import ListOptions
from kmagic.cache.entry import Entry
from kmagic.client.resource import AsyncResource
from kmagic.errors import StatusError, status_error
from kmagic.rest import status, verbs, watch
from kmagic.rest.list_stream import ListDecoder
from kmagic.rest.watch import WatchEvent

__all__ = ("Batch", "ListPage", "ListWatch", "ResourceListWatch")

T = TypeVar("T")

# What the network delivered in one go.
Batch = Sequence[WatchEvent[Any]]


class ListPage(msgspec.Struct):
    """A list, or one page of it.

    Attributes:
        items: In the server's order.
        resource_version: The version to watch from.
        continue_token: For the next page, or "".
    """

    items: Sequence[Any]
    resource_version: str = ""
    continue_token: str = ""


class ListWatch:
    """List and watch as two callables, each given `ListOptions`.

    Args:
        list: Returns (or awaits) a list: a plain list object, or anything with ``items`` and ``resource_version``.
        watch: Returns (or awaits) an async iterator or an async context manager of one; its events are
            `WatchEvent` alike, ``{"type": ..., "object": ...}`` or ``(type, object)``.
        description: What is listed, for messages.
        watch_list: Whether the watch can begin with what exists (sendInitialEvents).
    """

    def __init__(
        self,
        list: Callable[[ListOptions], Any],  # noqa: A002  # the field's word
        watch: Callable[[ListOptions], Any],
        *,
        description: str = "objects",
        watch_list: bool = False,
    ) -> None:
        self._list = list
        self._watch = watch
        self.description = description
        self.watch_list = watch_list

    async def list(self, options: ListOptions) -> ListPage:
        """One list request."""
        found = self._list(options)
        return _page(await found if inspect.isawaitable(found) else found)

    @asynccontextmanager
    async def watch(
        self, options: ListOptions, *, idle_seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """Opens a watch; leaving closes it.

        Args:
            options: What to watch, from where.
            idle_seconds: How long it may be silent; the callable decides what to make of it.
        """
        async with AsyncExitStack() as stack:
            source = self._watch(options)
            if inspect.isawaitable(source):
                source = await source
            if hasattr(source, "__aenter__"):
                source = await stack.enter_async_context(source)
            if inspect.isasyncgen(source):
                stack.push_async_callback(source.aclose)
            yield _batches(source)


def _page(found: Any) -> ListPage:
    if isinstance(found, ListPage):
        return found
    if isinstance(found, Mapping):
        head = found.get("metadata") or {}
        return ListPage(found.get("items") or [], head.get("resourceVersion") or "", head.get("continue") or "")
    head = getattr(found, "metadata", found)
    version = getattr(found, "resource_version", None) or getattr(head, "resource_version", None) or ""
    token = getattr(found, "continue_token", None) or getattr(head, "continue_", None) or ""
    return ListPage(getattr(found, "items", None) or [], version, token)


async def _batches(source: Any) -> AsyncIterator[Batch]:
    async for event in source:
        yield (_event(event),)


def _event(event: Any) -> WatchEvent[Any]:
    if isinstance(event, Mapping):
        kind, obj = event["type"], event["object"]
    elif isinstance(event, tuple):
        kind, obj = event
    else:
        kind, obj = event.type, event.object
    if kind == watch.ERROR:
        raise obj if isinstance(obj, Exception) else _status_error(obj)
    return WatchEvent(kind, obj)


def _status_error(obj: Any) -> StatusError:
    fields = (
        obj if isinstance(obj, Mapping) else {"reason": getattr(obj, "reason", ""), "code": getattr(obj, "code", 0)}
    )
    message = str(fields.get("message") or getattr(obj, "message", "") or "the watch sent an error")
    return status_error(str(fields.get("reason") or ""), int(fields.get("code") or 0))(message, status=fields)


class ResourceListWatch(Generic[T]):
    """List and watch of a client's resource as cache entries.

    Args:
        resource: What to list; its namespace counts.
        label_selector: Only these.
        field_selector: Only these.
    """

    watch_list = True

    def __init__(
        self, resource: AsyncResource[T], *, label_selector: str | None = None, field_selector: str | None = None
    ) -> None:
        self._resource = resource
        self._label_selector = label_selector
        self._field_selector = field_selector

    @property
    def description(self) -> str:
        """What is listed, for messages."""
        return repr(self._resource).strip("<>")

    async def list(self, options: ListOptions) -> ListPage:
        """One list request; entries are made while the bytes arrive."""
        resource = await self._resource.resolve()
        request = verbs.list_(
            resource, self._resource.namespace, self._selected(options), accept=self._resource.codec.accept_list
        )
        decoder = ListDecoder()
        parse = Entry.parse
        entries: list[Entry] = []
        async with self._resource.rest.stream(request) as answer:
            async for chunk in answer.chunks():
                entries += [parse(raw) for raw in decoder.feed(chunk)]
        last, head = decoder.finish()
        entries += [parse(raw) for raw in last]
        return ListPage(entries, head.resource_version, head.continue_token)

    @asynccontextmanager
    async def watch(
        self, options: ListOptions, *, idle_seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """Opens a watch; leaving closes it. Silence for `idle_seconds` ends it with a TimeoutError."""
        resource = await self._resource.resolve()
        request = verbs.watch(
            resource,
            self._resource.namespace,
            self._selected(options),
            accept=self._resource.codec.accept,
            idle_timeout=idle_seconds,
        )

        async def batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[Batch]:
            decoder = watch.WatchDecoder()
            async for chunk in chunks:
                if raw_events := decoder.feed(chunk):
                    error = next((event for event in raw_events if event.type == watch.ERROR), None)
                    good = raw_events if error is None else raw_events[: raw_events.index(error)]
                    yield [WatchEvent(event.type, Entry.parse(event.raw)) for event in good]
                    if error is not None:
                        raise status.error_from_status(request, msgspec.json.decode(error.raw))

        async with self._resource.rest.stream(request) as answer:
            yield batches(answer.chunks())

    def _selected(self, options: ListOptions) -> ListOptions:
        return msgspec.structs.replace(
            options, label_selector=self._label_selector, field_selector=self._field_selector
        )
