from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.codec import BytesCodec, DictCodec, ListReader, MetadataCodec, ModelCodec, ResourceList
from kmagic.errors import DecodeError
from kmagic.models.core_v1 import Pod, Secret
from kmagic.rest.resource import APIResource

PODS = APIResource(group="", version="v1", resource="pods", kind="Pod", namespaced=True)


def read_list(
    codec: BytesCodec | DictCodec | MetadataCodec | ModelCodec[Any], data: bytes, size: int = 10
) -> ResourceList:
    """Reads a list in pieces of so many bytes."""
    reader = ListReader(codec)
    for at in range(0, len(data), size):
        reader.feed(data[at : at + size])
    return reader.finish(PODS)


LIST = b"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"c","remainingItemCount":3},
"items":[{"metadata":{"name":"a"}},{"kind":"Pod","apiVersion":"v1","metadata":{"name":"b"}}]}"""


def test_dicts_come_whole_and_lists_fill_in_the_kind() -> None:
    found = read_list(DictCodec(), LIST)
    assert [item["metadata"]["name"] for item in found] == ["a", "b"]
    assert all((item["apiVersion"], item["kind"]) == ("v1", "Pod") for item in found)
    assert list(found[0]) == ["apiVersion", "kind", "metadata"]
    assert (found.resource_version, found.continue_token, found.remaining_item_count) == ("7", "c", 3)
    assert DictCodec().decode(b'{"x":{"unknown":1}}') == {"x": {"unknown": 1}}


def test_models() -> None:
    codec = ModelCodec(Pod)
    pod = codec.decode(b'{"metadata":{"name":"a","unknown":1},"spec":{"containers":null}}')
    assert (pod.kind, pod.api_version, pod.metadata.name) == ("Pod", "v1", "a")
    assert codec.from_dict(codec.to_dict(pod)) == pod
    assert codec.decode(codec.encode(pod)) == pod
    found = read_list(codec, LIST)
    assert [(item.kind, item.metadata.name) for item in found] == [("Pod", "a"), ("Pod", "b")]


@pytest.mark.parametrize("items", [b',"items":null', b',"items":[]'])
def test_a_list_without_items_is_empty(items: bytes) -> None:
    data = b'{"kind":"PodList","metadata":{"resourceVersion":"7"}' + items + b"}"
    for codec in (DictCodec(), ModelCodec(Pod), MetadataCodec()):
        found = read_list(codec, data)
        assert (len(found), found.resource_version) == (0, "7")


def test_RE_33_metadata_of_a_whole_object_is_cut_down() -> None:
    codec = MetadataCodec()
    full = b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{}}'
    cut = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {"name": "a"}}
    assert codec.decode(full) == cut
    assert read_list(codec, LIST)[0] == cut
    part = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a"}}'
    assert codec.decode(part) == cut
    with pytest.raises(DecodeError, match="incoming object did not match"):
        codec.decode(b'{"metadata":{}}')


def test_RE_33_metadata_is_asked_for() -> None:
    assert MetadataCodec.accept.startswith("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
    assert MetadataCodec.accept_list.startswith("application/json;as=PartialObjectMetadataList;")


@pytest.mark.parametrize("codec", [DictCodec(), ModelCodec(Pod)])
@pytest.mark.parametrize("data", [b"", b"nonsense", b"[]"])
def test_RE_19_what_is_no_object_is_an_error(codec: DictCodec | ModelCodec[Any], data: bytes) -> None:
    with pytest.raises(DecodeError):
        codec.decode(data)
    with pytest.raises(DecodeError):
        read_list(codec, data)


def test_a_list_is_a_sequence_that_hides_its_items() -> None:
    found = ResourceList([Secret(data={"k": "c2VjcmV0"})], resource_version="7", continue_token="c", kind="SecretList")
    assert found[0] is found.items[0]
    assert found[:1] == found.items
    assert len(found) == 1
    assert repr(found) == "<SecretList of 1, resource version 7, more on the server>"


def test_bytes_stay_what_came_and_lists_fill_in_the_kind() -> None:
    found = read_list(BytesCodec(), LIST)
    assert list(found) == [
        b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}',
        b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"b"}}',
    ]
    codec = BytesCodec()
    assert codec.complete(b"{ }", "Pod", "v1") == b'{"apiVersion":"v1","kind":"Pod"}'
    assert codec.decode(b'{"x":1}') == codec.encode(b'{"x":1}') == b'{"x":1}'
    assert codec.from_dict(codec.to_manifest(b'{"x":1}')) == b'{"x":1}'
    with pytest.raises(DecodeError):
        codec.decode(b"[]")
