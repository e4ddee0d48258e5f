"""Bytes that are not what they should be leave the door as a DecodeError, whatever is wrong with them."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api import door
from kmagic.errors import DecodeError
from tests.strange import STRANGE_JSON, json_like


class Thing(msgspec.Struct):
    name: str = ""
    count: int = 0


@pytest.mark.parametrize("data", STRANGE_JSON.values(), ids=STRANGE_JSON)
def test_what_is_no_object_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError, match=r"^the answer "):
        door.read_object(data, "the answer")


@pytest.mark.parametrize("kind", ["text", [], 1, True])
def test_metadata_is_an_object(kind: object) -> None:
    with pytest.raises(DecodeError, match="the answer has metadata that is a"):
        door.read_object(msgspec.json.encode({"metadata": kind}), "the answer")
    assert door.read_object(b'{"metadata": null}', "the answer") == {"metadata": None}


def test_another_type_is_a_decode_error_that_says_where() -> None:
    with pytest.raises(DecodeError, match=r"the answer is not readable: Expected `int`, got `str` - at `\$.count`"):
        door.read_json(b'{"count": "a"}', "the answer", Thing)
    with pytest.raises(DecodeError, match="the answer is not readable"):
        door.convert({"count": "a"}, "the answer", Thing)
    assert door.convert({"count": 2}, "the answer", Thing) == Thing(count=2)


@given(st.binary(max_size=50) | json_like())
def test_any_bytes_are_a_value_or_our_error(data: bytes) -> None:
    for read in (door.read_json, door.read_object, lambda *it: door.read_json(*it, Thing)):
        with contextlib.suppress(DecodeError):
            read(data, "it")
