"""A watch that goes on: opened again from the last version when the server or the network ends it.

For state use an informer; this is for readers who need every change after a version, and an error when some were lost.

Source: k8s.io/client-go/tools/watch/retrywatcher.go.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

from kmagic.api import meta
from kmagic.api.options import ListOptions
from kmagic.errors import (
    ArgumentError,
    BadRequestError,
    ExpiredError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StatusError,
    TransportError,
    UnauthorizedError,
)
from kmagic.rest.retry import MAX_WAIT_SECONDS
from kmagic.rest.watch import BOOKMARK, WatchEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from kmagic.api.clock import Clock
    from kmagic.client.codec import Codec, ResourceList
    from kmagic.client.rest import RESTClient
    from kmagic.rest.resource import APIResource

__all__ = ("Followed", "RetryWatcher")

T = TypeVar("T")

# client-go's: two watches begin at least this far apart.
_MIN_RESTART_SECONDS = 1.0
# Asking again does not change these answers.
_FINAL = (UnauthorizedError, ForbiddenError, ExpiredError, BadRequestError, InvalidError, NotFoundError)


class Followed(Protocol[T]):
    """The part of a resource that a watcher or a wait needs."""

    @property
    def codec(self) -> Codec[T]:
        """The codec of its objects."""

    @property
    def rest(self) -> RESTClient:
        """The client that sends its requests."""

    async def resolve(self) -> APIResource:
        """The resource's type."""
        ...

    async def get(self, name: str) -> T:
        """Reads one object."""
        ...

    async def list(self, *, label_selector: str | None = None, field_selector: str | None = None) -> ResourceList[T]:
        """Reads all that match."""
        ...

    def watch(self, *, options: ListOptions) -> AsyncGenerator[WatchEvent[T], None]:
        """Changes as they come."""
        ...


class RetryWatcher(Generic[T]):
    """Every change after a resource version.

    Args:
        resource: The resource to watch.
        resource_version: Version to begin after: a list's, not "" or "0", which promise nothing.
        options: Options of the watch: selectors.
        clock: Gives the time and sleeps.

    Raises:
        ArgumentError: No real version to begin from.
    """

    def __init__(
        self,
        resource: Followed[T],
        resource_version: str,
        *,
        options: ListOptions = ListOptions(),
        clock: Clock | None = None,
    ) -> None:
        if resource_version in ("", "0"):
            raise ArgumentError(f'initial RV "{resource_version}" is not supported due to issues with underlying WATCH')
        self.resource_version: str = resource_version
        self._resource = resource
        self._options = msgspec.structs.replace(options, allow_watch_bookmarks=True)
        self._clock = clock or resource.rest.clock

    async def events(self) -> AsyncGenerator[WatchEvent[T], None]:
        """The changes, without bookmarks, until something ends them for good.

        Raises:
            ExpiredError: The version is too old: changes were lost, list again.
            UnauthorizedError: And every other answer that asking again does not change.
        """
        while True:
            started = self._clock.now()
            pause = 0.0
            try:
                async with aclosing(self._once()) as events:
                    async for event in events:
                        self.resource_version = meta.resource_version(event.object) or self.resource_version
                        if event.type != BOOKMARK:
                            yield event
            except _FINAL:
                raise
            except TransportError:
                pass
            except StatusError as error:
                pause = min(error.retry_after or 0.0, MAX_WAIT_SECONDS)
            spent = self._clock.now() - started
            await self._clock.sleep(max(pause, _MIN_RESTART_SECONDS - spent, 0.0))

    def _once(self) -> AsyncGenerator[WatchEvent[T], None]:
        return self._resource.watch(
            options=msgspec.structs.replace(self._options, resource_version=self.resource_version)
        )
