"""Bytes that a broken or hostile peer may send where JSON is expected."""

from __future__ import annotations

import json

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
