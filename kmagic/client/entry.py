"""Get, or create, or change: one object that shall be there, whoever was first.

Source: kube-rs's Entry API has the same idea; client-go leaves it to a loop of Get, Create and Update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from kmagic.api import meta
from kmagic.client.retry import retry_on_conflict
from kmagic.errors import AlreadyExistsError, ArgumentError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from kmagic.api.types import JSONObject

__all__ = ("AsyncEntry", "Editable")

T = TypeVar("T")


class Editable(Protocol[T]):
    """The resource as an entry needs it."""

    async def get(self, name: str) -> T:
        """Reads the object."""
        ...

    async def create(self, obj: T | JSONObject) -> T:
        """Creates the object."""
        ...

    def edit(self, name: str) -> AbstractAsyncContextManager[T]:
        """Sends what a block changes."""
        ...


class AsyncEntry(Generic[T]):
    """A name that may or may not be taken; nothing is asked before the last word.

    Args:
        resource: The resource of the object.
        name: The object's name.
        changes: Modifications of the object if it exists.
    """

    def __init__(self, resource: Editable[T], name: str, changes: tuple[Callable[[T], object], ...] = ()) -> None:
        self._resource = resource
        self._name = name
        self._changes = changes

    def and_modify(self, change: Callable[[T], object]) -> AsyncEntry[T]:
        """The same entry, with a change in place for an object that is there already; it may be called again."""
        return AsyncEntry(self._resource, self._name, (*self._changes, change))

    async def or_create(self, obj: T | JSONObject) -> T:
        """The object that is there, changed by every `and_modify`; else creates this one.

        Raises:
            ArgumentError: `obj` has another name.
            ConflictError: Others kept changing the same fields.
        """
        if meta.name(obj) != self._name:
            raise ArgumentError(f'the object is named "{meta.name(obj)}", the entry "{self._name}"')
        try:
            return await retry_on_conflict(self._there)
        except NotFoundError:
            pass
        try:
            return await self._resource.create(obj)
        except AlreadyExistsError:
            # Somebody was quicker.
            return await retry_on_conflict(self._there)

    async def _there(self) -> T:
        if self._changes:
            async with self._resource.edit(self._name) as found:
                for change in self._changes:
                    change(found)
        return await self._resource.get(self._name)
