"""Who manages each line of an object's YAML, as the server wrote it into the managed fields."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.views.managers import line_managers
from kmagic.views.yaml import neat, to_yaml


def test_each_field_an_item_of_a_list_and_a_member_of_a_set_has_its_managers() -> None:
    containers = {
        'k:{"name":"web"}': {".": {}, "f:image": {}, "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}}}},
        'k:{"name":"side"}': {"f:image": {}},
    }
    obj = {
        "kind": "Pod",
        "metadata": {
            "name": "p",
            "finalizers": ["example.com/a", "example.com/b"],
            "managedFields": [
                {"manager": "me", "fieldsV1": {"f:spec": {"f:containers": containers}}},
                {"manager": "you", "fieldsV1": {"f:metadata": {"f:finalizers": {'v:"example.com/b"': {}}}}},
                {"manager": "they", "fieldsV1": {"f:spec": {"f:containers": {'k:{"name":"side"}': {"f:image": {}}}}}},
            ],
        },
        "spec": {
            "containers": [
                {"name": "web", "image": "a", "ports": [{"containerPort": 80, "protocol": "TCP"}]},
                {"name": "side", "image": "b"},
            ]
        },
    }
    text = to_yaml(neat(obj))
    found = dict(zip((line.strip() for line in text.split("\n")), line_managers(text, obj), strict=True))
    assert {line: names for line, names in found.items() if names} == {
        "- example.com/b": "you",
        "- image: a": "me",
        "- image: b": "me, they",
        "- containerPort: 80": "me",
    }


@pytest.mark.parametrize(
    "managed", [None, "no list", ["no entry"], [{"fieldsV1": "none"}], [{"fieldsV1": {"f:data": {"k:{broken": {}}}}]]
)
def test_managed_fields_that_are_none_manage_nothing(managed: Any) -> None:
    obj = {"kind": "ConfigMap", "metadata": {"name": "c", "managedFields": managed}, "data": {"a": "b"}}
    text = to_yaml(neat(obj))
    assert set(line_managers(text, obj)) == {""}
