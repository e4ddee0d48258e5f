"""A definition is in force when it is answered."""

from typing import Any

from tests.conformance.objects import crd


def test_a_definition_is_served_says_so_and_goes_again(still: Any) -> None:
    made = still.create(crd("x.example.com"))
    found = still.store.get("customresourcedefinitions.apiextensions.k8s.io", "", made.name).decode()
    conditions = {c["type"]: c["status"] for c in found["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert found["status"]["acceptedNames"]["kind"] == "Widget"
    body = {"apiVersion": "x.example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "default"}}
    widget = still.create({**body, "spec": {"size": 1}}).decode()
    assert widget["spec"]["color"] == "red"
