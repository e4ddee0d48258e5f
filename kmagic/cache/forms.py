"""The forms in which an informer keeps objects: as bytes that each read decodes, or as they are.

Whatever the form, who reads gets an object of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from kmagic.api.door import read_object
from kmagic.cache.entry import Entry
from kmagic.client.codec import Codec, DictCodec, MetadataCodec
from kmagic.rest.resource import APIResource

__all__ = ("EntryForm", "Form", "PlainForm")

T = TypeVar("T")

_PARTIAL = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata"}


class Form(Protocol):
    """Between what a store keeps and what people get."""

    def read(self, stored: Any) -> Any:
        """An object of the reader's own."""

    def keep(self, obj: Any) -> Any:
        """Returns the form of an object for the store."""


class PlainForm:
    """Objects as they are; a read copies them."""

    def read(self, stored: Any) -> Any:
        """A deep copy; of an entry a plain dict."""
        return read_object(stored.raw, "a cached object") if isinstance(stored, Entry) else copy.deepcopy(stored)

    def keep(self, obj: Any) -> Any:
        """The object itself."""
        return obj


class EntryForm(Generic[T]):
    """Entries, decoded by a codec.

    Args:
        codec: Codec of the objects.
        resource: The objects' resource, once it is known: plain dicts of a list get its kind and apiVersion.
    """

    def __init__(self, codec: Codec[T], resource: Callable[[], APIResource | None] = lambda: None) -> None:
        self._codec = codec
        self._resource = resource
        kind: object = codec
        self._head = _PARTIAL if isinstance(kind, MetadataCodec) else None
        self._plain = isinstance(kind, DictCodec)

    def read(self, stored: Entry) -> Any:
        """The decoded object."""
        if not self._plain:
            return self._codec.decode(stored.raw)
        obj = read_object(stored.raw, "a cached object")
        if self._head:
            return {**self._head, "metadata": obj.get("metadata") or {}}
        if "kind" not in obj and (resource := self._resource()) is not None:
            # In the order kubectl prints: apiVersion, kind, the rest.
            return {"apiVersion": resource.api_version, "kind": resource.kind, **obj}
        return obj

    def keep(self, obj: T) -> Entry:
        """The object as bytes, with its metadata decoded."""
        return Entry.parse(self._codec.encode(obj))


_dicts = DictCodec()
