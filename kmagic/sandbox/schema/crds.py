"""CustomResourceDefinitions: what they add to the catalog, and the schemas and defaults of their resources.

Source: staging/src/k8s.io/apiextensions-apiserver, kubernetes v1.37.2.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kmagic.api.types import JSONObject
from kmagic.rest.resource import APIResource
from kmagic.sandbox.schema import schemas
from kmagic.sandbox.schema.resources import Resource, Subresource

if TYPE_CHECKING:
    from kmagic.sandbox.schema.resources import Catalog

__all__ = ("CRD", "CustomSchemas")

CRD = "customresourcedefinitions.apiextensions.k8s.io"

OBJECT_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
PART_VERBS = ("get", "patch", "update")


class CustomSchemas:
    """The schemas of custom resources, beyond the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._versions: dict[tuple[str, str, str], JSONObject] = {}

    def install(self, definition: JSONObject) -> None:
        """Serves the resource of a CustomResourceDefinition in place of its earlier one."""
        spec = definition["spec"]
        served = [version for version in spec["versions"] if version.get("served")]
        found = {version["name"]: _resource(spec, version) for version in served}
        for version in served:
            self._versions[spec["group"], version["name"], spec["names"]["plural"]] = version
        self._catalog.set_custom(spec["group"], found, plural=spec["names"]["plural"])

    def remove(self, definition: JSONObject) -> None:
        """Stops serving the resource of a CustomResourceDefinition."""
        spec = definition["spec"]
        self._catalog.remove_custom(spec["group"], spec["names"]["plural"])
        for version in spec["versions"]:
            self._versions.pop((spec["group"], version["name"], spec["names"]["plural"]), None)

    def version(self, resource: Resource) -> JSONObject:
        """The version's entry of the CustomResourceDefinition."""
        return self._versions[resource.type.group, resource.type.version, resource.type.resource]

    def structural(self, resource: Resource) -> schemas.Schema:
        """The schema in the version's entry, {} when it has none."""
        found: schemas.Schema = (self.version(resource).get("schema") or {}).get("openAPIV3Schema") or {}
        return found

    def schema(self, resource: Resource) -> schemas.Schema:
        """The structural schema of whole objects, with apiVersion, kind and metadata."""
        structural = self.structural(resource)
        meta = {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"$ref": f"{schemas.PREFIX}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
        }
        if not structural.get("properties"):
            return {**structural, "type": "object"}
        return structural | {"properties": structural["properties"] | meta}

    def scale_paths(self, resource: Resource) -> JSONObject:
        """The paths to the numbers of replicas of a resource with a scale, and to its selector as text."""
        if resource.custom:
            paths: JSONObject = self.version(resource)["subresources"]["scale"]
            return paths
        return {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}

    def default(self, resource: Resource, obj: JSONObject) -> None:
        """Fills the schema's defaults in place."""
        _default(obj, self.structural(resource))


def _resource(spec: JSONObject, version: JSONObject) -> Resource:
    names = spec["names"]
    wanted = version.get("subresources") or {}
    parts: dict[str, Subresource] = {}
    if "status" in wanted:
        parts["status"] = Subresource(names["kind"], spec["group"], version["name"], PART_VERBS)
    if "scale" in wanted:
        parts["scale"] = Subresource("Scale", "autoscaling", "v1", PART_VERBS)
    return Resource(
        APIResource(
            group=spec["group"],
            version=version["name"],
            resource=names["plural"],
            kind=names["kind"],
            namespaced=spec["scope"] == "Namespaced",
            singular=names.get("singular") or names["kind"].lower(),
            short_names=tuple(names.get("shortNames") or ()),
            categories=tuple(names.get("categories") or ()),
            verbs=OBJECT_VERBS,
            subresources=tuple(parts),
        ),
        parts=parts,
        list_kind=names.get("listKind") or names["kind"] + "List",
        custom=True,
        selectable=tuple(each["jsonPath"].removeprefix(".") for each in version.get("selectableFields") or ()),
    )


def _default(value: Any, schema: JSONObject) -> None:
    if isinstance(value, dict):
        for name, child in (schema.get("properties") or {}).items():
            if name not in value and child.get("default") is not None:
                value[name] = copy.deepcopy(child["default"])
            if name in value:
                _default(value[name], child)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for item in value.values():
                _default(item, extra)
    elif isinstance(value, list):
        for item in value:
            _default(item, schema.get("items") or {})
