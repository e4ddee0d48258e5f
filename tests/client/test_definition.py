"""The schema of a definition, type by type."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from kmagic.api.model import Model
from kmagic.client import definition_of
from kmagic.codegen.crd import render_crds
from kmagic.errors import ArgumentError
from kmagic.models.meta_v1 import ObjectMeta

ANY = {"x-kubernetes-preserve-unknown-fields": True}
RULES = [{"rule": "self >= 0"}]


class Port(Model, kw_only=True):
    """One port."""

    port: int
    name: str | None = None


class Chain(Model, kw_only=True):
    """A thing that contains itself."""

    next: Chain | None = None


class Gadget(Model, kw_only=True):
    """A gadget."""

    resource_info = ("example.com", "v1", "gadgets", True)

    api_version: str = msgspec.field(default_factory=lambda: "example.com/v1")
    kind: str = msgspec.field(default_factory=lambda: "Gadget")
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: Port
    status: Port | None = None


def definition(type_: Any, default: Any = msgspec.NODEFAULT) -> dict[str, Any]:
    """The schema of a field of this type."""
    info = {"resource_info": ("example.com", "v1", "things", False)}
    head = [
        ("api_version", str, msgspec.field(default_factory=lambda: "example.com/v1")),
        ("kind", str, msgspec.field(default_factory=lambda: "Thing")),
    ]
    field = ("field", type_, msgspec.field(default=default))
    model = msgspec.defstruct("Thing", [*head, field], bases=(Model,), namespace=info, kw_only=True)
    [version] = definition_of(model)["spec"]["versions"]  # type: ignore[arg-type]
    found: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    assert found.get("required", []) == (["field"] if default is msgspec.NODEFAULT else [])
    schema: dict[str, Any] = found["properties"]["field"]
    return schema


@pytest.mark.parametrize(
    ("type_", "schema"),
    [
        pytest.param(str, {"type": "string"}, id="str"),
        pytest.param(int, {"type": "integer"}, id="int"),
        pytest.param(float, {"type": "number"}, id="float"),
        pytest.param(bool, {"type": "boolean"}, id="bool"),
        pytest.param(bytes, {"type": "string", "format": "byte"}, id="bytes"),
        pytest.param(Annotated[datetime, Meta(tz=True)], {"type": "string", "format": "date-time"}, id="datetime"),
        pytest.param(Any, ANY, id="Any"),
        pytest.param(dict[str, Any], {"type": "object", **ANY}, id="dict of Any"),
        pytest.param(dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}, id="dict"),
        pytest.param(list[str], {"type": "array", "items": {"type": "string"}}, id="list"),
        pytest.param(list[Any], {"type": "array", "items": ANY}, id="list of Any"),
        pytest.param(
            set[str], {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}, id="set"
        ),
        pytest.param(int | None, {"type": "integer", "nullable": True}, id="nullable"),
        pytest.param(int | str, {"x-kubernetes-int-or-string": True}, id="int or str"),
        pytest.param(Literal["b", "a"], {"type": "string", "enum": ["a", "b"]}, id="enum"),
        pytest.param(Literal["a"] | None, {"type": "string", "enum": ["a"], "nullable": True}, id="nullable enum"),
        pytest.param(
            Annotated[int, Meta(gt=0, le=9)],
            {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 9},
            id="limits",
        ),
        pytest.param(
            Annotated[str, Meta(pattern="^a", min_length=1, max_length=3, description="A word.")],
            {"type": "string", "pattern": "^a", "minLength": 1, "maxLength": 3, "description": "A word."},
            id="text",
        ),
        pytest.param(
            Annotated[int, Meta(extra_json_schema={"x-kubernetes-validations": RULES})],
            {"type": "integer", "x-kubernetes-validations": RULES},
            id="rules",
        ),
        pytest.param(
            Port,
            {
                "type": "object",
                "description": "One port.",
                "properties": {"port": {"type": "integer"}, "name": {"type": "string", "nullable": True}},
                "required": ["port"],
            },
            id="part",
        ),
    ],
)
def test_a_types_schema_is_structural(type_: Any, schema: Any) -> None:
    assert definition(type_) == schema


def test_a_default_is_the_servers_too_unless_it_is_empty() -> None:
    assert definition(int, 3) == {"type": "integer", "default": 3}
    assert definition(int, 0) == {"type": "integer", "default": 0}
    assert definition(int | None, None) == {"type": "integer", "nullable": True}
    assert definition(list[str], []) == {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("type_", "says"),
    [
        pytest.param(int | list[int], "Thing.field: a value of several types", id="union"),
        pytest.param(tuple[int, str], "Thing.field: a list has items of one type", id="tuple"),
        pytest.param(Literal["a", 1], "Thing.field: the values of an enumeration", id="mixed enum"),
        pytest.param(list[Chain], r"Thing.field\[\].next: Chain contains itself", id="recursive"),
        pytest.param(msgspec.Raw, "Thing", id="raw"),
    ],
)
def test_what_a_schema_cannot_say_is_refused_with_its_place(type_: Any, says: str) -> None:
    if type_ is msgspec.Raw:
        with pytest.raises(ArgumentError, match="has no schema"):
            definition(type_, msgspec.Raw(b""))
        return
    with pytest.raises(ArgumentError, match=says):
        definition(type_)


def test_the_names_columns_and_subresources() -> None:
    found = definition_of(
        Gadget,
        columns={"Port": ".spec.port", "Name": ".spec.name", "Age": ".metadata.creationTimestamp", "No": ".a[0]"},
        short_names=("gdt",),
        categories=("all",),
        scale=(".spec.port", ".status.port"),
    )
    assert found["metadata"]["name"] == "gadgets.example.com"
    assert found["spec"]["scope"] == "Namespaced"
    assert found["spec"]["names"] == {
        "plural": "gadgets",
        "singular": "gadget",
        "kind": "Gadget",
        "listKind": "GadgetList",
        "shortNames": ["gdt"],
        "categories": ["all"],
    }
    [version] = found["spec"]["versions"]
    assert version["schema"]["openAPIV3Schema"]["required"] == ["spec"]
    assert {*version["schema"]["openAPIV3Schema"]["properties"]} == {"spec", "status"}
    assert [(each["name"], each["type"]) for each in version["additionalPrinterColumns"]] == [
        ("Port", "integer"),
        ("Name", "string"),
        ("Age", "date"),
        ("No", "string"),
    ]
    assert version["subresources"] == {
        "status": {},
        "scale": {"specReplicasPath": ".spec.port", "statusReplicasPath": ".status.port"},
    }


def test_a_kind_that_would_be_sent_without_its_head_is_refused() -> None:
    class Bare(Model, kw_only=True):
        resource_info = ("example.com", "v1", "bares", True)

        kind: str = "Bare"

    with pytest.raises(ArgumentError, match="without its apiVersion") as caught:
        definition_of(Bare)
    assert caught.value.hint == 'api_version: str = msgspec.field(default_factory=lambda: "example.com/v1")'


def test_a_part_of_an_object_has_no_definition() -> None:
    with pytest.raises(TypeError, match="part of an object"):
        definition_of(Port)


def test_the_classes_of_the_definition_are_the_models_own() -> None:
    source = render_crds([definition_of(Gadget)])
    assert '= ("example.com", "v1", "gadgets", True)' in source
    assert "class GadgetSpec(" in source
