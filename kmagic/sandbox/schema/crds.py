"""CustomResourceDefinitions: what they add to the catalog, and the schemas, columns and defaults of their resources.

Source: staging/src/k8s.io/apiextensions-apiserver, kubernetes v1.37.2.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kmagic.api.jsonpath import JSONPath
from kmagic.api.types import JSONObject
from kmagic.api.versions import version_key
from kmagic.rest.resource import APIResource
from kmagic.sandbox.printers.ages import Ages, rfc3339
from kmagic.sandbox.printers.columns import Column
from kmagic.sandbox.printers.table import TableFormat
from kmagic.sandbox.schema import schemas
from kmagic.sandbox.schema.resources import Resource, Subresource

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kmagic.sandbox.schema.resources import Catalog

__all__ = ("CRD", "CustomSchemas", "established_status")

CRD = "customresourcedefinitions.apiextensions.k8s.io"

OBJECT_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
PART_VERBS = ("get", "patch", "update")


class CustomSchemas:
    """What is known of custom resources beyond the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._versions: dict[tuple[str, str, str], JSONObject] = {}

    def install(self, definition: JSONObject) -> None:
        """Serve what a CustomResourceDefinition defines, replacing what it defined before."""
        spec = definition["spec"]
        served = [version for version in spec["versions"] if version.get("served")]
        # apiextensions orders versions by priority; the catalog's first is the preferred one
        ordered = sorted(served, key=lambda version: version_key(version["name"]))
        found = {version["name"]: _resource(spec, version) for version in ordered}
        for version in ordered:
            self._versions[spec["group"], version["name"], spec["names"]["plural"]] = version
        self._catalog.set_custom(spec["group"], found, plural=spec["names"]["plural"])

    def remove(self, definition: JSONObject) -> None:
        """Stop serving what a CustomResourceDefinition defined."""
        spec = definition["spec"]
        self._catalog.remove_custom(spec["group"], spec["names"]["plural"])
        for version in spec["versions"]:
            self._versions.pop((spec["group"], version["name"], spec["names"]["plural"]), None)

    def version(self, resource: Resource) -> JSONObject:
        """The version's entry of the CustomResourceDefinition."""
        return self._versions[resource.type.group, resource.type.version, resource.type.resource]

    def schema(self, resource: Resource) -> schemas.Schema:
        """The structural schema of whole objects, with apiVersion, kind and metadata."""
        structural = (self.version(resource).get("schema") or {}).get("openAPIV3Schema") or {}
        meta = {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"$ref": f"{schemas.PREFIX}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
        }
        if not structural.get("properties"):
            return {**structural, "type": "object"}
        return structural | {"properties": structural["properties"] | meta}

    def default(self, resource: Resource, obj: JSONObject) -> None:
        """Fill the schema's defaults in place."""
        structural = (self.version(resource).get("schema") or {}).get("openAPIV3Schema") or {}
        _default(obj, structural)

    def table(self, resource: Resource) -> TableFormat:
        """The table of the resource: name, the additional printer columns, and age when there are none."""
        wanted = self.version(resource).get("additionalPrinterColumns") or [
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
        ]
        columns = [Column("Name", format="name")]
        columns += [
            Column(c["name"], c["type"], c.get("format", ""), c.get("description", ""), c.get("priority", 0))
            for c in wanted
        ]
        return TableFormat(columns, _cells(wanted))


def established_status(definition: JSONObject, now: Callable[[], datetime]) -> JSONObject:
    """The status of a CustomResourceDefinition that is served."""
    spec = definition["spec"]
    names = dict(spec["names"])
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", names["kind"] + "List")
    time = rfc3339(now())
    conditions = [
        {
            "lastTransitionTime": time,
            "message": "no conflicts found",
            "reason": "NoConflicts",
            "status": "True",
            "type": "NamesAccepted",
        },
        {
            "lastTransitionTime": time,
            "message": "the initial names have been accepted",
            "reason": "InitialNamesAccepted",
            "status": "True",
            "type": "Established",
        },
    ]
    stored = [version["name"] for version in spec["versions"] if version.get("storage")]
    return {"acceptedNames": names, "conditions": conditions, "storedVersions": stored}


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
    )


def _default(value: Any, schema: JSONObject) -> None:
    if isinstance(value, dict):
        for name, child in (schema.get("properties") or {}).items():
            if name not in value and "default" in child:
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


def _cells(columns: list[JSONObject]) -> Callable[[JSONObject, Ages], list[Any]]:
    paths = [(column, JSONPath(column["jsonPath"])) for column in columns]

    def row(obj: JSONObject, ages: Ages) -> list[Any]:
        return [obj["metadata"]["name"], *(_cell(obj, column, path, ages) for column, path in paths)]

    return row


def _cell(obj: JSONObject, column: JSONObject, path: JSONPath, ages: Ages) -> Any:
    found = path.find(obj)
    if not found or found[0] is None:
        return None
    value = found[0]
    match column["type"]:
        case "date":
            return ages.since(value) if isinstance(value, str) else "<unknown>"
        case "integer":
            return int(value) if isinstance(value, int | float) else None
        case "string":
            return value if isinstance(value, str) and len(found) == 1 else path.render(obj)
    return value
