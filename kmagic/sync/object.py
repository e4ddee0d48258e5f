"""Objects that act, blocking: composition over `AsyncObject`, one line a verb."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, Unpack, overload

from kmagic.api.options import PatchType, Propagation
from kmagic.api.types import JSONObject
from kmagic.client.exec import ExecResult
from kmagic.client.object import AsyncObject, LogSelection
from kmagic.client.scale import Scale
from kmagic.sync.documentation import documented_by
from kmagic.sync.resource import Resource
from kmagic.sync.runtime import Runtime

if TYPE_CHECKING:
    from kmagic.models.core_v1 import Event, Pod

__all__ = ("Object",)

T = TypeVar("T")


@documented_by(AsyncObject)
class Object(Generic[T]):
    """One object on the server, by its name; made by `Client.object`, it sends nothing before its first verb.

    One that is made of an object that was read means that very object: where another one has its name by now,
    to read, scale or wait for it, its log, its Pods and a command in it are a `NotFoundError`, and another change or a
    deletion is refused by the server.

    Args:
        inner: The async object that does the work.
        runtime: The loop it runs on.
    """

    def __init__(self, inner: AsyncObject[T], runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def name(self) -> str:
        """Its name."""
        return self._async.name

    @property
    def namespace(self) -> str | None:
        """Its namespace; without meaning for what is in none."""
        return self._async.namespace

    @property
    def resource(self) -> Resource[T]:
        """The verbs on its type, in its namespace."""
        return Resource(self._async.resource, self._runtime)

    @property
    def value(self) -> T:
        return self._async.value

    def refresh(self) -> T:
        return self._runtime.run(self._async.refresh())

    @overload
    def wait(
        self,
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        timeout: float | None = 30.0,
    ) -> T: ...
    @overload
    def wait(self, *, deleted: Literal[True], timeout: float | None = 30.0) -> None: ...
    def wait(
        self,
        *,
        condition: str = "",
        jsonpath: str = "",
        created: bool = False,
        deleted: bool = False,
        timeout: float | None = 30.0,
    ) -> T | None:
        # Its own overloads, as given.
        wait: Callable[..., Coroutine[Any, Any, T | None]] = self._async.wait
        return self._runtime.run(
            wait(condition=condition, jsonpath=jsonpath, created=created, deleted=deleted, timeout=timeout)
        )

    def patch(
        self,
        patch: JSONObject | list[JSONObject],
        *,
        type: PatchType = "merge",  # noqa: A002  # kubectl's word
        subresource: str = "",
        dry_run: bool = False,
        field_manager: str = "",
    ) -> T:
        return self._runtime.run(
            self._async.patch(patch, type=type, subresource=subresource, dry_run=dry_run, field_manager=field_manager)
        )

    def label(self, labels: Mapping[str, str | None], *, dry_run: bool = False) -> T:
        return self._runtime.run(self._async.label(labels, dry_run=dry_run))

    def annotate(self, annotations: Mapping[str, str | None], *, dry_run: bool = False) -> T:
        return self._runtime.run(self._async.annotate(annotations, dry_run=dry_run))

    def scale(self, replicas: int, *, dry_run: bool = False) -> Scale:
        return self._runtime.run(self._async.scale(replicas, dry_run=dry_run))

    def restart(self, *, dry_run: bool = False) -> T:
        return self._runtime.run(self._async.restart(dry_run=dry_run))

    def delete(
        self, *, propagation: Propagation = "", grace_seconds: int | None = None, dry_run: bool = False
    ) -> JSONObject:
        return self._runtime.run(
            self._async.delete(propagation=propagation, grace_seconds=grace_seconds, dry_run=dry_run)
        )

    def pods(self) -> list[Object[Pod]]:
        return [Object(each, self._runtime) for each in self._runtime.run(self._async.pods())]

    @overload
    def logs(self, *, follow: Literal[False] = False, **selection: Unpack[LogSelection]) -> str: ...
    @overload
    def logs(self, *, follow: Literal[True], **selection: Unpack[LogSelection]) -> Iterator[str]: ...
    def logs(self, *, follow: bool = False, **selection: Unpack[LogSelection]) -> str | Iterator[str]:
        if follow:
            return self._runtime.iterate(self._async.logs(follow=True, **selection))
        return self._runtime.run(self._async.logs(follow=False, **selection))

    def exec(
        self, command: Sequence[str], *, container: str | None = None, stdin: bytes | str | None = None
    ) -> ExecResult:
        return self._runtime.run(self._async.exec(command, container=container, stdin=stdin))

    def events(self) -> list[Event]:
        return self._runtime.run(self._async.events())

    def owners(self) -> list[Object[JSONObject]]:
        return [Object(each, self._runtime) for each in self._runtime.run(self._async.owners())]

    def children(self, *types: str) -> list[Object[JSONObject]]:
        return [Object(each, self._runtime) for each in self._runtime.run(self._async.children(*types))]
