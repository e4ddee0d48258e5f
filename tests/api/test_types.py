"""The two shapes of untyped data are importable names and nothing more."""

from __future__ import annotations

from kmagic.api.types import JSON, JSONObject


def test_an_object_is_json() -> None:
    obj: JSONObject = {"kind": "Pod", "spec": {"replicas": 1}}
    value: JSON = obj
    assert value == {"kind": "Pod", "spec": {"replicas": 1}}
