"""The server's own way to its objects."""

from typing import Any

import pytest


def test_an_object_goes_where_its_kind_and_namespace_say(still: Any) -> None:
    made = still.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}})
    assert (made.namespace, made.name) == ("default", "a")
    entry = made.decode()["metadata"]["managedFields"][0] if "managedFields" in made.decode()["metadata"] else {}
    assert entry.get("manager", "kmagic-sandbox") == "kmagic-sandbox"
    node = still.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "namespace": "ignored"}})
    assert node.namespace == ""


def test_a_kind_that_is_not_served_is_an_error(still: Any) -> None:
    with pytest.raises(LookupError, match=r"no resource for x\.io/v1 Thing"):
        still.create({"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "a"}})
