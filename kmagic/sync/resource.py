"""The verbs on one resource type, blocking: composition over `AsyncResource`, one line a verb.

Documentation, parameters and errors of each verb are those of `kmagic.client.resource.AsyncResource`; a test
compares the signatures.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager
from typing import Any, Generic, Literal, Self, TypeVar, overload

from kmagic.api.options import ListOptions, PatchType, Propagation
from kmagic.api.types import JSONObject
from kmagic.client.codec import ResourceList
from kmagic.client.resource import DEFAULT_FIELD_MANAGER, AsyncResource
from kmagic.rest.resource import APIResource
from kmagic.rest.watch import WatchEvent
from kmagic.sync.documentation import documented_by
from kmagic.sync.entry import Entry
from kmagic.sync.runtime import Runtime

__all__ = ("Resource",)

T = TypeVar("T")


@documented_by(AsyncResource)
class Resource(Generic[T]):
    """One resource type in one namespace; call it to get it in another, with None for all namespaces.

    Args:
        resource: The async resource that does the work.
        runtime: The loop it runs on.
    """

    def __init__(self, resource: AsyncResource[T], runtime: Runtime) -> None:
        self._async = resource
        self._runtime = runtime

    def __call__(self, namespace: str | None) -> Self:
        """The same resource in another namespace; None for all namespaces."""
        return type(self)(self._async(namespace), self._runtime)

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def unblocked(self) -> AsyncResource[T]:
        """The async resource behind this one, for code that runs on kmagic's loop."""
        return self._async

    @property
    def runtime(self) -> Runtime:
        """The loop it runs on."""
        return self._runtime

    @property
    def namespace(self) -> str | None:
        """The namespace it reads and writes; None for all."""
        return self._async.namespace

    @property
    def known(self) -> APIResource | None:
        """The resource type, where that is known without asking the server; else None."""
        return self._async.known

    def resolve(self) -> APIResource:
        return self._runtime.run(self._async.resolve())

    def get(self, name: str, *, resource_version: str = "", subresource: str = "") -> T:
        return self._runtime.run(self._async.get(name, resource_version=resource_version, subresource=subresource))

    def get_or_none(self, name: str, *, resource_version: str = "", subresource: str = "") -> T | None:
        return self._runtime.run(
            self._async.get_or_none(name, resource_version=resource_version, subresource=subresource)
        )

    @overload
    def wait(
        self,
        name: str,
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        timeout: float | None = 30.0,
    ) -> T: ...
    @overload
    def wait(
        self,
        name: builtins.list[str] | tuple[str, ...],
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        timeout: float | None = 30.0,
    ) -> builtins.list[T]: ...
    @overload
    def wait(
        self, name: str | builtins.list[str] | tuple[str, ...], *, deleted: Literal[True], timeout: float | None = 30.0
    ) -> None: ...
    def wait(
        self,
        name: str | builtins.list[str] | tuple[str, ...],
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        deleted: bool = False,
        timeout: float | None = 30.0,
    ) -> T | builtins.list[T] | None:
        # Its own overloads, as given.
        wait: Callable[..., Coroutine[Any, Any, T | builtins.list[T] | None]] = self._async.wait
        return self._runtime.run(
            wait(name, condition=condition, jsonpath=jsonpath, created=created, deleted=deleted, timeout=timeout)
        )

    def list(
        self,
        options: ListOptions | None = None,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int | None = None,
        resource_version: str | None = None,
        resource_version_match: str | None = None,
    ) -> ResourceList[T]:
        return self._runtime.run(
            self._async.list(
                options,
                label_selector=label_selector,
                field_selector=field_selector,
                limit=limit,
                resource_version=resource_version,
                resource_version_match=resource_version_match,
            )
        )

    def list_page(self, options: ListOptions = ListOptions()) -> ResourceList[T]:
        return self._runtime.run(self._async.list_page(options))

    def pages(
        self,
        options: ListOptions | None = None,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int | None = None,
        resource_version: str | None = None,
        resource_version_match: str | None = None,
    ) -> Iterator[ResourceList[T]]:
        return self._runtime.iterate(
            self._async.pages(
                options,
                label_selector=label_selector,
                field_selector=field_selector,
                limit=limit,
                resource_version=resource_version,
                resource_version_match=resource_version_match,
            )
        )

    def watch(
        self,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        resource_version: str = "",
        timeout_seconds: int | None = None,
        options: ListOptions | None = None,
    ) -> Iterator[WatchEvent[T]]:
        return self._runtime.iterate(
            self._async.watch(
                label_selector=label_selector,
                field_selector=field_selector,
                resource_version=resource_version,
                timeout_seconds=timeout_seconds,
                options=options,
            )
        )

    def create(
        self, obj: T | JSONObject, *, dry_run: bool = False, field_manager: str = "", field_validation: str = ""
    ) -> T:
        return self._runtime.run(
            self._async.create(obj, dry_run=dry_run, field_manager=field_manager, field_validation=field_validation)
        )

    def create_subresource(self, name: str, subresource: str, body: JSONObject, *, dry_run: bool = False) -> JSONObject:
        return self._runtime.run(self._async.create_subresource(name, subresource, body, dry_run=dry_run))

    def update(
        self,
        obj: T | JSONObject,
        *,
        dry_run: bool = False,
        field_manager: str = "",
        field_validation: str = "",
        subresource: str = "",
    ) -> T:
        return self._runtime.run(
            self._async.update(
                obj,
                dry_run=dry_run,
                field_manager=field_manager,
                field_validation=field_validation,
                subresource=subresource,
            )
        )

    def update_status(self, obj: T | JSONObject, *, dry_run: bool = False, field_manager: str = "") -> T:
        return self._runtime.run(self._async.update_status(obj, dry_run=dry_run, field_manager=field_manager))

    def patch(
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
        return self._runtime.run(
            self._async.patch(
                name,
                patch,
                type=type,
                subresource=subresource,
                dry_run=dry_run,
                field_manager=field_manager,
                field_validation=field_validation,
            )
        )

    def apply(
        self,
        manifest: T | JSONObject,
        *,
        field_manager: str = DEFAULT_FIELD_MANAGER,
        force: bool = False,
        dry_run: bool = False,
        subresource: str = "",
        field_validation: str = "",
    ) -> T:
        return self._runtime.run(
            self._async.apply(
                manifest,
                field_manager=field_manager,
                force=force,
                dry_run=dry_run,
                subresource=subresource,
                field_validation=field_validation,
            )
        )

    def delete(
        self,
        name: str,
        *,
        propagation: Propagation = "",
        grace_seconds: int | None = None,
        uid: str = "",
        resource_version: str = "",
        dry_run: bool = False,
    ) -> JSONObject:
        return self._runtime.run(
            self._async.delete(
                name,
                propagation=propagation,
                grace_seconds=grace_seconds,
                uid=uid,
                resource_version=resource_version,
                dry_run=dry_run,
            )
        )

    def delete_collection(
        self,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        propagation: Propagation = "",
        grace_seconds: int | None = None,
        dry_run: bool = False,
    ) -> None:
        self._runtime.run(
            self._async.delete_collection(
                label_selector=label_selector,
                field_selector=field_selector,
                propagation=propagation,
                grace_seconds=grace_seconds,
                dry_run=dry_run,
            )
        )

    def edit(self, name: str, *, field_manager: str = "", subresource: str = "") -> AbstractContextManager[T]:
        return self._runtime.enter(self._async.edit(name, field_manager=field_manager, subresource=subresource))

    def entry(self, name: str) -> Entry[T]:
        return Entry(self._async.entry(name), self._runtime)
