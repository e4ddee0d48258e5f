"""The verbs on one resource type: ``client.core_v1.pods("shop").get("web-0")``.

A resource is cheap: a name, a namespace and a codec. It may be *lazy* (``client.resource("deploy")``): then what
the name means is asked from the server at the first await and remembered by the mapper.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

import msgspec

from kmagic.api import meta
from kmagic.api.door import read_object
from kmagic.api.options import ListOptions, PatchType, Propagation
from kmagic.client import wait as waiting
from kmagic.client.codec import ListReader
from kmagic.client.edit import edit
from kmagic.client.entry import AsyncEntry
from kmagic.client.mapped import mapped, moved_to, path_is_gone
from kmagic.client.pager import Pager
from kmagic.errors import ArgumentError, DecodeError, NotFoundError
from kmagic.rest import verbs, watch
from kmagic.rest.resource import APIResource
from kmagic.rest.verbs import DeleteOptions, WriteOptions
from kmagic.rest.watch import RawWatchEvent, WatchEvent

if TYPE_CHECKING:
    import builtins
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from kmagic.api.types import JSONObject
    from kmagic.client.codec import Codec, ResourceList
    from kmagic.client.rest import RESTClient
    from kmagic.rest.request import Request
    from kmagic.transport.http import Response, StreamResponse

__all__ = ("AsyncResource",)

T = TypeVar("T")
R = TypeVar("R")

DEFAULT_FIELD_MANAGER = "kmagic"


class AsyncResource(Generic[T]):
    """One resource type in one namespace.

    Args:
        rest: Client that sends the requests.
        resource: The resource, or a function that resolves it.
        codec: Reads and writes its objects.
        namespace: None for all namespaces; without meaning for cluster-scoped resources.
    """

    def __init__(
        self,
        rest: RESTClient,
        resource: APIResource | Callable[[], Awaitable[APIResource]],
        codec: Codec[T],
        namespace: str | None = None,
    ) -> None:
        self._rest = rest
        self._resource = resource
        self._codec = codec
        self._namespace = namespace

    def __call__(self, namespace: str | None) -> Self:
        """The same resource in another namespace; None for all namespaces."""
        return type(self)(self._rest, self._resource, self._codec, namespace)

    def __repr__(self) -> str:
        what = self._resource.full_name if isinstance(self._resource, APIResource) else "resource to be looked up"
        where = "all namespaces" if self._namespace is None else f'namespace "{self._namespace}"'
        return f"<{what} in {where}>"

    @property
    def namespace(self) -> str | None:
        """The namespace it reads and writes; None for all."""
        return self._namespace

    @property
    def codec(self) -> Codec[T]:
        """The codec that reads and writes its objects."""
        return self._codec

    @property
    def rest(self) -> RESTClient:
        """The client that sends its requests."""
        return self._rest

    @property
    def known(self) -> APIResource | None:
        """The resource type, where that is known without asking the server; else None."""
        return self._resource if isinstance(self._resource, APIResource) else None

    async def resolve(self) -> APIResource:
        """Returns its group, version, plural and scope; asks the server only for a name that was not looked up before.

        Raises:
            NoMatchError: The server has no such resource.
        """
        return self._resource if isinstance(self._resource, APIResource) else await self._resource()

    async def get(self, name: str, *, resource_version: str = "", subresource: str = "") -> T:
        """Reads one object.

        Args:
            name: The object's name.
            resource_version: ``"0"`` allows the server's cache; "" reads the newest.
            subresource: ``"status"``: the same object through its status.

        Raises:
            NotFoundError: There is none of that name.
        """
        answer = await self._execute(
            lambda resource: verbs.get(
                resource,
                self._namespace,
                name,
                subresource=subresource,
                resource_version=resource_version,
                accept=self._codec.accept,
            )
        )
        return self._codec.decode(answer.body)

    async def get_or_none(self, name: str, *, resource_version: str = "", subresource: str = "") -> T | None:
        """Reads one object; None where there is none of that name.

        Args:
            name: Its name.
            resource_version: As for `get`.
            subresource: As for `get`.

        Raises:
            NotFoundError: The server does not have the resource at all.
        """
        try:
            return await self.get(name, resource_version=resource_version, subresource=subresource)
        except NotFoundError as error:
            if path_is_gone(error):
                raise
            return None

    @overload
    async def wait(
        self,
        name: str,
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        timeout: float | None = 30.0,
    ) -> T: ...
    @overload
    async def wait(
        self,
        name: builtins.list[str] | tuple[str, ...],
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        timeout: float | None = 30.0,
    ) -> builtins.list[T]: ...
    @overload
    async def wait(
        self, name: str | builtins.list[str] | tuple[str, ...], *, deleted: Literal[True], timeout: float | None = 30.0
    ) -> None: ...
    async def wait(
        self,
        name: str | builtins.list[str] | tuple[str, ...],
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        deleted: bool = False,
        timeout: float | None = 30.0,
    ) -> T | builtins.list[T] | None:
        """Waits by a watch until an object is as it is wanted, and returns it as it is then.

        Args:
            name: Its name; several names wait at once, in one time, and come back as a list.
            condition: ``"Ready"``, or with another status than True: ``"Ready=False"``.
            jsonpath: ``"{.status.phase}=Running"``, or without a value: until the field is there.
            created: Wait first until it is there; else one that is not there is an error.
            deleted: Wait until it is gone.
            timeout: Seconds; 0 looks once, a negative time is a week, None waits for ever.

        Raises:
            ArgumentError: Nothing to wait for, or what cannot be read.
            NotFoundError: There is no such object.
            WaitError: Not in time, or never: the Pod has ended, the Job failed, the object was deleted.
        """
        wanted = waiting.wanted(condition, jsonpath, created=created, deleted=deleted)
        names = [name] if isinstance(name, str) else [*name]
        found = await waiting.until_all(self, names, wanted, timeout=timeout)
        if deleted:
            return None
        return found[0] if isinstance(name, str) else found

    async def list(
        self,
        options: ListOptions | None = None,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int | None = None,
        resource_version: str | None = None,
        resource_version_match: str | None = None,
    ) -> ResourceList[T]:
        """Reads all objects that match; `pages` takes the same words and hands out page by page.

        Args:
            options: All of the below and more in one value instead.
            label_selector: ``"app=web,tier!=db"``.
            field_selector: ``"status.phase=Running"``.
            limit: Objects a page, not in all: the pages are fetched and joined. None: all in one answer.
            resource_version: ``"0"`` allows the server's cache, so older data; None reads the newest.
            resource_version_match: ``"Exact"`` or ``"NotOlderThan"``.
        """
        asked = _one_of(
            options,
            label_selector=label_selector,
            field_selector=field_selector,
            limit=limit,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
        )
        return await Pager(self.list_page, page_size=0).list(asked)

    async def list_page(self, options: ListOptions = ListOptions()) -> ResourceList[T]:
        """One list request exactly as `options` say; the answer may have a `continue_token`."""

        async def read(resource: APIResource) -> ResourceList[T]:
            reader = ListReader(self._codec)
            request = verbs.list_(resource, self._namespace, options, accept=self._codec.accept_list)
            await self._rest.feed(request, reader.feed)
            return reader.finish(resource)

        return await self.mapped(read)

    def pages(
        self,
        options: ListOptions | None = None,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int | None = None,
        resource_version: str | None = None,
        resource_version_match: str | None = None,
    ) -> AsyncIterator[ResourceList[T]]:
        """The list page by page; takes the words of `list`, of which `limit` is 500 unless given."""
        asked = _one_of(
            options,
            label_selector=label_selector,
            field_selector=field_selector,
            limit=limit,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
        )
        return Pager(self.list_page).pages(asked)

    async def watch(
        self,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        resource_version: str = "",
        timeout_seconds: int | None = None,
        options: ListOptions | None = None,
    ) -> AsyncGenerator[WatchEvent[T], None]:
        """Changes as they come, until the server ends the stream.

        A server ends every watch after some minutes: follow with another from the last version, or use an
        informer, which does. Leave the loop early inside ``contextlib.aclosing`` to close the stream at once.

        Args:
            label_selector: Selector of labels, as for `list`.
            field_selector: Selector of fields, as for `list`.
            resource_version: Changes after this one; "" begins with what exists, each as ADDED.
            timeout_seconds: The server ends the stream after this time.
            options: All of the above and more (bookmarks, initial events) in one value instead.

        Yields:
            Events of type ADDED, MODIFIED, DELETED, and BOOKMARK if asked for.

        Raises:
            ExpiredError: The resource version is too old: list again.
            StatusError: Any other ERROR event, or refusal.
        """
        wanted = _one_of(
            options,
            label_selector=label_selector,
            field_selector=field_selector,
            resource_version=resource_version or None,
            timeout_seconds=timeout_seconds,
        )
        decoder = watch.WatchDecoder(watch.raw_event)
        async with AsyncExitStack() as stack:

            async def begin(resource: APIResource) -> tuple[Request, StreamResponse]:
                request = verbs.watch(resource, self._namespace, wanted, accept=self._codec.accept)
                return request, await stack.enter_async_context(self._rest.stream(request))

            request, answer = await self.mapped(begin)
            chunks = await stack.enter_async_context(aclosing(answer.chunks()))
            async for chunk in chunks:
                for event in decoder.feed(chunk):
                    yield self._event(request, event)
            for event in decoder.finish():
                yield self._event(request, event)

    async def create(
        self, obj: T | JSONObject, *, dry_run: bool = False, field_manager: str = "", field_validation: str = ""
    ) -> T:
        """Creates an object and returns it as the server keeps it.

        Args:
            obj: The object, or a dict of it, which may leave out its apiVersion and kind.
            dry_run: The server validates and answers but keeps nothing.
            field_manager: Name of the one who is recorded as the fields' manager.
            field_validation: ``"Strict"``, ``"Warn"`` or ``"Ignore"`` unknown fields.

        Raises:
            AlreadyExistsError: There is one of that name.
            InvalidError: The server does not accept its fields; `.causes` names them.
        """
        answer = await self._execute(
            lambda resource: verbs.create(
                resource,
                self._namespace_of(obj),
                self._body(obj, resource),
                name=meta.name(obj),
                options=WriteOptions(dry_run, field_manager, field_validation),
                accept=self._codec.accept,
            )
        )
        return self._codec.decode(answer.body)

    async def create_subresource(
        self, name: str, subresource: str, body: JSONObject, *, dry_run: bool = False
    ) -> JSONObject:
        """Posts to a subresource that is a verb of its own: ``eviction``, ``binding``, ``token``."""
        answer = await self._execute(
            lambda resource: verbs.create(
                resource,
                self._namespace,
                msgspec.json.encode(body),
                name=name,
                subresource=subresource,
                options=WriteOptions(dry_run),
            )
        )
        return _plain(answer)

    async def update(
        self,
        obj: T | JSONObject,
        *,
        dry_run: bool = False,
        field_manager: str = "",
        field_validation: str = "",
        subresource: str = "",
    ) -> T:
        """Replaces an object with `obj`, which may be a dict as for `create`.

        Raises:
            ConflictError: It changed since `obj` was read (`edit` retries by itself).
        """
        answer = await self._execute(
            lambda resource: verbs.update(
                resource,
                self._namespace_of(obj),
                meta.name(obj),
                self._body(obj, resource, subresource),
                subresource=subresource,
                options=WriteOptions(dry_run, field_manager, field_validation),
                accept=self._codec.accept,
            )
        )
        return self._codec.decode(answer.body)

    async def update_status(self, obj: T | JSONObject, *, dry_run: bool = False, field_manager: str = "") -> T:
        """Replaces only the object's status."""
        return await self.update(obj, dry_run=dry_run, field_manager=field_manager, subresource="status")

    async def patch(
        self,
        name: str,
        patch: JSONObject | builtins.list[JSONObject],
        *,
        type: PatchType = "merge",  # noqa: A002  # kubectl's word
        subresource: str = "",
        dry_run: bool = False,
        field_manager: str = "",
        field_validation: str = "",
    ) -> T:
        """Changes the fields a patch names.

        Args:
            name: The object's name.
            patch: For ``"json"`` a list of operations, else a partial object.
            type: ``"merge"``, ``"json"`` or ``"strategic"`` (built-in kinds only).
            subresource: Patch this subresource instead: ``"status"``, ``"scale"``.
            dry_run: Answer as if, but keep nothing.
            field_manager: Name of the manager to which the fields are recorded.
            field_validation: ``"Strict"``, ``"Warn"`` or ``"Ignore"`` unknown fields.
        """
        answer = await self._execute(
            lambda resource: verbs.patch(
                resource,
                self._namespace,
                name,
                msgspec.json.encode(patch),
                type=type,
                subresource=subresource,
                options=WriteOptions(dry_run, field_manager, field_validation),
                accept=self._codec.accept,
            )
        )
        return self._codec.decode(answer.body)

    async def apply(
        self,
        manifest: T | JSONObject,
        *,
        field_manager: str = DEFAULT_FIELD_MANAGER,
        force: bool = False,
        dry_run: bool = False,
        subresource: str = "",
        field_validation: str = "",
    ) -> T:
        """Server-side apply: makes the manifest's fields so, and creates the object if it is not there.

        Args:
            manifest: The fields you care about, no more; with name, kind and apiVersion.
            field_manager: Name of the owner of these fields.
            force: Take fields over that another manager owns.
            dry_run: Answer as if, but keep nothing.
            subresource: Apply to this subresource instead: ``"status"``, ``"scale"``.
            field_validation: ``"Strict"``, ``"Warn"`` or ``"Ignore"`` unknown fields.

        Raises:
            ConflictError: Another manager owns some of the fields with other values.
            ArgumentError: No name, or an object as read from the server (with managedFields).
        """

        def request(resource: APIResource) -> Request:
            fields = self._manifest(manifest, resource)
            return verbs.apply(
                resource,
                self._namespace or str(fields["metadata"].get("namespace") or "") or None,
                str(fields["metadata"].get("name") or ""),
                msgspec.json.encode(fields),
                subresource=subresource,
                options=WriteOptions(dry_run, field_manager, field_validation, force),
                accept=self._codec.accept,
            )

        return self._codec.decode((await self._execute(request)).body)

    async def delete(
        self,
        name: str,
        *,
        propagation: Propagation = "",
        grace_seconds: int | None = None,
        uid: str = "",
        resource_version: str = "",
        dry_run: bool = False,
    ) -> JSONObject:
        """Deletes an object; it may stay visible while it ends (grace period, finalizers).

        Returns:
            The object as it is now if it still exists, else a Status.
        """
        options = DeleteOptions(propagation, grace_seconds, uid, resource_version, dry_run)
        return _plain(await self._execute(lambda resource: verbs.delete(resource, self._namespace, name, options)))

    async def delete_collection(
        self,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        propagation: Propagation = "",
        grace_seconds: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """Deletes all objects that match; without selectors all of the namespace."""
        selection = ListOptions(label_selector=label_selector, field_selector=field_selector)
        options = DeleteOptions(propagation, grace_seconds, dry_run=dry_run)
        # Not repeated elsewhere: the objects of one namespace might be those of the whole cluster by now.
        resource = await self.resolve()
        await self._rest.execute(verbs.delete_collection(resource, self._namespace, selection, options))

    def edit(self, name: str, *, field_manager: str = "", subresource: str = "") -> AbstractAsyncContextManager[T]:
        """Reads an object, lets you change it, and sends only what changed when the block ends.

        A conflict with a change of other fields is resolved by reading again; fields that this version of
        kmagic does not know are kept. An exception inside the block sends nothing.

        Raises:
            ConflictError: Somebody changed the same fields meanwhile.
        """

        async def read() -> JSONObject:
            return _plain(
                await self._execute(
                    lambda resource: verbs.get(resource, self._namespace, name, subresource=subresource)
                )
            )

        async def send(change: JSONObject) -> None:
            await self.patch(name, change, field_manager=field_manager, subresource=subresource)

        return edit(self._codec, read, send)

    def entry(self, name: str) -> AsyncEntry[T]:
        """The object that shall be there: ``.entry("a").and_modify(change).or_create(obj)``."""
        return AsyncEntry(self, name)

    async def mapped(self, send: Callable[[APIResource], Awaitable[R]], *, any_version: bool = False) -> R:
        """Returns the result of `send` for its resource; where the server has it elsewhere by now, for the new place.

        Args:
            send: Makes the request and sends it.
            any_version: Whether another version will do, too, where the resource was named with one.
        """
        known = self._resource
        if not isinstance(known, APIResource):
            return await mapped(self._rest, await known(), send, known)

        async def remember(resource: APIResource) -> R:
            found = await send(resource)
            self._resource = resource
            return found

        return await mapped(self._rest, known, remember, any_version=any_version)

    async def request(self, request: Request) -> Response:
        """Sends a request made by `kmagic.rest.verbs`; the answer as bytes."""
        return await self._rest.execute(request)

    async def _execute(self, request: Callable[[APIResource], Request]) -> Response:
        look_up = None if isinstance(self._resource, APIResource) else self._resource
        resource = await self.resolve()
        try:
            return await self._rest.execute(request(resource))
        except NotFoundError as error:
            fresh = await moved_to(self._rest, resource, error, look_up)
        answer = await self._rest.execute(request(fresh))
        if look_up is None:
            self._resource = fresh
        return answer

    def _event(self, request: Request, event: RawWatchEvent) -> WatchEvent[T]:
        if event.type == watch.ERROR:
            raise event.error(request)
        try:
            return WatchEvent(event.type, self._codec.decode(event.raw))
        except DecodeError as error:
            raise DecodeError(f"unable to decode watch event: {error.message}") from error

    def _body(self, obj: T | JSONObject, resource: APIResource, subresource: str = "") -> bytes:
        if not isinstance(obj, dict):
            return self._codec.encode(obj)
        # What is written to another subresource, as a Scale, is of a kind of its own.
        kind = {} if subresource not in ("", "status") else {"apiVersion": resource.api_version, "kind": resource.kind}
        return msgspec.json.encode({**kind, **obj})

    def _namespace_of(self, obj: T | JSONObject) -> str | None:
        # A client for all namespaces takes the object's own; otherwise the client's, and the server compares.
        return self._namespace or meta.namespace(obj) or None

    def _manifest(self, manifest: Any, resource: APIResource) -> JSONObject:
        if manifest is None:
            raise ArgumentError("object provided to Apply must not be nil")
        fields = dict(manifest) if isinstance(manifest, dict) else self._codec.to_manifest(manifest)
        head = fields.get("metadata") or {}
        if not head.get("name"):
            raise ArgumentError("obj.Name must be provided to Apply")
        if head.get("managedFields"):
            raise ArgumentError(
                "cannot apply an object with managed fields already set: apply only the fields you care about"
            )
        return {"apiVersion": resource.api_version, "kind": resource.kind, **fields, "metadata": head}


def _plain(answer: Response) -> JSONObject:
    return read_object(answer.body, "the server's answer")


def _one_of(options: ListOptions | None, **single: Any) -> ListOptions:
    given = [name for name, value in single.items() if value is not None]
    if options is not None and given:
        raise ArgumentError(f"options say it all: {', '.join(given)} cannot be given beside them")
    return options if options is not None else ListOptions(**single)
