"""Objects as YAML."""

from __future__ import annotations

from kmagic.api.meta import LAST_APPLIED
from kmagic.views.yaml import neat, to_yaml, without_managed_fields

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "a",
        "uid": "u",
        "resourceVersion": "7",
        "generation": 1,
        "managedFields": [{"manager": "m"}],
        "annotations": {LAST_APPLIED: "{}", "note": "n"},
    },
    "spec": {"x": True},
    "status": {"phase": "Running"},
}


def test_neat_drops_what_only_the_server_needs() -> None:
    assert neat(POD)["metadata"] == {"name": "a", "annotations": {"note": "n"}}
    assert neat({"items": [POD]})["items"] == [neat(POD)]
    assert neat({"a": 1}) == {"a": 1}
    assert POD["metadata"]["uid"] == "u"  # type: ignore[index]


def test_no_empty_annotations_are_left() -> None:
    assert "annotations" not in neat({"metadata": {"annotations": {LAST_APPLIED: "{}"}}})["metadata"]


def test_managed_fields_alone_are_dropped_as_kubectl_does() -> None:
    kept = without_managed_fields(POD)["metadata"]
    assert "managedFields" not in kept
    assert kept["uid"] == "u"
    assert "managedFields" not in without_managed_fields({"items": [POD]})["items"][0]["metadata"]


def test_yaml_is_masked_only_with_a_salt() -> None:
    secret = {"kind": "Secret", "data": {"p": "aGVsbG8="}}
    assert "aGVsbG8=" in to_yaml(secret)
    assert "‹masked 5 B" in to_yaml(secret, b"salt")
    assert to_yaml({"kind": "Pod", "spec": {"x": True}}) == "kind: Pod\nspec:\n  x: true\n"
