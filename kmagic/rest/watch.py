"""Watch streams: bytes as they arrive become events.

A frame is one JSON object ``{"type": "ADDED", "object": {...}}``; servers end each with a newline. The decoder
leaves it to its user how much of an object is read, so who only needs metadata never pays for the rest.

Source: k8s.io/client-go/rest/watch, k8s.io/apimachinery/pkg/watch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from kmagic.api.door import UNREADABLE, read_json
from kmagic.errors import DecodeError, KubeError, ProtocolError, StatusError
from kmagic.rest import status
from kmagic.rest.request import Request

__all__ = (
    "ADDED",
    "BOOKMARK",
    "DELETED",
    "ERROR",
    "MODIFIED",
    "RawWatchEvent",
    "WatchDecoder",
    "WatchEvent",
    "check_content_type",
    "raw_event",
)

T = TypeVar("T")

ADDED, MODIFIED, DELETED, BOOKMARK, ERROR = "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"
# apimachinery's: the decoder of k8s.io/apimachinery/pkg/runtime/serializer/streaming.
_MAX_FRAME_BYTES = 16 << 20

_TYPES = frozenset((ADDED, MODIFIED, DELETED, BOOKMARK, ERROR))


class WatchEvent(msgspec.Struct, Generic[T], frozen=True):
    """One change: its type and the object after it (DELETED: the last state; BOOKMARK: metadata only)."""

    type: str
    object: T


class RawWatchEvent(msgspec.Struct, frozen=True, gc=False):
    """One change with the object as its JSON bytes."""

    type: str
    raw: bytes

    def error(self, request: Request | None = None) -> StatusError:
        """The error that an ERROR event carries.

        Raises:
            DecodeError: It says nothing that can be read.
        """
        return status.error_from_status(request, read_json(self.raw, "the watch's error", dict[str, Any]))


class _Frame(msgspec.Struct, gc=False):
    type: str
    object: msgspec.Raw


_decode_frame = msgspec.json.Decoder(_Frame).decode


def raw_event(frame: bytes) -> RawWatchEvent:
    """Reads a frame and leaves its object as it is.

    Raises:
        msgspec.DecodeError: Not exactly one frame.
        DecodeError: Its type is none of a watch.
    """
    found = _decode_frame(frame)
    if found.type not in _TYPES:
        raise DecodeError(f"got invalid watch event type: {found.type}")
    return RawWatchEvent(found.type, bytes(found.object))


def check_content_type(headers: Mapping[str, str]) -> None:
    """Raises where an answer to a watch is no stream of JSON events; without a type it counts as one, as client-go does.

    Args:
        headers: With lower-case names.

    Raises:
        DecodeError: A page of a proxy, or another encoding.
    """
    found = headers.get("content-type", "").partition(";")[0].strip().lower()
    if found not in ("", "application/json"):
        raise DecodeError(f"the server answered a watch with {found} where a stream of application/json was expected")


class WatchDecoder(Generic[T]):
    """Cuts a byte stream into frames and reads them; feed it chunks of any size.

    Args:
        read: Makes an event of a frame; raises msgspec.DecodeError where it cannot. `raw_event`, for example.
    """

    def __init__(self, read: Callable[[bytes], T]) -> None:
        self._read = read
        self._held: list[bytes] = []  # of a frame whose end has not come
        self._held_bytes = 0
        self._failure: KubeError | None = None

    def feed(self, chunk: bytes) -> list[T]:
        """Takes the next bytes and returns the events they complete.

        Raises:
            DecodeError: A frame is not a watch event. The stream cannot be read on; open a new watch. Events that
                came whole before it are returned first, and the next call raises.
            ProtocolError: A frame is longer than 16 MiB; likewise.
            StatusError: A Status came where an event was expected; likewise.
        """
        if self._failure:
            raise self._failure
        events: list[T] = []
        at, end = 0, chunk.find(b"\n")
        try:
            while end >= 0:
                line = chunk[at:end]
                if self._held or end - at > _MAX_FRAME_BYTES:
                    self._hold(line)
                    line = self._whole()
                at, end = end + 1, chunk.find(b"\n", end + 1)
                if line and not line.isspace():
                    self._take(line, events)
            self._hold(chunk[at:])
        except (DecodeError, ProtocolError, StatusError) as error:
            self._failure = error
            if not events:
                raise
        return events

    def finish(self) -> list[T]:
        """Returns what a stream without a last newline still holds; a torn frame is dropped, as on a lost connection.

        Raises:
            DecodeError: The stream ended in a frame that is not a watch event.
        """
        if self._failure:
            raise self._failure
        rest = self._whole()
        events: list[T] = []
        if rest.strip().endswith(b"}"):
            try:
                self._take(rest, events)
            except DecodeError:
                return events
        return events

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._held.append(piece)
            self._held_bytes += len(piece)
        if self._held_bytes > _MAX_FRAME_BYTES:
            raise ProtocolError(f"an event of the watch is longer than {_MAX_FRAME_BYTES >> 20} MiB")

    def _whole(self) -> bytes:
        held, self._held, self._held_bytes = b"".join(self._held), [], 0
        return held

    def _take(self, line: bytes, events: list[T]) -> None:
        try:
            event = self._read(line)
        except UNREADABLE as error:
            if failure := status.failure_in(line):
                raise failure from error
            events.extend(self._concatenated(line, error))
        else:
            events.append(event)

    def _concatenated(self, line: bytes, error: Exception) -> list[T]:
        # Frames without newlines between them are legal though no known server sends them.
        decoder, events = json.JSONDecoder(), []
        try:
            text = line.decode()
            at, end = 0, len(text)
            while at < end:
                _, stop = decoder.raw_decode(text, at)
                events.append(self._read(text[at:stop].encode()))
                at = stop
                while at < end and text[at].isspace():
                    at += 1
        except UNREADABLE:
            raise DecodeError(f"unable to decode watch event: {error}") from error
        return events
