"""A list cut into items while it streams is the list that the JSON decoder would have read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.errors import DecodeError
from kmagic.rest.list_stream import ListDecoder

LOOKALIKE = {"metadata": {"name": 'tricky"},{"metadata":{'}, "spec": {"claims": [{"metadata": {"a": 1}}, {"metadata": {}}]}}


def cut(data: bytes, sizes: list[int]) -> tuple[list[Any], str]:
    decoder, items, at = ListDecoder(), [], 0
    for size in sizes:
        items += decoder.feed(data[at : at + size])
        at += size
    items += decoder.feed(data[at:])
    last, meta = decoder.finish()
    return [json.loads(item) for item in [*items, *last]], meta.resource_version


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["metadata", "spec", "items", "a"]), json_values, max_size=4)


@given(
    items=st.lists(objects | st.just(LOOKALIKE), max_size=8),
    sizes=st.lists(st.integers(1, 40), max_size=30),
    compact=st.booleans(),
    metadata_first=st.booleans(),
)
def test_any_list_in_any_chunks_gives_its_items(
    items: list[Any], sizes: list[int], compact: bool, metadata_first: bool
) -> None:
    head = {"kind": "PodList", "metadata": {"resourceVersion": "7", "items": 1}}
    whole = {**head, "items": items} if metadata_first else {"items": items, **head}
    data = json.dumps(whole, separators=(",", ":") if compact else None).encode()
    assert cut(data, sizes) == (items, "7")


def test_items_come_out_before_the_list_has_ended() -> None:
    decoder = ListDecoder()
    first = decoder.feed(b'{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}},{"metadata":{"na')
    assert [json.loads(item)["metadata"]["name"] for item in first] == ["a", "b"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"items":[{"a":1},{"a":2}', id="ended inside the list"),
        pytest.param(b"<html>", id="not JSON"),
        pytest.param(b'{"kind":"Table","rows":[{"cells":[1]}]}', id="RF-13 a Table is not a list"),
    ],
)
def test_what_is_not_a_whole_list_is_an_error(data: bytes) -> None:
    decoder = ListDecoder()
    decoder.feed(data)
    with pytest.raises(DecodeError):
        decoder.finish()


def test_a_null_list_is_empty_and_the_kind_is_told() -> None:
    decoder = ListDecoder()
    decoder.feed(b'{"kind":"PodList","items":null,"metadata":{"resourceVersion":"3","continue":"x"}}')
    items, meta = decoder.finish()
    assert (items, meta.resource_version, meta.continue_token, decoder.kind) == ([], "3", "x", "PodList")
