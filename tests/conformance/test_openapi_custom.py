"""The OpenAPI definitions of custom resources, and reviews, which are in no table."""

from __future__ import annotations

import uuid
from typing import Any

import anyio
import msgspec
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from tests.conformance.conftest import established
from tests.conformance.objects import crd
from tests.conformance.test_protocol import raw

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PRESERVED = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
SHAPED = {
    "description": "A thing",
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "nullable": True,
            "properties": {"a": {"type": "string", "maxLength": 5}},
        },
        "inner": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"b": {"type": "string"}}},
        "free": {**PRESERVED, "properties": {"c": {"type": "string"}}},
        "limited": {
            "type": "object",
            "maxProperties": 2,
            "properties": {
                "text": {"type": "string", "title": "T", "pattern": "^a", "minLength": 0, "maxLength": 5},
                "number": {"type": "number", "minimum": 0.5, "exclusiveMinimum": True, "multipleOf": 0.5},
                "several": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
            },
        },
        "list": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
    },
}


async def definitions(client: AsyncClient, schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The two definitions of a custom resource with this schema, by their kinds."""
    group = f"o{uuid.uuid4().hex[:8]}.example.com"
    body = crd(group)
    body["spec"]["versions"] = [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]
    crds = client.resource("customresourcedefinitions")
    await crds.create(body)
    await established(client, f"widgets.{group}")
    name = f"com.example.{group.partition('.')[0]}.v1.Widget"
    try:
        with anyio.fail_after(60):
            while True:  # documents follow a moment after the condition
                try:
                    found = msgspec.json.decode((await raw(client, "GET", path.format(group=group))).body)
                except errors.NotFoundError:
                    found = {}
                listed = found.get("definitions") or (found.get("components") or {}).get("schemas") or {}
                if name in listed:
                    return {"Widget": listed[name], "WidgetList": listed[f"{name}List"]}
                await anyio.sleep(0.2)
    finally:
        await crds.delete(f"widgets.{group}")


async def test_what_may_hold_anything_is_an_object_without_fields_for_old_clients(client: AsyncClient) -> None:
    found = (await definitions(client, PRESERVED, "/openapi/v2"))["Widget"]
    assert sorted(found) == ["type", "x-kubernetes-group-version-kind"]
    assert found["type"] == "object"


async def test_new_clients_see_the_metadata_of_what_may_hold_anything(client: AsyncClient) -> None:
    found = (await definitions(client, PRESERVED, "/openapi/v3/apis/{group}/v1"))["Widget"]
    assert sorted(found["properties"]) == ["apiVersion", "kind", "metadata"]
    assert found["x-kubernetes-preserve-unknown-fields"] is True


@pytest.mark.parametrize("path", ["/openapi/v2", "/openapi/v3/apis/{group}/v1"], ids=["v2", "v3"])
async def test_objects_and_lists_are_described(client: AsyncClient, path: str) -> None:
    found = await definitions(client, SHAPED, path)
    widget, listed = found["Widget"], found["WidgetList"]
    assert widget["description"] == "A thing"
    assert widget["properties"]["metadata"]["description"].startswith("Standard object's metadata.")
    assert widget["properties"]["kind"]["description"].startswith("Kind is a string value representing the REST")
    assert widget["properties"]["inner"]["required"] == ["kind", "apiVersion"]
    assert sorted(widget["properties"]["inner"]["properties"]) == ["apiVersion", "b", "kind", "metadata"]
    assert widget["properties"]["limited"] == SHAPED["properties"]["limited"]
    assert listed["description"] == "WidgetList is a list of Widget"
    assert (listed["required"], listed["properties"]["items"]["type"]) == (["items"], "array")
    assert listed["x-kubernetes-group-version-kind"][0]["kind"] == "WidgetList"
    if path == "/openapi/v2":
        assert "type" not in widget["properties"]["spec"]
        assert "type" not in widget["properties"]["free"]
    else:
        assert widget["properties"]["spec"]["properties"]["a"]["maxLength"] == 5


async def test_reviews_are_in_no_table(client: AsyncClient) -> None:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"nonResourceAttributes": {"path": "/", "verb": "get"}},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    with pytest.raises(errors.NotAcceptableError, match="only the following media types are accepted"):
        await raw(client, "POST", path, body=msgspec.json.encode(review), accept=TABLE)
