"""Definitions of custom resources; the conformance suite compares them with the real server's."""

from kmagic.rest.resource import APIResource
from kmagic.sandbox.endpoints.openapi_custom import definitions, name_of
from kmagic.sandbox.schema.resources import Resource

WIDGETS = Resource(APIResource("a.example.com", "v1", "widgets", "Widget", namespaced=True), list_kind="WidgetItems")


def test_the_schema_of_the_definition_stays_as_it_is() -> None:
    embedded = {"type": "object", "x-kubernetes-embedded-resource": True, "required": ["kind"]}
    schema = {"type": "object", "properties": {"of": {"type": "array", "items": embedded}}}
    found = definitions(WIDGETS, schema, v2=True)
    assert list(found) == ["com.example.a.v1.Widget", "com.example.a.v1.WidgetItems"]
    assert name_of(WIDGETS) in found
    inner = found["com.example.a.v1.Widget"]["properties"]["of"]["items"]
    assert inner["required"] == ["kind", "apiVersion"]
    assert embedded == {"type": "object", "x-kubernetes-embedded-resource": True, "required": ["kind"]}
    assert "metadata" not in schema["properties"]


def test_a_definition_without_a_schema_says_that_it_is_an_object() -> None:
    found = definitions(WIDGETS, {}, v2=False)["com.example.a.v1.Widget"]
    assert sorted(found) == ["type", "x-kubernetes-group-version-kind"]
