from __future__ import annotations

import json

import pytest

from kmagic.errors import DecodeError, ProtocolError
from kmagic.rest.watch import RawWatchEvent, WatchDecoder, WatchEvent, raw_event


def frame(kind: str, name: str) -> bytes:
    return json.dumps({"type": kind, "object": {"metadata": {"name": name}}}).encode() + b"\n"


STREAM = frame("ADDED", "a") + frame("MODIFIED", "ä€") + frame("BOOKMARK", "c") + frame("ERROR", "d")


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_WS_01_chunks_of_any_size_give_the_same_events(size: int) -> None:
    decoder = WatchDecoder(raw_event)
    events = [event for at in range(0, len(STREAM), size) for event in decoder.feed(STREAM[at : at + size])]
    assert [(event.type, json.loads(event.raw)["metadata"]["name"]) for event in events] == [
        ("ADDED", "a"),
        ("MODIFIED", "ä€"),
        ("BOOKMARK", "c"),
        ("ERROR", "d"),
    ]
    assert decoder.finish() == []


def test_WS_01_frames_without_newlines_between_them() -> None:
    decoder = WatchDecoder(raw_event)
    glued = STREAM.replace(b"\n", b"") + b"\n"
    assert [event.type for event in decoder.feed(glued)] == ["ADDED", "MODIFIED", "BOOKMARK", "ERROR"]


def test_WS_02_an_unknown_type_is_an_error() -> None:
    with pytest.raises(DecodeError, match="got invalid watch event type: GONE"):
        WatchDecoder(raw_event).feed(frame("GONE", "a"))


@pytest.mark.parametrize("line", [b'{"type":"ADDED"}\n', b"nonsense\n", b'{"type":1,"object":{}}\n'])
def test_WS_02_an_undecodable_frame_is_an_error(line: bytes) -> None:
    with pytest.raises(DecodeError, match="unable to decode watch event"):
        WatchDecoder(raw_event).feed(line)


def test_WS_03_events_before_a_broken_frame_are_returned_first() -> None:
    decoder = WatchDecoder(raw_event)
    assert [event.type for event in decoder.feed(frame("ADDED", "a") + b"nonsense\n" + frame("ADDED", "b"))] == [
        "ADDED"
    ]
    for last in (lambda: decoder.feed(frame("ADDED", "c")), decoder.finish):
        with pytest.raises(DecodeError, match="unable to decode watch event"):
            last()


def test_the_last_frame_may_lack_its_newline_and_a_torn_one_is_dropped() -> None:
    decoder = WatchDecoder(raw_event)
    decoder.feed(frame("ADDED", "a")[:-1])
    assert [event.type for event in decoder.finish()] == ["ADDED"]
    decoder.feed(frame("ADDED", "a")[:-5])
    assert decoder.finish() == []
    decoder.feed(b'{"type":"ADDED","object":{}')
    assert decoder.finish() == []


def test_events_are_values() -> None:
    assert WatchEvent("ADDED", 1) == WatchEvent("ADDED", 1)
    assert RawWatchEvent("ADDED", b"{}").raw == b"{}"


LIMIT = 16 << 20


@pytest.mark.parametrize("size", [1 << 10, 1 << 16, 1 << 25])
def test_a_frame_beyond_the_limit_is_an_error_and_one_within_it_is_not(size: int) -> None:
    whole = frame("ADDED", "a" * (LIMIT - 100))
    decoder = WatchDecoder(raw_event)
    events = [event for at in range(0, len(whole), size) for event in decoder.feed(whole[at : at + size])]
    assert len(events) == 1
    long = frame("ADDED", "a") + frame("ADDED", "a" * LIMIT)
    seen = []
    with pytest.raises(ProtocolError, match="longer than 16 MiB"):
        for at in range(0, len(long), size):
            seen += decoder.feed(long[at : at + size])
        decoder.finish()
    assert len(seen) == 1


def test_a_frame_without_an_end_is_an_error_before_it_fills_memory() -> None:
    decoder = WatchDecoder(raw_event)
    with pytest.raises(ProtocolError, match="longer than 16 MiB"):
        for _ in range((LIMIT >> 16) + 1):
            decoder.feed(b"x" * (1 << 16))


def test_a_deep_frame_without_newlines_is_an_error_of_ours() -> None:
    with pytest.raises(DecodeError, match="unable to decode watch event"):
        WatchDecoder(raw_event).feed(b"[" * 100_000 + b"\n")
