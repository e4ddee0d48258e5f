"""The source of a reflector's objects: a way to list and a way to watch.

`ListWatch` takes any two callables; `ResourceListWatch` is the fast one over a client's resource: items are cut out
of the list while it streams, and events come in batches, one for each chunk that the network delivered.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from kmagic.api import meta
from kmagic.api.options import ListOptions
from kmagic.cache.entry import Entry, parse_entry, parse_event, parse_whole_entry, parse_whole_event
from kmagic.cache.forms import EntryForm
from kmagic.client.codec import MetadataCodec
from kmagic.client.resource import AsyncResource
from kmagic.errors import DecodeError
from kmagic.rest import status, verbs, watch
from kmagic.rest.list_stream import ListDecoder, check_list
from kmagic.rest.resource import APIResource
from kmagic.rest.watch import WatchEvent

__all__ = (
    "Batch",
    "ListPage",
    "ListWatch",
    "ResourceListWatch",
    "Source",
    "Tweak",
    "list_watch_for",
    "raw_batches",
    "source_of",
)

T = TypeVar("T")

# What the network delivered in one go. An ERROR event's object is an exception, and it is the last.
Batch: TypeAlias = Sequence[WatchEvent[Any]]
# Changes the options of every list and watch.
Tweak: TypeAlias = Callable[[ListOptions], ListOptions]


class ListPage(msgspec.Struct):
    """A list, or one page of it.

    Attributes:
        items: In the server's order.
        resource_version: The version to watch from.
        continue_token: For the next page, or "".
        remaining: Number of objects on later pages as the server says, or None.
        kind: Of the list, ``"PodList"``; "" where it is not known.
    """

    items: Sequence[Any]
    resource_version: str = ""
    continue_token: str = ""
    remaining: int | None = None
    kind: str = ""

    def __repr__(self) -> str:
        return f"<ListPage of {len(self.items)} at {self.resource_version}>"


class Source(Protocol):
    """The source as a reflector needs it: lists by page, watches by batch."""

    @property
    def description(self) -> str:
        """The listed resource, for messages: ``pods in all namespaces``."""

    async def list(self, options: ListOptions) -> ListPage:
        """One list request."""

    def watch(
        self, options: ListOptions, *, idle_seconds: float | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[Batch]]:
        """Opens a watch; leaving closes it.

        Args:
            options: Options of the watch, with the version to begin after.
            idle_seconds: The connection may be taken for dead when it is silent for longer.
        """


class ListWatch:
    """List and watch as two callables, each given `ListOptions`.

    Args:
        list: Returns (or awaits) a list: a plain list object, or anything with ``items`` and ``resource_version``.
        watch: Returns (or awaits) an async iterator or an async context manager of one; its events are
            `WatchEvent` alike, ``{"type": ..., "object": ...}`` or ``(type, object)``.
        description: The listed resource, for messages.
    """

    def __init__(
        self,
        list: Callable[[ListOptions], Any],  # noqa: A002  # the field's word
        watch: Callable[[ListOptions], Any],
        *,
        description: str = "objects",
    ) -> None:
        self._list = list
        self._watch = watch
        self.description = description

    def __repr__(self) -> str:
        return f"<ListWatch of {self.description}>"

    async def list(self, options: ListOptions) -> ListPage:
        """One list request."""
        found = self._list(options)
        return _page(await found if inspect.isawaitable(found) else found)

    @asynccontextmanager
    async def watch(
        self, options: ListOptions, *, idle_seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """Opens a watch; leaving closes it."""
        async with AsyncExitStack() as stack:
            source = self._watch(options)
            opens_late = inspect.isasyncgen(source)
            if inspect.isawaitable(source):
                source = await source
            if hasattr(source, "__aenter__"):
                source = await stack.enter_async_context(source)
            iterator = aiter(source)
            if hasattr(iterator, "aclose"):
                stack.push_async_callback(iterator.aclose)
            yield _Batches(iterator, opens_late=opens_late)


def source_of(list_watch: Any) -> Source:
    """A source as it is, or made of any object with ``list(options)`` and ``watch(options)``."""
    if isinstance(list_watch, ListWatch) or hasattr(list_watch, "description"):
        source: Source = list_watch
        return source
    return ListWatch(list_watch.list, list_watch.watch, description=type(list_watch).__name__)


def _page(found: Any) -> ListPage:
    if isinstance(found, ListPage):
        return found
    if isinstance(found, Mapping):
        _check_kind(found)
        head = found.get("metadata") or {}
        return ListPage(
            found.get("items") or [],
            str(head.get("resourceVersion") or ""),
            head.get("continue") or "",
            head.get("remainingItemCount"),
            found.get("kind") or "",
        )
    if isinstance(found, list | tuple):
        return ListPage(found)
    if not hasattr(found, "items"):
        raise DecodeError(f"a list was expected, not {type(found).__name__}")
    head = getattr(found, "metadata", None)
    version = getattr(found, "resource_version", None) or meta.resource_version(found)
    names = ("continue_token", "continue_", "_continue")
    token = next((t for name in names for o in (found, head) if (t := getattr(o, name, None))), "")
    return ListPage(getattr(found, "items", None) or [], str(version), token, kind=getattr(found, "kind", "") or "")


def _check_kind(found: Mapping[str, Any]) -> None:
    kind = str(found.get("kind") or "")
    if kind == "Status" and found.get("status") != "Success":
        raise status.error_from_status(None, found)
    if "items" not in found or not kind.endswith(("List", "Table") if kind else ""):
        raise DecodeError(f"a list was expected, not {kind or 'an object without items'}")


class _Batches:
    """Single events as batches.

    Attributes:
        opens_late: The source is a generator that begins to work with its first event, so an error before that is
            one of opening.
    """

    def __init__(self, source: AsyncIterator[Any], *, opens_late: bool) -> None:
        self._source = source
        self.opens_late = opens_late

    def __aiter__(self) -> AsyncIterator[Batch]:
        return self

    async def __anext__(self) -> Batch:
        return (_event(await anext(self._source)),)


def _event(event: Any) -> WatchEvent[Any]:
    if isinstance(event, WatchEvent):
        kind, obj = event.type, event.object
    elif isinstance(event, Mapping):
        kind, obj = event["type"], event["object"]
    elif isinstance(event, tuple):
        kind, obj = event
    else:
        kind, obj = event.type, event.object
    kind = str(getattr(kind, "value", kind))
    if kind == watch.ERROR and not isinstance(obj, Exception):
        obj = status.error_from_status(None, obj if isinstance(obj, Mapping) else _status_fields(obj))
    return WatchEvent(kind, obj)


def _status_fields(obj: Any) -> dict[str, Any]:
    return {name: getattr(obj, name, None) for name in ("reason", "code", "message", "details")}


class ResourceListWatch(Generic[T]):
    """List and watch of a client's resource as cache entries.

    Args:
        resource: The resource to list, in its namespace.
        label_selector: Only these.
        field_selector: Only these.
        tweak: Changes the options of every list and watch after that.
        keep_managed_fields: Whether the entries keep them.
    """

    def __init__(
        self,
        resource: AsyncResource[T],
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        tweak: Tweak | None = None,
        keep_managed_fields: bool = False,
    ) -> None:
        self._resource = resource
        self.label_selector = label_selector
        self.field_selector = field_selector
        self._further = tweak
        self._parse = parse_whole_entry if keep_managed_fields else parse_entry
        self._parse_event = parse_whole_event if keep_managed_fields else parse_event
        self._resolved: APIResource | None = resource.known
        self.form: EntryForm[T] = EntryForm(resource.codec, lambda: self._resolved)

    def __repr__(self) -> str:
        return f"<ResourceListWatch of {self.description}>"

    @property
    def resolved(self) -> APIResource | None:
        """The listed resource; None for a name that has not been looked up yet."""
        return self._resolved

    @property
    def namespace(self) -> str | None:
        """The namespace of the objects; None for all."""
        return self._resource.namespace

    @property
    def whole(self) -> bool:
        """True when whole objects are listed, all that the namespace and the selectors name."""
        codec: object = self._resource.codec
        return self._further is None and not isinstance(codec, MetadataCodec)

    @property
    def server(self) -> str:
        """The address of the server they come from."""
        return self._resource.rest.transport.config.server

    @property
    def description(self) -> str:
        """The listed resource, for messages."""
        if self._resolved is None:
            return repr(self._resource).strip("<>")
        namespace = self._resource.namespace
        where = "all namespaces" if namespace is None else f'namespace "{namespace}"'
        return f"{self._resolved.full_name} in {where}" if self._resolved.namespaced else self._resolved.full_name

    def _tweak(self, options: ListOptions) -> ListOptions:
        options = msgspec.structs.replace(
            options, label_selector=self.label_selector, field_selector=self.field_selector
        )
        return self._further(options) if self._further else options

    async def list(self, options: ListOptions) -> ListPage:
        """One list request; entries are made while the bytes arrive."""
        return await self._resource.mapped(lambda resource: self._list(resource, options))

    async def _list(self, resource: APIResource, options: ListOptions) -> ListPage:
        self._resolved = resource
        request = verbs.list_(
            resource, self._resource.namespace, self._tweak(options), accept=self._resource.codec.accept_list
        )
        decoder = ListDecoder(self._parse)
        entries: list[Entry] = []
        await self._resource.rest.feed(request, lambda chunk: entries.extend(decoder.feed(chunk)))
        last, head = decoder.finish()
        entries += last
        check_list(head, resource)
        found = head.metadata
        if not found.resource_version:
            raise DecodeError(
                f"the server's list of {resource.full_name} has no version from which it could be watched"
            )
        return ListPage(entries, found.resource_version, found.continue_token, found.remaining_item_count)

    @asynccontextmanager
    async def watch(
        self, options: ListOptions, *, idle_seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """Opens a watch; leaving closes it. Silence for `idle_seconds` ends it with a TimeoutError."""
        self._resolved = resource = await self._resource.resolve()
        request = verbs.watch(
            resource,
            self._resource.namespace,
            self._tweak(options),
            accept=self._resource.codec.accept,
            idle_timeout=idle_seconds,
        )
        async with self._resource.rest.stream(request) as answer:
            yield raw_batches(answer.chunks(), self._parse_event)


async def raw_batches(chunks: AsyncIterator[bytes], read: Callable[[bytes], WatchEvent[Any]]) -> AsyncIterator[Batch]:
    """Events of a byte stream, all of a chunk at once; `read` makes one of a frame."""
    decoder = watch.WatchDecoder(read)
    async for chunk in chunks:
        if events := decoder.feed(chunk):
            yield events
    if events := decoder.finish():
        yield events


def list_watch_for(
    resource: AsyncResource[T],
    *,
    label_selector: str | None = None,
    field_selector: str | None = None,
    tweak: Tweak | None = None,
    keep_managed_fields: bool = False,
) -> ResourceListWatch[T]:
    """The fast list and watch of a client's resource.

    Args:
        resource: ``client.core_v1.pods("shop")``, ``client.resource("foos.example.com")``, ...
        label_selector: Selector of the objects' labels.
        field_selector: Selector of the objects' fields.
        tweak: Changes the options after that.
        keep_managed_fields: Whether the entries keep them.
    """
    return ResourceListWatch(
        resource,
        label_selector=label_selector,
        field_selector=field_selector,
        tweak=tweak,
        keep_managed_fields=keep_managed_fields,
    )
