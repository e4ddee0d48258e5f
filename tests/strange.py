"""Bytes that a broken or hostile peer may send, and how many of them the suite tries."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

STRANGE_JSON: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"a": {',
    "a list": b"[1]",
    "null": b"null",
    "text": b'"text"',
    "a page": b"<html>sign in</html>",
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "a key that is no UTF-8": b'{"\xff": 1}',
    "very deep lists": b"[" * 100_000,
    "very deep objects": b'{"a":' * 100_000,
    "a number of many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "a number beyond floats": b'{"a": 1e999}',
    "two objects": b"{}{}",
}

_KEYS = st.sampled_from(
    [
        "kind",
        "apiVersion",
        "metadata",
        "items",
        "status",
        "reason",
        "code",
        "details",
        "causes",
        "retryAfterSeconds",
        "message",
        "type",
        "object",
        "name",
        "resourceVersion",
        "continue",
        "remainingItemCount",
        "columnDefinitions",
        "rows",
        "cells",
        "spec",
        "replicas",
        "selector",
        "labels",
    ]
)
_WORDS = st.sampled_from(
    ["Status", "Failure", "Success", "v1", "PodList", "Pod", "ADDED", "ERROR", "BOOKMARK", "Table", "List", "", "\x00", "é"]
)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def json_like(draw: st.DrawFn) -> bytes:
    """Objects of the API's words with values of any type, sometimes cut short or with a byte changed."""
    data = bytearray(json.dumps(draw(st.dictionaries(_KEYS, _VALUES, max_size=6))).encode())
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.sampled_from([len(data), len(data), len(data) // 2]))])


@st.composite
def mutated(draw: st.DrawFn, *wholes: object) -> Any:
    """One of some right values, with those at a few places replaced by any others."""
    whole = json.loads(json.dumps(draw(st.sampled_from(wholes))))
    for _ in range(draw(st.integers(0, 3))):
        holder, key = draw(st.sampled_from(_places(whole) or [(None, None)]))
        if holder is not None:
            holder[key] = draw(_VALUES)
    return whole


@st.composite
def changed(draw: st.DrawFn, *wholes: object) -> bytes:
    """One of some right answers as JSON, with values at a few places replaced by any others, or cut short."""
    data = json.dumps(draw(mutated(*wholes))).encode()
    return data[: draw(st.sampled_from([len(data)] * 6 + [len(data) // 2]))]


def _places(value: Any) -> list[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in list(pairs) for place in ((value, key), *_places(each))]


def bounded(examples: int) -> settings:
    """So many examples in the suite, and more of them in ``make fuzz``."""
    times = int(os.environ.get("KMAGIC_FUZZ", "1"))
    return settings(max_examples=examples * times, deadline=None, suppress_health_check=list(HealthCheck))
