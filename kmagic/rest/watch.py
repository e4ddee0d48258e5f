"""Watch streams: bytes as they arrive become events.

A frame is one JSON object ``{"type": "ADDED", "object": {...}}``; servers end each with a newline. The decoder
keeps a frame's object as its own bytes, so who only needs metadata never pays for the rest.

Source: k8s.io/client-go/rest/watch, k8s.io/apimachinery/pkg/watch.
"""

from __future__ import annotations

import json
from typing import Generic, TypeVar

import msgspec

from kmagic.errors import DecodeError

__all__ = ("ADDED", "BOOKMARK", "DELETED", "ERROR", "MODIFIED", "RawWatchEvent", "WatchDecoder", "WatchEvent")

T = TypeVar("T")

ADDED, MODIFIED, DELETED, BOOKMARK, ERROR = "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"
_TYPES = frozenset((ADDED, MODIFIED, DELETED, BOOKMARK, ERROR))


class WatchEvent(msgspec.Struct, Generic[T], frozen=True):
    """One change: its type and the object after it (DELETED: the last state; BOOKMARK: metadata only)."""

    type: str
    object: T


class RawWatchEvent(msgspec.Struct, frozen=True, gc=False):
    """One change with the object as its JSON bytes."""

    type: str
    raw: bytes


class _Frame(msgspec.Struct, gc=False):
    type: str
    object: msgspec.Raw


_decode_frame = msgspec.json.Decoder(_Frame).decode


class WatchDecoder:
    """Cuts a byte stream into events; feed it chunks of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._failure: DecodeError | None = None

    def feed(self, chunk: bytes) -> list[RawWatchEvent]:
        """Takes the next bytes and returns the events they complete.

        Raises:
            DecodeError: A frame is not a watch event. The stream cannot be read on; open a new watch. Events that
                came whole before it are returned first, and the next call raises.
        """
        if self._failure:
            raise self._failure
        end = chunk.rfind(b"\n")
        if end < 0:
            self._rest += chunk
            return []
        lines = (self._rest + chunk[:end]).split(b"\n")
        self._rest = chunk[end + 1 :]
        events: list[RawWatchEvent] = []
        try:
            for line in lines:
                if line and not line.isspace():
                    _decode(line, events)
        except DecodeError as error:
            if not events:
                raise
            self._failure = error
        return events

    def finish(self) -> list[RawWatchEvent]:
        """Returns what a stream without a last newline still holds; a torn frame is dropped, as on a lost connection.

        Raises:
            DecodeError: The stream ended in a frame that is not a watch event.
        """
        if self._failure:
            raise self._failure
        rest, self._rest = self._rest, b""
        events: list[RawWatchEvent] = []
        if rest.strip().endswith(b"}"):
            try:
                _decode(rest, events)
            except DecodeError:
                return events
        return events


def _decode(line: bytes, events: list[RawWatchEvent]) -> None:
    try:
        frame = _decode_frame(line)
    except msgspec.DecodeError as error:
        events.extend(_decode_concatenated(line, error))
        return
    events.append(_event(frame))


def _event(frame: _Frame) -> RawWatchEvent:
    if frame.type not in _TYPES:
        raise DecodeError(f"got invalid watch event type: {frame.type}")
    return RawWatchEvent(frame.type, bytes(frame.object))


def _decode_concatenated(line: bytes, error: msgspec.DecodeError) -> list[RawWatchEvent]:
    # Frames without newlines between them are legal though no known server sends them.
    decoder, events = json.JSONDecoder(), []
    try:
        text = line.decode()
        at, end = 0, len(text)
        while at < end:
            _, stop = decoder.raw_decode(text, at)
            events.append(_event(_decode_frame(text[at:stop].encode())))
            at = stop
            while at < end and text[at].isspace():
                at += 1
    except (ValueError, msgspec.DecodeError):
        raise DecodeError(f"unable to decode watch event: {error}") from error
    return events
