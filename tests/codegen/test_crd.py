"""Models for custom resources."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kmagic.codegen.crd import CRDError, model_specs, render_crds

SCHEMA: dict[str, Any] = {
    "description": "A widget. With more to say.",
    "type": "object",
    "required": ["spec"],
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["size", "ports", "mode"],
            "properties": {
                "size": {"type": "integer"},
                "ratio": {"type": "number", "nullable": True},
                "on": {"type": "boolean"},
                "from": {"type": "string"},
                "list": {"type": "array", "items": {"type": "string", "nullable": True}},
                "ports": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"port": {"x-kubernetes-int-or-string": True}, "hostIP": {"type": "string"}},
                    },
                },
                "mode": {"type": "object", "properties": {"fast": {"type": "boolean"}}},
                "maybe": {"type": "object", "properties": {"x": {"type": "string"}}},
                "policies": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "properties": {"a": {"type": "integer"}}},
                },
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "template": {
                    "type": "object",
                    "x-kubernetes-embedded-resource": True,
                    "properties": {"kind": {"type": "string"}},
                },
                "anything": {"x-kubernetes-preserve-unknown-fields": True},
                "3d-mode!": {"type": "string"},
            },
        },
        "status": {"type": "object", "properties": {"ready": {"type": "boolean"}}},
    },
}
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [
            {"name": "v1", "storage": True, "served": True, "schema": {"openAPIV3Schema": SCHEMA}},
            {"name": "v2", "storage": False, "served": True, "schema": {"openAPIV3Schema": {"type": "object"}}},
            {"name": "v3", "storage": False, "served": True},
        ],
    },
}
OBJECT: dict[str, Any] = {
    "apiVersion": "example.com/v1",
    "kind": "Widget",
    "metadata": {"name": "a", "namespace": "shop", "labels": {"x": "y"}},
    "spec": {
        "size": 3,
        "ratio": 0.5,
        "on": False,
        "from": "b",
        "list": ["a", None],
        "ports": [{"port": 80, "hostIP": "::1"}, {"port": "web"}],
        "mode": {"fast": True},
        "maybe": {},
        "policies": {"p": {"a": 1}},
        "labels": {"k": "v"},
        "free": {"form": [1, None]},
        "template": {"kind": "Pod", "spec": {}},
        "anything": [1, {"x": None}],
        "3d-mode!": "z",
    },
    "status": {"ready": True},
}


def module(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "widgets"}
    # msgspec looks annotations up in the module of the class.
    import sys
    import types

    made = types.ModuleType("kmagic_test_widgets")
    sys.modules[made.__name__] = made
    exec(compile(source, "widgets.py", "exec"), made.__dict__)
    namespace |= made.__dict__
    return namespace


@pytest.fixture
def widgets() -> dict[str, Any]:
    return module(render_crds([CRD]))


def test_every_field_comes_back(widgets: dict[str, Any]) -> None:
    widget = widgets["Widget"].from_dict(OBJECT)
    assert widget.to_dict() == OBJECT
    assert (widget.spec.from_, widget.spec.ports[1].port, widget.spec.ports[0].host_ip) == ("b", "web", "::1")
    assert widget.spec.policies["p"].a == 1
    assert widget.metadata.labels == {"x": "y"}


def test_a_widget_is_made_by_hand(widgets: dict[str, Any]) -> None:
    widget = widgets["Widget"]()
    widget.spec.size = 1
    assert (widget.kind, widget.api_version, widget.spec.ports, widget.spec.maybe) == (
        "Widget",
        "example.com/v1",
        [],
        None,
    )
    assert widgets["Widget"].resource_info == ("example.com", "v1", "widgets", True)
    assert widget.to_manifest() == {"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"size": 1}}


def test_classes_are_named_by_their_path(widgets: dict[str, Any]) -> None:
    assert set(widgets["__all__"]) == {
        "Widget",
        "WidgetSpec",
        "WidgetSpecMaybe",
        "WidgetSpecMode",
        "WidgetSpecPolicy",
        "WidgetSpecPort",
        "WidgetStatus",
    }
    assert widgets["Widget"].__doc__ == "A widget."


def test_a_version_can_be_chosen() -> None:
    (spec,) = model_specs(CRD, "v2")
    assert [field.wire for field in spec.fields] == ["apiVersion", "kind", "metadata"]


@pytest.mark.parametrize(
    ("crd", "version", "message"),
    [
        ({"kind": "Pod"}, "", "a Pod is not a CustomResourceDefinition"),
        (CRD, "v9", "has no version v9; it has: v1, v2, v3"),
        (CRD, "v3", "version v3 of widgets.example.com has no schema"),
    ],
)
def test_what_has_no_models_is_refused(crd: dict[str, Any], version: str, message: str) -> None:
    with pytest.raises(CRDError, match=message):
        model_specs(crd, version)


def test_two_kinds_of_one_name_do_not_share_a_file() -> None:
    other = copy.deepcopy(CRD)
    other["spec"]["group"] = "other.com"
    with pytest.raises(CRDError, match="more than one class would be called Widget"):
        render_crds([CRD, other])


def test_words_in_a_description_import_nothing() -> None:
    schema = {"type": "object", "description": "Any Quantity of things.", "properties": {"spec": {"type": "object"}}}
    named = {"name": "v1", "storage": True, "schema": {"openAPIV3Schema": schema}}
    found = render_crds([{**CRD, "spec": {**CRD["spec"], "versions": [named]}}])
    assert '"""Any Quantity of things."""' in found
    assert "from kmagic.api.model import Model\n" in found
