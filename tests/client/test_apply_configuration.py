"""What a manager owns of an object, by its managed fields."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client import extract
from kmagic.errors import ArgumentError, DecodeError

OBJECT: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"a": "1", "b": "2"}, "finalizers": ["x.y/a", "x.y/b"]},
    "spec": {
        "selector": {"app": "web", "tier": "front"},
        "ports": [{"port": 80, "protocol": "TCP", "name": "http"}, {"port": 81, "protocol": "TCP", "name": "admin"}],
        "externalIPs": ["10.0.0.1"],
    },
    "status": {"loadBalancer": {}},
}
LABELS = {"f:metadata": {"f:labels": {"f:b": {}}}}


def owned(fields: Any, *, manager: str = "me", operation: str = "Apply", subresource: str = "") -> dict[str, Any]:
    entry = {"manager": manager, "operation": operation, "fieldsV1": fields}
    return {**entry, "subresource": subresource} if subresource else entry


def with_fields(*entries: dict[str, Any]) -> dict[str, Any]:
    return {**OBJECT, "metadata": {**OBJECT["metadata"], "managedFields": [*entries]}}


def parts(found: dict[str, Any]) -> dict[str, Any]:
    """What is found beside the head that is always there."""
    head = {key: value for key, value in found["metadata"].items() if key not in ("name", "namespace")}
    rest = {key: value for key, value in found.items() if key not in ("apiVersion", "kind", "metadata")}
    return {**rest, **({"metadata": head} if head else {})}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(LABELS, {"metadata": {"labels": {"b": "2"}}}, id="one of a map"),
        pytest.param(
            {"f:spec": {"f:selector": {}}}, {"spec": {"selector": {"app": "web", "tier": "front"}}}, id="atomic map"
        ),
        pytest.param({"f:spec": {"f:externalIPs": {}}}, {"spec": {"externalIPs": ["10.0.0.1"]}}, id="atomic list"),
        pytest.param(
            {"f:metadata": {"f:finalizers": {'v:"x.y/b"': {}}}}, {"metadata": {"finalizers": ["x.y/b"]}}, id="of a set"
        ),
        pytest.param(
            {"f:spec": {"f:ports": {'k:{"port":81,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:name": {}}}}},
            {"spec": {"ports": [{"port": 81, "name": "admin"}]}},
            id="an item by its keys",
        ),
        pytest.param(
            {"f:spec": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {}}}},
            {"spec": {"ports": [{"port": 80, "protocol": "TCP", "name": "http"}]}},
            id="a whole item",
        ),
        pytest.param({"f:spec": {"f:clusterIP": {}}}, {"spec": {}}, id="what is gone"),
    ],
)
def test_a_managers_fields_are_found(fields: Any, found: Any) -> None:
    assert parts(extract(with_fields(owned(fields)), "me")) == found


def test_a_map_that_was_applied_empty_holds_nothing_of_its_manager() -> None:
    obj = with_fields(owned({"f:metadata": {"f:labels": {}}}), owned(LABELS, manager="other", operation="Update"))
    assert parts(extract(obj, "me")) == {}


def test_only_what_was_applied_to_the_same_subresource_counts() -> None:
    obj = with_fields(owned(LABELS, operation="Update"), owned({"f:status": {}}, subresource="status"))
    assert parts(extract(obj, "me")) == {}
    assert parts(extract(obj, "me", subresource="status")) == {"status": {"loadBalancer": {}}}
    assert extract(obj, "nobody") == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
    }


def test_what_was_extracted_is_a_copy() -> None:
    obj = with_fields(owned({"f:spec": {"f:selector": {}}}))
    extract(obj, "me")["spec"]["selector"]["app"] = "other"
    assert obj["spec"]["selector"]["app"] == "web"


def test_an_object_that_cannot_say_who_owns_what_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="no managed fields"):
        extract(OBJECT, "me")
    with pytest.raises(DecodeError):
        extract(with_fields(owned("f:spec")), "me")
    with pytest.raises(DecodeError):
        extract(with_fields(owned({"f:spec": {"f:ports": {"k:{": {}}}})), "me")
