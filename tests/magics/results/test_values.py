"""Results as Python values, and that they never show what a Secret holds."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from kmagic.api.table import Column
from kmagic.errors import KubeError
from kmagic.magics.results.table_text import Looks, Style
from kmagic.magics.results.values import Fields, Hidden, KGroup, KList, KObject, KText, KValues, data_frame, plain
from kmagic.rest.resource import APIResource
from kmagic.views.table import Row, Table

PODS = APIResource("", "v1", "pods", "Pod", True, "pod", ("po",))
COLUMNS = (Column("Name", format="name"), Column("Status"), Column("Restarts", "integer"), Column("IP", priority=1))


def pod(namespace: str, name: str) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": f"u-{name}", "resourceVersion": "7"},
        "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": "nginx"}]},
    }


def pods(*rows: tuple[str, str, str, int]) -> KList:
    table = Table(
        COLUMNS,
        tuple(Row(f"{ns}/{name}", (name, status, n, "10.0.0.1"), ns, name) for ns, name, status, n in rows),
        "Pod",
    )
    looks = Looks(table, Style())
    objects = [KObject(pod(ns, name), looks.only([at]), PODS) for at, (ns, name, _, _) in enumerate(rows)]
    return KList(objects, looks, PODS, "42")


@pytest.fixture
def three() -> KList:
    return pods(("shop", "web-0", "Running", 0), ("shop", "web-1", "Failed", 7), ("test", "web-0", "Running", 2))


def test_a_list_is_a_sequence(three: KList) -> None:
    assert len(three) == 3
    assert three[-1].ns == "test"
    assert three[:2].names == ["web-0", "web-1"]
    assert [each.name for each in three] == three.names
    assert three.rv == "42"


def test_a_list_answers_to_names(three: KList) -> None:
    assert three["web-1"].uid == "u-web-1"
    assert three["test/web-0"].ns == "test"
    with pytest.raises(KeyError, match="several namespaces: shop, test"):
        three["web-0"]
    with pytest.raises(KeyError, match="no pod 'db' in this list"):
        three["db"]


def test_a_list_can_be_narrowed_and_ordered_and_keeps_its_looks(three: KList) -> None:
    assert three.where(status="Running").names == ["web-0", "web-0"]
    assert three.where(lambda each: each.ns == "shop", status="Running").names == ["web-0"]
    assert three.sort("restarts", reverse=True)[0].name == "web-1"
    assert three.sort(lambda each: each.ns, reverse=True)[0].ns == "test"
    assert repr(three.where(status="Failed")).split() == ["NAME", "STATUS", "RESTARTS", "web-1", "Failed", "7"]
    with pytest.raises(KeyError, match="there are: name, status, restarts, ip"):
        three.where(phase="Running")
    with pytest.raises(KeyError, match="no column 'phase'"):
        three.sort("phase")


def test_a_data_frame_has_the_columns_in_lower_case(three: KList) -> None:
    frame = three.df
    assert list(frame.columns) == ["ns", "name", "status", "restarts", "ip"]
    assert frame.groupby("ns").size().to_dict() == {"shop": 2, "test": 1}
    assert frame["restarts"].sum() == 9


@pytest.mark.parametrize("count", [0, 2])
def test_a_data_frame_has_types_also_without_rows(count: int) -> None:
    made = Row("a", ("a", "Running", "5 (3h ago)", True, None, "2m"), "shop", "a", created="2026-01-01T00:00:00Z")
    columns = (
        Column("Name", format="name"), Column("Status"), Column("Restarts"), Column("Ok", "boolean"),
        Column("Ready", "integer"), Column("Age"),
    )  # fmt: skip
    looks = Looks(Table(columns, (made,) * count, "Pod"), Style())
    frame = KList([KObject(pod("shop", "a"), looks, PODS)] * count, looks, PODS).df
    types = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert types == {
        "ns": "object", "name": "object", "status": "category", "restarts": "int64", "ok": "bool",
        "ready": "Int64" if count else "int64", "age": "timedelta64[ns]",
    }  # fmt: skip
    assert len(frame[(frame.restarts > 0) & (frame.age > "1h") & (frame.status == "Running")]) == count


def test_a_result_shows_text_and_html(three: KList) -> None:
    bundle = three._repr_mimebundle_()
    assert bundle["text/plain"] == repr(three)
    assert "<table>" in bundle["text/html"]
    assert three[1]._repr_mimebundle_()["text/plain"].splitlines()[1].startswith("web-1")


def test_fields_are_attributes_in_both_spellings(three: KList) -> None:
    assert three[0].spec.nodeName == three[0].spec.node_name == three[0]["spec"]["nodeName"] == "n1"
    assert three[0].spec.containers[0].image == "nginx"
    assert "containers" in dir(three[0].spec)
    with pytest.raises(AttributeError, match="there are: nodeName, containers"):
        _ = three[0].spec.nope


def test_a_change_through_an_attribute_is_a_change_of_the_object(three: KList) -> None:
    three[0].spec["nodeName"] = "n2"
    three[0].spec.containers[0]["image"] = "redis"
    assert plain(three[0])["spec"] == {"nodeName": "n2", "containers": [{"name": "web", "image": "redis"}]}


def test_a_copy_is_the_plain_object(three: KList) -> None:
    assert type(copy.deepcopy(three[0])) is dict
    assert pickle.loads(pickle.dumps(three[0])) == plain(three[0])
    assert json.loads(json.dumps(three[0])) == pod("shop", "web-0")


def test_yaml_is_neat(three: KList) -> None:
    assert "resourceVersion" not in three[0].yaml()
    assert three.yaml().startswith("apiVersion: v1\nitems:\n")


def test_a_group_answers_to_types(three: KList) -> None:
    group = KGroup([three], "text")
    assert group["pods"] is group["po"] is group[0]
    assert len(group) == 1
    assert repr(group) == "text"
    with pytest.raises(KeyError, match="there are: pods"):
        group["svc"]


def test_text_and_values_show_themselves_as_kubectl_prints_them() -> None:
    assert repr(KText("a: b")) == "a: b"
    assert KText("x")._repr_mimebundle_() == {"text/plain": "x"}
    values = KValues(["a", "b"], "a b")
    assert list(values) == ["a", "b"]
    assert repr(values) == "a b"


SECRET = {
    "kind": "Secret",
    "metadata": {
        "name": "db",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"pw":"aHVudGVyMg=="}}'},
    },
    "data": {"pw": "aHVudGVyMg=="},
    "stringData": {"other": "hunter2"},
}


def test_R8_a_secret_shows_masks_and_gives_its_value_only_when_asked() -> None:
    secret = KObject(SECRET, Looks(Table((Column("Name"),), (Row("db", ("db",)),))))
    shown = f"{secret} {secret!r} {secret['data']} {secret.data.pw} {secret.metadata} {secret.yaml()} {secret._repr_mimebundle_()}"
    assert "hunter2" not in shown
    assert "aHVudGVyMg" not in shown
    assert "‹masked 7 B #" in shown
    assert secret.data.pw.value == "hunter2"
    assert secret.data.pw.bytes == b"hunter2"


def test_R8_a_mask_is_no_text_that_could_be_sent_by_accident() -> None:
    secret = KObject(SECRET, Looks(Table(())))
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert plain(secret) == SECRET


def test_R8_fields_mask_variables_that_sound_secret() -> None:
    fields = Fields({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "fast"}]})
    assert "hunter2" not in repr(fields)
    assert "fast" in repr(fields)


def test_hidden_values_compare() -> None:
    assert Hidden("YQ==") == Hidden("YQ==")
    assert len({Hidden("YQ=="), Hidden("YQ=="), Hidden("Yg==")}) == 2
    assert Hidden("not base64!").value == "not base64!"


def test_a_frame_without_pandas_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(KubeError, match="pip install"):
        data_frame(["a"], [[1]])
