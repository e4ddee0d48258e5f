"""Objects to bytes and back: plain dicts, generated models, metadata only.

A codec also says how to ask (`Accept`), because asking for metadata only is a matter of content negotiation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

import msgspec

from kmagic._lazy import collector_paused
from kmagic.api.door import UNREADABLE, check_metadata, read_object
from kmagic.errors import DecodeError
from kmagic.rest.list_stream import ListDecoder, check_list
from kmagic.rest.verbs import ACCEPT_JSON

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.rest.resource import APIResource
from kmagic.api import model as models
from kmagic.api.model import Model

__all__ = ("BytesCodec", "Codec", "DictCodec", "ListReader", "MetadataCodec", "ModelCodec", "ResourceList")

T = TypeVar("T")
M = TypeVar("M", bound=Model)

_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"


class ResourceList(Sequence[T]):
    """Objects of a list request, with the version to watch from.

    Attributes:
        items: In the server's order (by namespace and name).
        resource_version: Opaque; pass it to `watch`.
        continue_token: For the next page; "" after the last one.
        remaining_item_count: Number of objects on later pages as the server says, or None.
    """

    def __init__(
        self,
        items: list[T],
        *,
        resource_version: str = "",
        continue_token: str = "",
        remaining_item_count: int | None = None,
        kind: str = "",
        api_version: str = "",
    ) -> None:
        self.items = items
        self.resource_version = resource_version
        self.continue_token = continue_token
        self.remaining_item_count = remaining_item_count
        self.kind = kind
        self.api_version = api_version

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __repr__(self) -> str:
        # Not the items: Secrets may be among them.
        more = ", more on the server" if self.continue_token else ""
        return f"<{self.kind or 'List'} of {len(self.items)}, resource version {self.resource_version}{more}>"


class Codec(Protocol[T]):
    """Reads and writes one type of object."""

    accept: str
    accept_list: str

    def decode(self, data: bytes) -> T:
        """Reads one object.

        Raises:
            DecodeError: The bytes are not such an object.
        """

    def item(self, data: bytes) -> T:
        """Reads one object of a list; raises `msgspec.DecodeError` for what is not exactly one JSON object."""

    def complete(self, item: T, kind: str, api_version: str) -> T:
        """An item with what lists leave out of it."""

    def encode(self, value: T) -> bytes:
        """Writes one object."""

    def to_dict(self, value: T) -> JSONObject:
        """The object as a plain dict with wire names."""

    def to_manifest(self, value: T) -> JSONObject:
        """The object as apply should send it: only what was set."""

    def from_dict(self, data: JSONObject) -> T:
        """The object from a plain dict with wire names."""


class ListReader(Generic[T]):
    """Reads a list while it streams: items are decoded as soon as they are whole.

    Args:
        codec: Codec of the items.
    """

    def __init__(self, codec: Codec[T]) -> None:
        self._codec = codec
        self._decoder = ListDecoder(codec.item)
        self._items: list[T] = []

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            DecodeError: An item is not such an object.
        """
        with collector_paused():  # a fifth less CPU for 10,000 Pods
            self._items += self._decoder.feed(chunk)

    def finish(self, resource: APIResource) -> ResourceList[T]:
        """The list, once all bytes are there.

        Args:
            resource: The resource that was listed.

        Raises:
            DecodeError: They are no list of it, or end in its middle.
            StatusError: They are a Status with a failure.
        """
        last, head = self._decoder.finish()
        check_list(head, resource)
        kind = head.kind.removesuffix("List")
        return ResourceList(
            [self._codec.complete(item, kind, head.apiVersion) for item in [*self._items, *last]],
            resource_version=head.metadata.resource_version,
            continue_token=head.metadata.continue_token,
            remaining_item_count=head.metadata.remaining_item_count,
            kind=head.kind,
            api_version=head.apiVersion,
        )


class DictCodec:
    """Plain dicts, whole and untouched; items of a list get the kind and apiVersion that lists leave out."""

    accept = ACCEPT_JSON
    accept_list = ACCEPT_JSON

    def __init__(self) -> None:
        self._object = msgspec.json.Decoder(dict[str, Any])

    def decode(self, data: bytes) -> JSONObject:
        """Reads one object."""
        return read_object(data, "the server's answer")

    def item(self, data: bytes) -> JSONObject:
        """Reads one object of a list."""
        return check_metadata(self._object.decode(data), "an item of the server's list")

    def complete(self, item: JSONObject, kind: str, api_version: str) -> JSONObject:
        """The item with its kind, in the order kubectl prints: apiVersion, kind, the rest."""
        return item if "kind" in item or not kind else {"apiVersion": api_version, "kind": kind, **item}

    def encode(self, value: JSONObject) -> bytes:
        """Writes one object."""
        return msgspec.json.encode(value)

    def to_dict(self, value: JSONObject) -> JSONObject:
        """The dict itself."""
        return value

    def to_manifest(self, value: JSONObject) -> JSONObject:
        """The dict itself."""
        return value

    def from_dict(self, data: JSONObject) -> JSONObject:
        """The dict itself."""
        return data


class _Kind(msgspec.Struct, gc=False):
    kind: str = ""


class BytesCodec:
    """Objects as the bytes that came, for who reads few of them, or each once; items of a list get their kind as well."""

    accept = ACCEPT_JSON
    accept_list = ACCEPT_JSON

    def __init__(self) -> None:
        self._kind = msgspec.json.Decoder(_Kind)

    def decode(self, data: bytes) -> bytes:
        """The bytes of one object."""
        try:
            return self.item(data)
        except UNREADABLE as error:
            raise DecodeError(f"the server's answer is not readable: {error}") from error

    def item(self, data: bytes) -> bytes:
        """The bytes of one object of a list."""
        self._kind.decode(data)
        return data

    def complete(self, item: bytes, kind: str, api_version: str) -> bytes:
        """The item with its kind, in the order kubectl prints: apiVersion, kind, the rest."""
        if not kind or self._kind.decode(item).kind:
            return item
        head = msgspec.json.encode({"apiVersion": api_version, "kind": kind})[:-1]
        rest = item.strip()[1:].lstrip()
        return head + (rest if rest == b"}" else b"," + rest)

    def encode(self, value: bytes) -> bytes:
        """The bytes themselves."""
        return value

    def to_dict(self, value: bytes) -> JSONObject:
        """The object as a plain dict with wire names."""
        return read_object(value, "an object of the server")

    def to_manifest(self, value: bytes) -> JSONObject:
        """The object as a plain dict with wire names."""
        return self.to_dict(value)

    def from_dict(self, data: JSONObject) -> bytes:
        """The bytes of a plain dict."""
        return msgspec.json.encode(data)


class MetadataCodec(DictCodec):
    """Dicts of kind PartialObjectMetadata: metadata and nothing else.

    Source: k8s.io/client-go/metadata/metadata.go.
    """

    accept = _METADATA
    accept_list = _METADATA_LIST

    def decode(self, data: bytes) -> JSONObject:
        """Reads one object; a server that answers with all of it is cut down."""
        return _only_metadata(super().decode(data))

    def complete(self, item: JSONObject, kind: str, api_version: str) -> JSONObject:
        """The item's metadata only."""
        return _only_metadata(super().complete(item, kind, api_version))


class ModelCodec(Generic[M]):
    """Generated model Structs."""

    accept = ACCEPT_JSON
    accept_list = ACCEPT_JSON

    def __init__(self, model: type[M]) -> None:
        self._model = model

    def decode(self, data: bytes) -> M:
        """Reads one object."""
        return models.decode_model(self._model, data)

    def item(self, data: bytes) -> M:
        """Reads one object of a list."""
        return models.decode_item(self._model, data)

    def complete(self, item: M, kind: str, api_version: str) -> M:
        """The item itself: a model has its kind."""
        return item

    def encode(self, value: M) -> bytes:
        """Writes one object."""
        return value.to_json()

    def to_dict(self, value: M) -> JSONObject:
        """The object as a plain dict with wire names."""
        return value.to_dict()

    def to_manifest(self, value: M) -> JSONObject:
        """Returns the fields that were set."""
        return value.to_manifest()

    def from_dict(self, data: JSONObject) -> M:
        """The object from a plain dict with wire names."""
        return self._model.from_dict(data)


def _only_metadata(item: JSONObject) -> JSONObject:
    kind = item.get("kind")
    if kind == "PartialObjectMetadata":
        return item
    if not kind or not item.get("apiVersion"):
        raise DecodeError("incoming object did not match PartialObjectMetadata: it has no kind or apiVersion")
    return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": item.get("metadata") or {}}
