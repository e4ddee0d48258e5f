"""The base of the models, on a small model of its own and on generated ones."""

from __future__ import annotations

import copy
import gc
from typing import Any, ClassVar

import msgspec
import pytest

from kmagic.api.model import Model, Quantity, decode_item, decode_model
from kmagic.errors import DecodeError
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import ConfigMap, Endpoints, Pod, PodSpec, Secret
from kmagic.models.meta_v1 import ObjectMeta


class Inner(Model, kw_only=True):
    replicas: int | None = None
    from_: str | None = msgspec.field(default=None, name="from")


class Thing(Model, kw_only=True):
    __masked__: ClassVar[tuple[str, ...]] = ("secretText",)

    api_version: str = msgspec.field(default_factory=lambda: "x/v1")
    kind: str = msgspec.field(default_factory=lambda: "Thing")
    cpu: Quantity | None = None
    free_form: Any = None
    inner: Inner = msgspec.field(default_factory=lambda: Inner())
    maybe: Inner | None = None
    names: list[str] = []
    labels: dict[str, str] = {}
    parts: list[Inner] = []
    secret_text: str | None = None
    port: int | str | None = None
    blob: bytes | None = None


def test_wire_names_are_kubernetes() -> None:
    thing = Thing(secret_text="a", inner=Inner(from_="b"), maybe=Inner(), names=["c"], port="http")
    assert thing.to_dict() == {
        "apiVersion": "x/v1",
        "kind": "Thing",
        "secretText": "a",
        "inner": {"from": "b"},
        "maybe": {},
        "names": ["c"],
        "port": "http",
    }


def test_kind_and_version_are_always_filled_and_written() -> None:
    read = Thing.from_json(b"{}")
    assert (read.kind, read.api_version) == ("Thing", "x/v1")
    assert msgspec.json.decode(msgspec.json.encode(read)) == {"apiVersion": "x/v1", "kind": "Thing", "inner": {}}


def test_structs_lists_and_maps_are_never_none() -> None:
    read = Thing.from_json(b"{}")
    assert (read.inner, read.names, read.labels, read.parts) == (Inner(), [], {}, [])
    assert read.maybe is None
    read.names.append("x")
    assert Thing.from_json(b"{}").names == []


@pytest.mark.parametrize(
    "wire",
    [
        '{"inner":null}', '{"names":null}', '{"labels":null}', '{"parts":null}', '{"kind":null,"apiVersion":null}',
        '{"maybe":null}', '{"cpu":null}',
    ],
)  # fmt: skip
def test_null_is_what_was_not_said(wire: str) -> None:
    assert Thing.from_json(wire) == Thing()


def test_null_inside_lists_and_maps_is_empty() -> None:
    read = Thing.from_json('{"names":["a",null],"labels":{"a":null},"parts":[null,{"replicas":null}]}')
    assert read == Thing(names=["a", ""], labels={"a": ""}, parts=[Inner(), Inner()])


def test_null_in_free_form_data_is_kept() -> None:
    read = Thing.from_json('{"freeForm":{"a":null},"names":null}')
    assert read.free_form == {"a": None}


def test_a_bare_number_is_a_quantity() -> None:
    assert Thing.from_dict({"cpu": 2}).cpu == "2"
    assert Thing.from_dict({"cpu": 0.5}).cpu == "0.5"


def test_bytes_are_base64_with_or_without_line_breaks() -> None:
    assert Thing.from_dict({"blob": "aGVs\nbG8="}).blob == b"hello"
    assert Thing(blob=b"hello").to_dict()["blob"] == "aGVsbG8="


def test_the_server_gets_a_required_list_even_when_it_is_empty() -> None:
    assert Pod().to_dict()["spec"] == {"containers": []}
    assert Endpoints().to_dict() == {"apiVersion": "v1", "kind": "Endpoints", "metadata": {}}


def test_fields_are_named_never_positional() -> None:
    with pytest.raises(TypeError):
        Pod("web-0")  # type: ignore[call-arg]  # the mistake under test


def test_fields_it_does_not_know_are_dropped() -> None:
    assert Thing.from_json('{"new":1,"inner":{"other":{}}}') == Thing()


@pytest.mark.parametrize(
    ("wire", "place"),
    [
        ('{"inner":{"replicas":"three"}}', r"\$.inner.replicas"),
        ('{"names":null,"parts":[{"replicas":1.5}]}', r"\$.parts\[0\].replicas"),
        ('{"inner":[]}', r"\$.inner"),
    ],
)
def test_a_wrong_type_is_named_with_its_place(wire: str, place: str) -> None:
    with pytest.raises(DecodeError, match=place):
        Thing.from_json(wire)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(DecodeError, match="nothing where a Thing was expected"):
        Thing.from_json(b"")
    with pytest.raises(DecodeError, match="not the JSON of a Thing"):
        Thing.from_json(b"{")


def test_an_item_is_read_leniently_where_it_must_be_and_a_torn_one_is_told_apart() -> None:
    assert [decode_item(Thing, raw).cpu for raw in (b'{"cpu":"1"}', b'{"cpu":1,"names":null}')] == ["1", "1"]
    for torn in (b'{"cpu":1,"names', b'{"cpu":1}}', b"{}{}"):
        with pytest.raises(msgspec.DecodeError):
            decode_item(Thing, torn)
    with pytest.raises(DecodeError, match=r"\$.cpu"):
        decode_item(Thing, b'{"cpu":[]}')


def test_a_manifest_has_nothing_empty_unless_that_means_something() -> None:
    thing = Thing(maybe=Inner(), parts=[Inner()])
    assert thing.to_manifest() == {"apiVersion": "x/v1", "kind": "Thing", "maybe": {}, "parts": [{}]}


def test_a_pod_volume_keeps_its_empty_dir() -> None:
    wire = {"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}], "containers": [{"name": "a"}]}}
    assert Pod.from_dict(wire).to_manifest()["spec"] == wire["spec"]


def test_a_repr_shows_what_is_set() -> None:
    assert repr(Thing()) == "Thing(api_version='x/v1', kind='Thing')"
    assert repr(Thing(inner=Inner(replicas=0), names=["a"])) == (
        "Thing(api_version='x/v1', kind='Thing', inner=Inner(replicas=0), names=['a'])"
    )


def test_a_repr_never_shows_secrets() -> None:
    secret = Secret.from_dict(
        {
            "metadata": {
                "name": "s",
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"p":"aHVudGVyMg=="}}'},
            },
            "data": {"p": "aHVudGVyMg=="},
            "stringData": {"q": "hunter2"},
        }
    )
    for text in (repr(secret), repr([secret]), f"{secret}", repr({"a": secret})):
        assert "hunter2" not in text
        assert "aHVudGVyMg" not in text
        assert "'p': '***'" in text
    assert "hunter2" not in repr(Thing(secret_text="hunter2"))


def test_managed_fields_are_carried_along_unread() -> None:
    wire = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x", "managedFields": [{"manager": "m", "fieldsV1": {"f:data": {"f:a": {}}}}]},
    }
    config = ConfigMap.from_dict(wire)
    assert config.to_dict() == wire
    assert copy.deepcopy(config) == config
    assert "f:data" not in repr(config)


def test_models_are_equal_by_value() -> None:
    assert Deployment.from_dict({"spec": {"replicas": 2}}) == Deployment.from_dict({"spec": {"replicas": 2}})
    assert Deployment.from_dict({"spec": {"replicas": 2}}) != Deployment.from_dict({"spec": {"replicas": 3}})


def test_models_are_changed_like_any_object() -> None:
    pod = Pod(metadata=ObjectMeta(name="a"), spec=PodSpec(node_name="n1"))
    pod.metadata.labels["app"] = "web"
    pod.spec.node_name = None
    assert pod.to_manifest() == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"app": "web"}}}


def test_models_cost_the_collector_nothing() -> None:
    assert not gc.is_tracked(Pod())


def test_any_struct_can_be_decoded() -> None:
    class Plain(msgspec.Struct):
        names: list[str] = []

    assert decode_model(Plain, b'{"names":null}') == Plain()
