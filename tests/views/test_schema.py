"""Reading schemas: references, alternatives, lists and maps, and schemas that contain themselves."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.gvk import GroupVersionKind
from kmagic.views.schema import Field, field_paths, kind_field, walk

PREFIX = "#/components/schemas/"
WIDGET = GroupVersionKind("example.com", "v1", "Widget")
SCHEMAS: dict[str, Any] = {
    "com.example.v1.Widget": {
        "description": "A widget.",
        "required": ["spec"],
        "properties": {
            "spec": {
                "allOf": [{"$ref": f"{PREFIX}com.example.v1.WidgetSpec"}],
                "default": {},
                "description": "What it shall be.",
            },
            "free": {"additionalProperties": True, "type": "object"},
        },
        "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}],
    },
    "com.example.v1.WidgetSpec": {
        "description": "WidgetSpec is what a widget shall be.",
        "type": "object",
        "required": ["parts"],
        "properties": {
            "parts": {"items": {"$ref": f"{PREFIX}com.example.v1.Part"}, "type": "array"},
            "labels": {"additionalProperties": {"type": "string", "default": ""}, "type": "object"},
            "byName": {"additionalProperties": {"$ref": f"{PREFIX}com.example.v1.Part"}, "type": "object"},
            "shape": {"type": "string", "enum": ["round", "square"], "default": "round"},
            "port": {"$ref": f"{PREFIX}com.example.IntOrString"},
            "when": {"$ref": f"{PREFIX}com.example.Time"},
            "gone": {"$ref": f"{PREFIX}com.example.Gone"},
            "count": {"type": "integer"},
        },
    },
    "com.example.v1.Part": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "parts": {"items": {"allOf": [{"$ref": f"{PREFIX}com.example.v1.Part"}]}, "type": "array"},
        },
    },
    "com.example.IntOrString": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    "com.example.Time": {"type": "string", "format": "date-time"},
}
DOCUMENT = {"components": {"schemas": SCHEMAS}}


def widget() -> Field:
    found = kind_field(DOCUMENT, WIDGET)
    assert found is not None
    return found


def at(path: str) -> Field:
    trail = walk(widget(), path.split("."))
    assert len(trail) == path.count(".") + 2
    return trail[-1]


def test_a_kind_is_found_by_its_group_version_and_kind() -> None:
    assert widget().name == ""
    assert list(widget().schema.fields) == ["free", "spec"]
    assert kind_field(DOCUMENT, GroupVersionKind("example.com", "v2", "Widget")) is None
    assert kind_field({}, WIDGET) is None


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("spec", "WidgetSpec"),
        ("free", "Object"),
        ("spec.parts", "[]Part"),
        ("spec.parts.name", "string"),
        ("spec.parts.parts", "[]Part"),
        ("spec.labels", "map[string]string"),
        ("spec.byName", "map[string]Part"),
        ("spec.byName.name", "string"),
        ("spec.port", "IntOrString"),
        ("spec.when", "string"),
        ("spec.gone", "Gone"),
        ("spec.count", "integer"),
    ],
)
def test_types_are_worded_as_kubectl_words_them(path: str, type_: str) -> None:
    assert at(path).schema.type == type_


def test_a_field_knows_whether_it_is_required_its_values_and_its_default() -> None:
    assert at("spec").required
    assert at("spec.parts").required
    assert not at("spec.shape").required
    assert at("spec.shape").enum == ("round", "square")
    assert at("spec.shape").default == "round"
    assert at("spec.count").default is None


def test_a_schema_is_one_dict_with_what_it_refers_to() -> None:
    merged = at("spec").schema.merged
    assert merged["required"] == ["parts"]
    assert merged["description"] == "What it shall be."
    assert "allOf" not in merged
    assert at("spec").schema.description == "What it shall be.\nWidgetSpec is what a widget shall be.\n"


def test_a_path_is_walked_as_far_as_it_exists() -> None:
    assert [each.name for each in walk(widget(), ["spec", "parts", "nope", "x"])] == ["", "spec", "parts"]
    assert at("spec.gone").schema.fields == {}
    assert at("free").schema.fields == {}


def test_paths_go_level_by_level_and_end_where_a_schema_contains_itself() -> None:
    paths = field_paths(widget(), 100)
    assert paths[:2] == ["free", "spec"]
    assert paths.index("spec.when") < paths.index("spec.parts.name")
    assert "spec.parts.parts" in paths
    assert "spec.parts.parts.parts" not in paths
    assert field_paths(widget(), 3) == paths[:3]
