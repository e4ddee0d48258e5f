"""The OpenAPI definitions of a custom resource: its objects, and their list.

Source: staging/src/k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder/builder.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.schema import schemas

if TYPE_CHECKING:
    from kmagic.sandbox.schema.resources import Resource

__all__ = ("definitions", "name_of")

META = "io.k8s.apimachinery.pkg.apis.meta.v1."
CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
OBJECT_META = f"Standard object's metadata. More info: {CONVENTIONS}#metadata"
LIST_META = f"Standard list metadata. More info: {CONVENTIONS}#types-kinds"
EMBEDDED_VERSION = (
    f"apiVersion defines the versioned schema of this representation of an object. More info: {CONVENTIONS}#resources"
)
EMBEDDED_KIND = (
    f"kind is a string value representing the type of this object. In CamelCase. More info: {CONVENTIONS}#types-kinds"
)
PRESERVES = "x-kubernetes-preserve-unknown-fields"


def name_of(resource: Resource) -> str:
    """The name of the definition of a custom resource's objects."""
    return ".".join([*reversed(resource.type.group.split(".")), resource.type.version, resource.type.kind])


def definitions(resource: Resource, structural: JSONObject, *, v2: bool) -> dict[str, schemas.Schema]:
    """The definitions of a custom resource by their names.

    Args:
        resource: The custom resource in one version.
        structural: The schema in its CustomResourceDefinition.
        v2: Whether they are for the v2 document, whose clients take what is not named for forbidden.
    """
    name = name_of(resource)
    if not structural or (v2 and structural.get(PRESERVES)):
        made: JSONObject = {"type": "object"}
    else:
        made = _with_embedded(structural, v2=v2)
        own = {"metadata": _reference("ObjectMeta", OBJECT_META), **_type_meta()}
        made["properties"] = {**(made.get("properties") or {}), **own}
    made["x-kubernetes-group-version-kind"] = [_gvk(resource, resource.type.kind)]
    listed = f"{name.removesuffix(resource.type.kind)}{resource.list_kind}"
    return {name: made, listed: _list(resource, name)}


def _list(resource: Resource, name: str) -> JSONObject:
    items = {
        "description": f"List of {resource.type.resource}. More info: {CONVENTIONS}",
        "type": "array",
        "items": {"$ref": schemas.PREFIX + name},
    }
    return {
        "description": f"{resource.list_kind} is a list of {resource.type.kind}",
        "type": "object",
        "required": ["items"],
        "properties": {**_type_meta(), "items": items, "metadata": _reference("ListMeta", LIST_META)},
        "x-kubernetes-group-version-kind": [_gvk(resource, resource.list_kind)],
    }


def _type_meta() -> JSONObject:
    properties = (schemas.find_definition("", "v1", "ConfigMap") or {})["properties"]
    return {name: properties[name] for name in ("apiVersion", "kind")}


def _reference(kind: str, description: str) -> JSONObject:
    return {"allOf": [{"$ref": f"{schemas.PREFIX}{META}{kind}"}], "description": description}


def _gvk(resource: Resource, kind: str) -> JSONObject:
    return {"group": resource.type.group, "kind": kind, "version": resource.type.version}


def _with_embedded(schema: JSONObject, *, v2: bool) -> JSONObject:
    """A copy of a schema in which whole objects inside the object have their own kind and metadata."""
    made = dict(schema)
    if schema.get("properties"):
        made["properties"] = {name: _with_embedded(child, v2=v2) for name, child in schema["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            made[name] = _with_embedded(schema[name], v2=v2)
    if schema.get("x-kubernetes-embedded-resource") and not (v2 and schema.get(PRESERVES)):
        own = {
            "apiVersion": {"type": "string", "description": EMBEDDED_VERSION},
            "kind": {"type": "string", "description": EMBEDDED_KIND},
            "metadata": _reference("ObjectMeta", OBJECT_META),
        }
        made["properties"] = {**(made.get("properties") or {}), **own}
        required = list(made.get("required") or ())
        made["required"] = [*required, *(field for field in ("kind", "apiVersion") if field not in required)]
    return made
