"""In which form an answer goes out: whole objects, metadata only, or a Table; as JSON or YAML.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.sandbox import status
from kmagic.sandbox.printers.table import INCLUDE_POLICIES, TableFormat, metadata_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Stored

__all__ = ("Accepted", "Form", "negotiate", "require_json")

JSON_TYPES = ("application/json", "application/*", "*/*", "")
YAML_TYPE = "application/yaml"
ANSWERS = ("application/json", YAML_TYPE)
STREAM = "application/json;stream=watch"
INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class Accepted(msgspec.Struct, frozen=True):
    """The accepted form: ``as_`` is "", "Table", "PartialObjectMetadata" or "PartialObjectMetadataList"."""

    as_: str = ""
    yaml: bool = False
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type of the answer."""
        return YAML_TYPE if self.yaml else "application/json"


@lru_cache(maxsize=256)
def negotiate(header: str, *, watchable: bool = False) -> Accepted:
    """Chooses the first form of an Accept header that the server has.

    Args:
        header: The Accept header.
        watchable: Whether the path can be watched; a refusal says so.

    Raises:
        APIError: 406 when there is none, for example for protobuf alone.
    """
    understood = False
    for clause in header.split(",") if header else [""]:
        media, *words = (part.strip() for part in clause.split(";"))
        if media not in JSON_TYPES and media != YAML_TYPE:
            continue
        understood = True
        parameters = dict(word.partition("=")[::2] for word in words)
        as_ = parameters.get("as", "")
        group, version = parameters.get("g", ""), parameters.get("v", "")
        known = as_ in ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
        if as_ and not (known and group == "meta.k8s.io" and version == "v1"):
            continue
        return Accepted(as_, media == YAML_TYPE, tuple(parameters.items()))
    if understood:
        raise status.not_acceptable(ANSWERS)
    raise status.not_representable((*ANSWERS, STREAM) if watchable else ANSWERS)


def require_json(header: str) -> None:
    """Refuses a request that does not take JSON, the only form of some documents.

    Raises:
        APIError: 406.
    """
    if not any(clause.partition(";")[0].strip() in JSON_TYPES for clause in header.split(",")):
        raise status.not_representable(("application/json",))


class Form:
    """Encodes objects, lists and watch events of one resource in one form.

    Args:
        resource: The resource in the version asked for.
        as_: As in Accepted.
        table: The resource's table format.
        include: For tables: None, Metadata or Object.
        now: Gives the seconds since the epoch.
    """

    def __init__(self, resource: Resource, as_: str, table: TableFormat, include: str, now: Any) -> None:
        if include not in INCLUDE_POLICIES:
            raise status.bad_request(f'unrecognized includeObject "{include}"')
        self._resource = resource
        self._as = as_
        self._table = table
        self._include = include
        self._now = now

    def one(self, stored: Stored) -> bytes:
        """One object."""
        match self._as:
            case "Table":
                row = self._table.row(stored, self._include, self._now())
                return self._table.table([row], {"resourceVersion": str(stored.revision)})
            case "PartialObjectMetadata":
                return encode(metadata_only(stored.decode()))
            case "PartialObjectMetadataList":
                raise status.not_acceptable(ANSWERS)
        return stored.raw

    def many(self, items: Sequence[Stored], metadata: dict[str, Any]) -> bytes:
        """A list; ``metadata`` is its ListMeta."""
        match self._as:
            case "Table":
                now = self._now()
                return self._table.table((self._table.row(item, self._include, now) for item in items), metadata)
            case "PartialObjectMetadata" | "PartialObjectMetadataList":
                raws: Iterable[bytes] = (encode(metadata_only(item.decode())) for item in items)
                return _list("PartialObjectMetadataList", "meta.k8s.io/v1", metadata, raws)
        raws = (item.raw for item in items)
        return _list(self._resource.list_kind, self._resource.type.api_version, metadata, raws)

    def event(self, kind: str, stored: Stored, *, first: bool = False) -> bytes:
        """A watch event as one line; ``first`` is the first event of a stream, whose Table has column definitions."""
        if self._as == "Table":
            row = self._table.row(stored, self._include, self._now())
            body = self._table.table([row], {"resourceVersion": str(stored.revision)}, headers=first)
        else:
            body = self.one(stored)
        return b'{"type":"' + kind.encode() + b'","object":' + body + b"}\n"

    def change(self, kind: str, stored: Stored, *, first: bool) -> bytes:
        """A change as one line, encoded once for all watchers of the same form."""
        if self._as == "Table" and first:
            return self.event(kind, stored, first=True)
        key = ("frame", f"{kind} {self._as} {self._include}")
        frame: bytes | None = stored.forms.get(key)
        if frame is None:
            frame = stored.forms[key] = self.event(kind, stored)
        return frame

    def bookmark(self, revision: int, *, initial_end: bool = False) -> bytes:
        """A BOOKMARK event; ``initial_end`` marks the end of a watch-list's initial events."""
        metadata: dict[str, Any] = {"resourceVersion": str(revision)}
        if initial_end:
            metadata["annotations"] = INITIAL_EVENTS_END
        body = {"kind": self._resource.type.kind, "apiVersion": self._resource.type.api_version, "metadata": metadata}
        if self._as == "PartialObjectMetadata":
            body = metadata_only(body)
        elif self._as == "Table":
            body = _bookmark_table(body, self._include)
        return b'{"type":"BOOKMARK","object":' + encode(body) + b"}\n"


def _bookmark_table(body: dict[str, Any], include: str) -> dict[str, Any]:
    included = {"None": None, "Metadata": metadata_only(body), "Object": body}[include]
    metadata = {"resourceVersion": body["metadata"]["resourceVersion"]}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": None,
        "rows": [{"cells": [], "object": included}],
    }


def _list(kind: str, api_version: str, metadata: dict[str, Any], raws: Iterable[bytes]) -> bytes:
    head = encode({"kind": kind, "apiVersion": api_version, "metadata": metadata})
    return head[:-1] + b',"items":[' + b",".join(raws) + b"]}"
