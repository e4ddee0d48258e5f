"""Combining, counting and cutting off events, on a given time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kmagic.api.types import JSONObject
from kmagic.controller.event_correlator import CorrelatorOptions, EventCorrelator, event_name

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def event(message: str = "hello", **about: str) -> JSONObject:
    involved = {"kind": "Pod", "namespace": "shop", "name": "web-0", "uid": "u1", "apiVersion": "v1", **about}
    return {
        "metadata": {"name": f"{involved['name']}.1", "namespace": "shop"},
        "involvedObject": involved,
        "reason": "Started",
        "message": message,
        "type": "Normal",
        "count": 1,
        "firstTimestamp": "2026-01-01T12:00:00Z",
        "lastTimestamp": "2026-01-01T12:00:00Z",
        "source": {"component": "kubelet", "host": "node-1"},
    }


class Stream:
    """A correlator with a time that passes, and a server that always answers."""

    def __init__(self, options: CorrelatorOptions | None = None) -> None:
        self.correlator = EventCorrelator(options)
        self.now = 0.0

    def tell(self, obj: JSONObject, after: float = 0.0) -> tuple[str, int, bool, bool]:
        """(message, count, whether it is a patch, whether it is skipped)"""
        self.now += after
        result = self.correlator.correlate(obj, now=self.now, wall=START + timedelta(seconds=self.now))
        self.correlator.update(result.event)
        return result.event["message"], result.event["count"], result.patch is not None, result.skip


def test_EV_05_the_same_event_again_is_a_patch_of_count_and_time() -> None:
    correlator = EventCorrelator()
    first = correlator.correlate(event(), now=0, wall=START)
    assert first.patch is None
    correlator.update({**first.event, "metadata": {**first.event["metadata"], "resourceVersion": "7"}})
    again = {**event(), "metadata": {"name": "web-0.2", "namespace": "shop"}, "lastTimestamp": "2026-01-01T12:05:00Z"}
    second = correlator.correlate(again, now=1, wall=START)
    assert second.patch == {"count": 2, "lastTimestamp": "2026-01-01T12:05:00Z", "message": "hello"}
    assert second.event["metadata"] == {"name": "web-0.1", "namespace": "shop", "resourceVersion": "7"}
    assert second.event["firstTimestamp"] == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(event(fieldPath="spec.containers{a}"), id="EV-05 field path"),
        pytest.param(event("other"), id="EV-05 message"),
        pytest.param({**event(), "reason": "Stopped"}, id="EV-05 reason"),
        pytest.param({**event(), "type": "Warning"}, id="EV-05 type"),
        pytest.param({**event(), "source": {"component": "x"}}, id="EV-05 source"),
    ],
)
def test_different_events_are_counted_apart(other: JSONObject) -> None:
    stream = Stream()
    stream.tell(event())
    assert stream.tell(other)[1:3] == (1, False)


def test_EV_04_A26_from_the_tenth_message_on_similar_events_are_one() -> None:
    stream = Stream()
    for n in range(9):
        assert stream.tell(event(f"message {n}")) == (f"message {n}", 1, False, False)
    assert stream.tell(event("message 9")) == ("(combined from similar events): message 9", 1, False, False)
    assert stream.tell(event("message 10")) == ("(combined from similar events): message 10", 2, True, False)
    assert stream.tell(event("message 11", fieldPath="elsewhere"))[1] == 3, "the field path does not tell apart"
    assert stream.tell({**event("message 12"), "reason": "Other"})[0] == "message 12"


def test_EV_04_after_silence_the_messages_are_counted_from_none_again() -> None:
    stream = Stream()
    for n in range(9):
        stream.tell(event(f"message {n}"))
    assert stream.tell(event("message 9"), after=601)[0] == "message 9"
    for n in range(8):
        assert not stream.tell(event(f"again {n}"), after=599)[0].startswith("(combined")
    assert stream.tell(event("one more"), after=600)[0].startswith("(combined")


def test_EV_06_A26_a_flood_about_one_object_is_cut_off_and_trickles_on() -> None:
    stream = Stream()
    skipped = [stream.tell(event())[3] for _ in range(26)]
    assert skipped == [False] * 25 + [True]
    assert stream.tell({**event(), "reason": "Other"})[3], "the reason does not tell apart"
    assert not stream.tell({**event(), "type": "Warning"})[3], "the type does"
    assert not stream.tell(event(name="web-1"))[3]
    assert stream.tell(event(), after=299)[3]
    assert not stream.tell(event(), after=2)[3]


def test_EV_06_what_is_one_object_can_be_said() -> None:
    stream = Stream(CorrelatorOptions(burst=1, spam_key=lambda obj: (obj["reason"],)))
    assert not stream.tell(event())[3]
    assert stream.tell(event(name="web-1"))[3]
    assert not stream.tell({**event(), "reason": "Other"})[3]


def test_EV_04_the_least_recent_is_forgotten_first() -> None:
    stream = Stream(CorrelatorOptions(cache_size=2))
    stream.tell(event("a"))
    stream.tell(event("b"))
    assert stream.tell(event("a"))[1] == 2
    stream.tell(event("c"))
    assert stream.tell(event("b"))[1] == 1, "forgotten"
    assert stream.tell(event("b"))[1] == 2


def test_EV_01_a_name_is_the_objects_and_the_moment_in_hexadecimal() -> None:
    assert event_name("web-0", START) == f"web-0.{int(START.timestamp()) * 10**9:x}"
    assert event_name("web-0", START, 1) != event_name("web-0", START)
