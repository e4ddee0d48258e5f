"""The typed descriptors that the generated groups are made of: a resource of a group, and a group of a client.

Each access makes a new accessor, which costs nothing: no request, no import before a model is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar, overload

__all__ = ("Accessor", "GroupAccessor", "HasResources")

R = TypeVar("R")
G = TypeVar("G")


class HasResources(Protocol):
    """A group: it makes what its accessors give."""

    def resource(self, kind: str, special: Any = None) -> Any:
        """The resource of a kind, by a class of its own where it has one."""


class Accessor(Generic[R]):
    """One resource of a group: ``client.apps_v1.deployments``, ``factory.apps_v1.deployments``.

    Args:
        kind: The kind of the resource's objects.
        special: The class of a resource that has more verbs than others.
    """

    def __init__(self, kind: str, special: type[R] | None = None) -> None:
        self._kind = kind
        self._special = special

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.__doc__ = f"The {name}."

    @overload
    def __get__(self, group: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, group: HasResources, owner: type[Any]) -> R: ...
    def __get__(self, group: HasResources | None, owner: type[Any]) -> Self | R:
        if group is None:
            return self
        found: R = group.resource(self._kind) if self._special is None else group.resource(self._kind, self._special)
        return found


class GroupAccessor(Generic[G]):
    """One group of a client or factory: ``client.apps_v1``.

    Args:
        group: Makes the group from its client or factory.
    """

    def __init__(self, group: Callable[[Any], G]) -> None:
        self._group = group

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.__doc__ = f"The {name} group."

    @overload
    def __get__(self, source: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, source: object, owner: type[Any]) -> G: ...
    def __get__(self, source: object | None, owner: type[Any]) -> Self | G:
        return self if source is None else self._group(source)
