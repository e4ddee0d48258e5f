from __future__ import annotations

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.options import ListMeta
from kmagic.errors import DecodeError, ExpiredError
from kmagic.rest.list_stream import ListDecoder, ListHead, check_list
from kmagic.rest.resource import APIResource

_NAMES = st.sampled_from(["metadata", "items", "apiVersion", "kind", "a", "b", '},{"metadata":', '"', "\\", "]"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | _NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_OBJECTS = st.dictionaries(_NAMES | st.text(max_size=5), _JSON, max_size=5)
_LOOKALIKES = st.builds(
    lambda n, more: {"metadata": {"name": "x"}, "spec": [{"metadata": i} for i in range(n)], **more},
    st.integers(0, 12),
    st.fixed_dictionaries({}, optional={"kind": st.text(max_size=4)}),
)


def cut(data: bytes, *sizes: int) -> list[bytes]:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    return [*chunks, data[at:]]


def read(chunks: list[bytes], **options: Any) -> tuple[list[Any], ListMeta]:
    decoder = ListDecoder(**options)
    items = [item for chunk in chunks for item in decoder.feed(chunk)]
    rest, head = decoder.finish()
    return items + rest, head.metadata


def pods(count: int) -> list[dict[str, Any]]:
    return [
        {"metadata": {"name": f"pod-{i}", "labels": {"n": str(i)}}, "spec": {"c": [{"metadata": {"x": 1}}]}}
        for i in range(count)
    ]


def as_list(items: list[Any], indent: int | None = None) -> bytes:
    value = {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": items}
    separators = (",", ":") if indent is None else None
    return json.dumps(value, separators=separators, indent=indent).encode()


@given(
    st.lists(_OBJECTS | _LOOKALIKES, max_size=6),
    st.lists(st.integers(0, 60), max_size=40),
    st.sampled_from([None, 1]),
)
def test_any_chunking_of_any_list_gives_the_same_items(items: list[Any], sizes: list[int], indent: int | None) -> None:
    found, meta = read(cut(as_list(items, indent), *sizes))
    assert [json.loads(raw) for raw in found] == items
    assert meta.resource_version == "7"


@given(st.lists(_JSON, max_size=6), st.lists(st.integers(0, 20), max_size=40))
def test_items_that_are_no_objects_are_cut_as_well(items: list[Any], sizes: list[int]) -> None:
    found, _ = read(cut(as_list(items), *sizes))
    assert [json.loads(raw) for raw in found] == items


def test_items_come_out_before_the_list_ends() -> None:
    data = as_list(pods(20))
    decoder: ListDecoder[bytes] = ListDecoder()
    early = decoder.feed(data[: len(data) // 2])
    assert 8 <= len(early) <= 10
    assert json.loads(early[0])["metadata"]["name"] == "pod-0"


def test_only_the_item_that_is_under_way_is_kept() -> None:
    data = as_list(pods(1000))
    decoder: ListDecoder[bytes] = ListDecoder()
    for at in range(0, len(data), 4096):
        decoder.feed(data[at : at + 4096])
        assert sum(map(len, decoder._pending)) < 8192


def test_bytes_that_look_like_a_cut_inside_an_item_are_no_cut() -> None:
    sets = [
        {"metadata": {"name": f"db-{i}"}, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "a"}, "b": 1}] * 9}}
        for i in range(30)
    ]
    for size in (1, 7, 100, 5000):
        data = as_list(sets)
        found, _ = read([data[i : i + size] for i in range(0, len(data), size)])
        assert [json.loads(raw) for raw in found] == sets


def test_a_chunk_full_of_items_that_defeat_guessing_is_read_without_recursion() -> None:
    sets = [{"metadata": {}, "spec": [{"metadata": 1}, {"metadata": 2}] * 5} for _ in range(3000)]
    found, _ = read([as_list(sets)])
    assert len(found) == 3000


@pytest.mark.parametrize("text", ['"', '"}]', "\\", '\\"},{"metadata":', '},{"metadata":', "\n]"])
def test_quotes_and_brackets_inside_strings_end_nothing(text: str) -> None:
    items = [{"metadata": {"name": text}}, {text: [text]}, {"metadata": text}]
    data = as_list(items)
    for size in (1, 2, 3, len(data)):
        found, _ = read([data[i : i + size] for i in range(0, len(data), size)])
        assert [json.loads(raw) for raw in found] == items


def test_items_that_begin_differently_are_told_apart() -> None:
    items = [
        {"metadata": {"name": "a"}},
        {"kind": "B", "metadata": {}},
        {"metadata": {"name": "c"}},
        {},
        {"metadata": 1},
    ]
    found, _ = read([as_list(items)])
    assert [json.loads(raw) for raw in found] == items


@pytest.mark.parametrize(
    ("data", "version"),
    [
        pytest.param(b'{"kind":"PodList","metadata":{"resourceVersion":"3"},"items":null}', "3", id="null"),
        pytest.param(b'{"metadata":{"resourceVersion":"3"},"items":[]}', "3", id="empty"),
        pytest.param(b'{"metadata":{"resourceVersion":"3"},"items":[ \n ]}', "3", id="only space"),
        pytest.param(b'{"metadata":{"resourceVersion":"3"},"items":null}', "3", id="null"),
        pytest.param(b'{"items":[],"metadata":{"resourceVersion":"3"}}', "3", id="metadata last"),
        pytest.param(b'{"metadata":{"items":["x"],"resourceVersion":"3"},"items":[]}', "3", id="another items"),
        pytest.param(b'{"kind":"items","metadata":{"resourceVersion":"3"},"items":[]}', "3", id="value of that name"),
    ],
)
def test_lists_without_items_still_have_their_metadata(data: bytes, version: str) -> None:
    for size in (1, 5, len(data)):
        found, meta = read([data[i : i + size] for i in range(0, len(data), size)])
        assert (found, meta.resource_version) == ([], version)


def test_metadata_after_the_items_counts() -> None:
    data = b'{"items":[{"metadata":{}},{"metadata":{}}],"metadata":{"resourceVersion":"9","continue":"c","remainingItemCount":4}}'
    _, meta = read([data])
    assert meta == ListMeta(resource_version="9", continue_token="c", remaining_item_count=4)


def test_the_head_is_known_once_items_begin() -> None:
    decoder: ListDecoder[bytes] = ListDecoder()
    data = as_list(pods(3))
    decoder.feed(data[:10])
    assert decoder.head is None
    decoder.feed(data[10:90])
    assert decoder.head == ListHead(kind="PodList", apiVersion="v1", metadata=ListMeta(resource_version="7"))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(as_list(pods(3))[:-20], id="torn in an item"),
        pytest.param(as_list(pods(3))[:-1], id="last bracket missing"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b'{"items":[{"metadata":nope},{"metadata":1}]}', id="broken item"),
    ],
)
def test_a_list_that_is_not_whole_is_an_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        read([data])


def test_a_decoder_makes_the_items_in_one_pass() -> None:
    class Head(msgspec.Struct):
        metadata: dict[str, Any]

    decode = msgspec.json.Decoder(Head).decode
    found, _ = read([as_list(pods(5))], item=decode)
    assert [head.metadata["name"] for head in found] == [f"pod-{i}" for i in range(5)]


def test_rows_of_a_table_are_cut_by_their_own_key() -> None:
    data = json.dumps(
        {"kind": "Table", "columnDefinitions": [{"name": "rows"}], "rows": [{"cells": [1]}, {"cells": [2]}]}
    )
    found, _ = read([data.encode()], key="rows")
    assert [json.loads(raw) for raw in found] == [{"cells": [1]}, {"cells": [2]}]


def test_a_long_beginning_in_crumbs_is_looked_through_a_few_times_and_not_each_time() -> None:
    annotations = {f"a{at}": '"items":[' for at in range(20_000)}
    text = json.dumps({"kind": "PodList", "metadata": {"x": annotations}, "items": [{"metadata": {"name": "a"}}]})
    data = text.encode()
    assert len(data) > 400_000
    items, _ = read([data[at : at + 10] for at in range(0, len(data), 10)])
    assert [json.loads(item) for item in items] == [{"metadata": {"name": "a"}}]


def test_a_long_answer_that_is_no_list_says_so_at_its_end() -> None:
    decoder: ListDecoder[bytes] = ListDecoder()
    for _ in range(50_000):
        assert decoder.feed(b"<p>items</p>") == []
    with pytest.raises(DecodeError, match="not a list"):
        decoder.finish()


PODS = APIResource(group="", version="v1", resource="pods", kind="Pod", namespaced=True)
FOOS = APIResource(group="example.com", version="v1", resource="foos", kind="Foo", namespaced=True)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"items"',
        b"<html>items</html>",
        b'{"items":{}}',
        b'{"kind":"PodList","metadata":{"resourceVersion":"3"}}',
        b'{"kind":"Status","status":"Success"}',
        b'{"items":[{"metadata":"\xff"}]}',
        b"[" * 100_000,
        b'{"items":[' + b"[" * 100_000,
    ],
)
def test_what_is_no_list_is_an_error(text: bytes) -> None:
    with pytest.raises(DecodeError):
        read([text], item=msgspec.json.Decoder(dict[str, Any]).decode)


def test_a_status_where_a_list_was_expected_is_its_error() -> None:
    refusal = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410}
    with pytest.raises(ExpiredError):
        read([json.dumps(refusal).encode()])


@pytest.mark.parametrize(
    ("kind", "api_version", "resource", "fits"),
    [
        ("PodList", "v1", PODS, True),
        ("List", "v1", PODS, True),
        ("PartialObjectMetadataList", "meta.k8s.io/v1", FOOS, True),
        ("FooList", "example.com/v1", FOOS, True),
        ("ManyFoosList", "example.com/v1", FOOS, True),
        ("PodList", "v1", FOOS, False),
        ("ServiceList", "v1", PODS, False),
        ("Pod", "v1", PODS, False),
        ("", "", PODS, False),
    ],
)
def test_a_list_is_one_of_the_resource_that_was_asked_for(
    kind: str, api_version: str, resource: APIResource, fits: bool
) -> None:
    with contextlib.nullcontext() if fits else pytest.raises(DecodeError, match=f"where a list of {resource.resource}"):
        check_list(ListHead(kind=kind, apiVersion=api_version), resource)
