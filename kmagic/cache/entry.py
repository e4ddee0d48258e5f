"""A cached object: its metadata decoded, the whole of it as the bytes that came.

Keys, labels and owners answer most questions a cache is asked, and bytes are the smallest and safest way to keep
the rest: a read decodes them, so every reader owns what it gets and cannot harm the cache. This is what makes
an informer in Python as fast as Go's at less than half its memory.

``managedFields`` are cut out of the bytes unless they are asked for: they are a third of an object and no reader of
a cache wants them (an update without them leaves them as they are).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from kmagic.api.door import UNREADABLE
from kmagic.client.codec import Codec
from kmagic.errors import DecodeError
from kmagic.rest import watch
from kmagic.rest.watch import RawWatchEvent, WatchEvent

__all__ = ("Entry", "OwnerRef", "parse_entry", "parse_event", "parse_whole_entry", "parse_whole_event")

T = TypeVar("T")


class OwnerRef(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """An owner reference: enough to walk up a tree."""

    uid: str = ""
    kind: str = ""
    name: str = ""
    api_version: str = ""
    controller: bool | None = None


class _Meta(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerRef, ...] | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None


class _MetaWithManaged(_Meta, gc=False, rename="camel"):
    managed_fields: msgspec.Raw = msgspec.Raw()


class _Object(msgspec.Struct, gc=False):
    metadata: _Meta


class _ObjectWithManaged(msgspec.Struct, gc=False):
    metadata: _MetaWithManaged


class _SeldomMeta(msgspec.Struct, gc=False):
    """The metadata that few readers ask for, so that an entry does not keep it."""

    generation: int | None = None
    finalizers: list[str] | None = None


class _SeldomObject(msgspec.Struct, gc=False):
    metadata: _SeldomMeta


class _Frame(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    # Nothing may follow the object, so its bytes end where the frame's do.
    type: str
    object: _ObjectWithManaged


_decode_frame = msgspec.json.Decoder(_Frame).decode
_decode_head = msgspec.json.Decoder(_Object).decode
_decode_head_with_managed = msgspec.json.Decoder(_ObjectWithManaged).decode
_decode_seldom = msgspec.json.Decoder(_SeldomObject).decode
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_FRAME_STARTS = {
    kind: b'{"type":"%s","object":' % kind.encode()
    for kind in (watch.ADDED, watch.MODIFIED, watch.DELETED, watch.BOOKMARK)
}
_MANAGED = b'"managedFields":'
_NOTHING: Mapping[str, str] = {}


class Entry(msgspec.Struct, gc=False, frozen=True, eq=False):
    """One object of a cache.

    Attributes:
        key: ``"ns/name"`` or ``"name"``.
        namespace: "" for a cluster-scoped object.
        labels: Shared with the cache: do not change it; nor the annotations.
        owners: The owner references.
        created: ``metadata.creationTimestamp``, RFC 3339.
        deleted: ``metadata.deletionTimestamp``, or "" for an object that was not deleted.
        raw: The object as JSON, as it came, but for managedFields.
    """

    key: str
    namespace: str
    name: str
    uid: str
    resource_version: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    owners: Sequence[OwnerRef]
    created: str
    deleted: str
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Entry:
        """Reads an object's bytes; only the metadata is decoded.

        Raises:
            DecodeError: Not an object with metadata.
        """
        try:
            return parse_entry(raw)
        except UNREADABLE as error:
            raise DecodeError(f"a list or watch sent something that is not an object with metadata: {error}") from error

    def decode(self, codec: Codec[T]) -> T:
        """The object, newly made: the caller owns it."""
        return codec.decode(self.raw)

    def __repr__(self) -> str:
        return f"<Entry {self.key} at {self.resource_version}, {len(self.raw)} bytes>"

    @property
    def owner_references(self) -> Sequence[OwnerRef]:
        """The owners, under the name `kmagic.api.meta` reads."""
        return self.owners

    @property
    def creation_timestamp(self) -> str:
        """`created`, under the name `kmagic.api.meta` reads."""
        return self.created

    @property
    def deletion_timestamp(self) -> str:
        """`deleted`, under the name `kmagic.api.meta` reads."""
        return self.deleted

    @property
    def generation(self) -> int:
        """``metadata.generation``, read from the bytes each time; 0 where the kind has none."""
        return _decode_seldom(self.raw).metadata.generation or 0

    @property
    def finalizers(self) -> Sequence[str]:
        """``metadata.finalizers``, read from the bytes each time."""
        return _decode_seldom(self.raw).metadata.finalizers or ()


def parse_entry(raw: bytes) -> Entry:
    """Reads an object's bytes and drops its managedFields.

    Raises:
        msgspec.DecodeError: Not exactly one object with metadata.
    """
    return _stripped(_decode_head_with_managed(raw).metadata, raw)


def parse_whole_entry(raw: bytes) -> Entry:
    """Reads an object's bytes and keeps them all.

    Raises:
        msgspec.DecodeError: Not exactly one object with metadata.
    """
    return _entry(_decode_head(raw).metadata, raw)


def parse_event(frame: bytes) -> WatchEvent[Any]:
    """Reads a watch's frame; its object becomes an entry without managedFields, an ERROR's an exception.

    A frame as servers write it is decoded once, and the object's bytes are cut out of it.

    Raises:
        msgspec.DecodeError: Not exactly one frame with an object that has metadata.
        DecodeError: It is none of a watch.
    """
    try:
        found = _decode_frame(frame)
    except msgspec.DecodeError:
        return _event(watch.raw_event(frame), parse_entry)
    start = _FRAME_STARTS.get(found.type, b"?")
    if not (frame.startswith(start) and frame.endswith(b"}")):
        return _event(watch.raw_event(frame), parse_entry)
    return WatchEvent(found.type, _stripped(found.object.metadata, frame[len(start) : -1]))


def parse_whole_event(frame: bytes) -> WatchEvent[Any]:
    """Reads a watch's frame and keeps all bytes of its object. Raises as `parse_event`."""
    return _event(watch.raw_event(frame), parse_whole_entry)


def _event(event: RawWatchEvent, parse: Callable[[bytes], Entry]) -> WatchEvent[Any]:
    return WatchEvent(event.type, event.error() if event.type == watch.ERROR else parse(event.raw))


def _stripped(meta: _MetaWithManaged, raw: bytes) -> Entry:
    managed = bytes(meta.managed_fields)
    return _entry(meta, _without_managed(raw, managed) if managed else raw)


def _entry(meta: _Meta, raw: bytes) -> Entry:
    namespace = sys.intern(meta.namespace) if meta.namespace else ""  # one string for the objects of a namespace
    return Entry(
        f"{namespace}/{meta.name}" if namespace else meta.name,
        namespace,
        meta.name,
        meta.uid,
        meta.resource_version,
        meta.labels or _NOTHING,
        meta.annotations or _NOTHING,
        meta.owner_references or (),
        meta.creation_timestamp or "",
        meta.deletion_timestamp or "",
        raw,
    )


def _without_managed(raw: bytes, managed: bytes) -> bytes:
    """Cuts metadata.managedFields out of an object's bytes."""
    start = raw.find(_MANAGED)
    end = start + len(_MANAGED) + len(managed)
    # Inside a string the quotes would be escaped, so these bytes are a member's name; if they stand there once,
    # it is this one. A managedFields elsewhere in the object, or spaces, take the slow way.
    if start < 0 or raw.find(_MANAGED, end) >= 0 or not raw.startswith(managed, start + len(_MANAGED)):
        return _rewritten_without_managed(raw)
    if raw[end : end + 1] == b",":
        return raw[:start] + raw[end + 1 :]
    if raw[start - 1 : start] == b",":
        return raw[: start - 1] + raw[end:]
    return raw[:start] + raw[end:]


def _rewritten_without_managed(raw: bytes) -> bytes:
    members = _decode_members(raw)
    meta = _decode_members(members["metadata"])
    meta.pop("managedFields", None)
    members["metadata"] = msgspec.Raw(msgspec.json.encode(meta))
    return msgspec.json.encode(members)
