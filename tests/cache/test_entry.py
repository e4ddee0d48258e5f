from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api import meta
from kmagic.cache.entry import Entry, OwnerRef, parse_entry, parse_event, parse_whole_entry, parse_whole_event
from kmagic.client.codec import DictCodec, ModelCodec
from kmagic.errors import DecodeError, ExpiredError
from kmagic.models.core_v1 import Pod

POD: dict[str, Any] = {
    "metadata": {
        "name": "web-0",
        "namespace": "shop",
        "uid": "u1",
        "resourceVersion": "12",
        "labels": {"app": "web"},
        "annotations": {"note": 'has "managedFields": inside'},
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "o1", "controller": True}
        ],
        "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {"f:x": {}}}}],
    },
    "spec": {"nodeName": "n1"},
}


def packed(obj: dict[str, Any], indent: int | None = None) -> bytes:
    return json.dumps(obj, separators=(",", ":") if indent is None else None, indent=indent).encode()


def test_an_entry_knows_its_metadata_without_decoding_the_object() -> None:
    entry = Entry.parse(packed(POD))
    assert (entry.key, entry.namespace, entry.name) == ("shop/web-0", "shop", "web-0")
    assert (entry.uid, entry.resource_version, dict(entry.labels)) == ("u1", "12", {"app": "web"})
    assert (entry.created, entry.deleted) == ("2026-01-01T00:00:00Z", "")
    assert entry.owners == (OwnerRef("o1", "StatefulSet", "web", "apps/v1", True),)


def test_metadata_access_of_the_api_package_works_on_entries() -> None:
    entry = Entry.parse(packed(POD))
    assert meta.resource_version(entry) == "12"
    assert meta.controller_of(entry) == entry.owners[0]
    assert meta.creation_timestamp(entry) == entry.created
    assert meta.deletion_timestamp(entry) == entry.deleted


def test_every_reader_owns_what_it_gets() -> None:
    entry = Entry.parse(packed(POD))
    first, second = entry.decode(DictCodec()), entry.decode(DictCodec())
    first["spec"]["nodeName"] = "changed"
    assert second["spec"]["nodeName"] == "n1"
    pod = entry.decode(ModelCodec(Pod))
    assert (pod.kind, pod.spec.node_name) == ("Pod", "n1")


def test_cluster_scoped_objects_have_their_name_as_key() -> None:
    assert Entry.parse(b'{"metadata":{"name":"n1"}}').key == "n1"


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"managedFields": [1], "name": "a"}, id="first"),
        pytest.param({"name": "a", "managedFields": [1], "uid": "u"}, id="between"),
        pytest.param({"name": "a", "managedFields": [1]}, id="last"),
        pytest.param({"managedFields": []}, id="alone"),
        pytest.param({"name": "a", "managedFields": None}, id="null"),
        pytest.param({"name": "a"}, id="none"),
    ],
)
@pytest.mark.parametrize("spec", [{}, {"template": {"metadata": {"managedFields": [1]}}}], ids=["plain", "nested too"])
@pytest.mark.parametrize("indent", [None, 2], ids=["packed", "pretty"])
@pytest.mark.parametrize("order", [1, -1], ids=["metadata first", "metadata last"])
def test_managed_fields_of_the_object_itself_are_cut(
    members: dict[str, Any], spec: dict[str, Any], indent: int | None, order: int
) -> None:
    obj = dict([("metadata", members), ("spec", spec)][::order])
    kept = json.loads(parse_entry(packed(obj, indent)).raw)
    members = {k: v for k, v in members.items() if k != "managedFields"}
    assert kept == {"metadata": members, "spec": spec}


@given(
    st.recursive(
        st.none() | st.text(max_size=6) | st.sampled_from(['"managedFields":', "managedFields"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["managedFields", "metadata", "x"]), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_nothing_but_managed_fields_is_lost(value: Any) -> None:
    obj = {"before": value, "metadata": {"name": "a", "managedFields": value, "uid": "u"}, "after": value}
    entry = parse_entry(packed(obj))
    expected = {"before": value, "metadata": {"name": "a", "uid": "u"}, "after": value}
    assert json.loads(entry.raw) == expected


def test_all_bytes_are_kept_where_managed_fields_are_wanted() -> None:
    assert parse_whole_entry(packed(POD)).raw == packed(POD)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"metadata":{"name":1}}', b'{"metadata":{}}{"metadata":{}}'])
def test_what_is_not_an_object_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        Entry.parse(raw)


def test_a_repr_holds_no_data() -> None:
    assert "n1" not in repr(Entry.parse(packed(POD)))


OBJECT = b'{"kind":"Pod","metadata":{"name":"a","uid":"u","managedFields":[{"manager":"m"}]},"spec":{"x":"}"}}'


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b'{"type":"ADDED","object":%s}', id="as servers write it"),
        pytest.param(b'{"type": "ADDED", "object": %s}', id="spaces"),
        pytest.param(b' {"type":"ADDED","object":%s} \r', id="spaces around"),
        pytest.param(b'{"object":%s,"type":"ADDED"}', id="object first"),
        pytest.param(b'{"type":"ADDED","object":%s,"more":1}', id="something after the object"),
        pytest.param(b'{"type":"ADDED","more":{"object":{}},"object":%s}', id="something before the object"),
    ],
)
def test_a_frame_is_its_objects_entry_however_it_is_written(frame: bytes) -> None:
    for read_event, read in ((parse_event, parse_entry), (parse_whole_event, parse_whole_entry)):
        event, expected = read_event(frame % OBJECT), read(OBJECT)
        assert event.type == "ADDED"
        assert msgspec.structs.asdict(event.object) == msgspec.structs.asdict(expected)


def test_a_frame_of_an_error_is_the_error() -> None:
    status = b'{"kind":"Status","metadata":{},"code":410,"reason":"Expired","message":"too old"}'
    for read_event in (parse_event, parse_whole_event):
        event = read_event(b'{"type":"ERROR","object":%s}' % status)
        assert (event.type, type(event.object)) == ("ERROR", ExpiredError)


def test_a_frame_that_is_none_of_a_watch_is_refused() -> None:
    for read_event in (parse_event, parse_whole_event):
        with pytest.raises(DecodeError, match="invalid watch event type: GONE"):
            read_event(b'{"type":"GONE","object":%s}' % OBJECT)
        with pytest.raises(msgspec.DecodeError):
            read_event(b'{"type":"ADDED","object":{"metadata":5}}')


def test_an_entry_says_what_the_object_says_of_generation_and_finalizers() -> None:
    obj = {"metadata": {"name": "a", "generation": 7, "finalizers": ["x/y"]}}
    entry = Entry.parse(msgspec.json.encode(obj))
    assert (meta.generation(entry), meta.finalizers(entry)) == (7, ["x/y"])
    bare = Entry.parse(b'{"metadata":{"name":"a","finalizers":null}}')
    assert (meta.generation(bare), meta.finalizers(bare)) == (0, ())
