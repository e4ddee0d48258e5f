"""Bytes that are not what they should be leave the door as a DecodeError, whatever is wrong with them."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api import door
from kmagic.errors import ArgumentError, DecodeError
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


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ["a"]),
        ("labels", ["a"]),
        ("annotations", "a"),
        ("generation", "1"),
        ("finalizers", {"a": 1}),
        ("ownerReferences", ["a"]),
        ("creationTimestamp", 1),
    ],
)
def test_metadata_are_of_their_types(field: str, value: object) -> None:
    with pytest.raises(DecodeError, match=rf"the answer has a metadata\.{field} (that is a|with items)"):
        door.read_object(msgspec.json.encode({"metadata": {field: value}}), "the answer")
    assert door.check_metadata({"metadata": {field: None}}, "the answer") == {"metadata": {field: None}}


def test_a_function_that_reads_objects_names_the_object_and_quotes_no_value() -> None:
    @door.reads_objects
    def restarts(obj: dict[str, Any]) -> int:
        return sum(int(each["restartCount"]) for each in obj["status"]["containerStatuses"])

    pod = {"kind": "Pod", "metadata": {"name": "web"}, "status": {"containerStatuses": [{"restartCount": "hunter2"}]}}
    with pytest.raises(DecodeError) as caught:
        restarts(pod)
    assert str(caught.value) == 'Pod "web" has a field that is not of the type the API gives it'
    for strange in ({"status": None}, {"status": []}, {"kind": 1, "status": {"containerStatuses": [1]}}):
        with pytest.raises(DecodeError, match=r"^an object has a field"):
            restarts(strange)
    assert restarts({"status": {"containerStatuses": [{"restartCount": 2}]}}) == 2


def test_errors_of_the_tree_pass_a_function_that_reads_objects() -> None:
    @door.reads_objects
    def refuses(obj: dict[str, Any]) -> None:
        raise ArgumentError("no")

    with pytest.raises(ArgumentError, match=r"^no$"):
        refuses({"kind": "Pod"})


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
