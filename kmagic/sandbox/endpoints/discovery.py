"""Discovery: what the server can do, aggregated and in the old form, its version, and the OpenAPI documents.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/discovery and kube-openapi handler3, kubernetes v1.37.2.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.types import JSONObject
from kmagic.sandbox.endpoints import openapi_custom, openapi_v2
from kmagic.sandbox.schema import schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kmagic.rest.resource import APIResource
    from kmagic.sandbox.schema.crds import CustomSchemas
    from kmagic.sandbox.schema.resources import Catalog, Resource, Subresource

__all__ = ("HEALTH", "VERSION", "Discovery")


VERSION = {
    "major": "1",
    "minor": "37",
    "emulationMajor": "1",
    "emulationMinor": "37",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "36",
    "gitVersion": "v1.37.2",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "kmagic",
    "platform": "any",
}


HEALTH = ("/healthz", "/livez", "/readyz")
ROOT_PATHS = (
    *("/api", "/apis", "/apis/", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version"),
    *HEALTH,
    *(f"{path}/ping" for path in HEALTH),
)


class Discovery:
    """Builds the documents from the catalog, once a catalog revision."""

    def __init__(self, catalog: Catalog, custom: CustomSchemas, server: str) -> None:
        self._catalog = catalog
        self._custom = custom
        self._server = server
        self._cache: dict[tuple[int, str], bytes] = {}  # by the catalog's revision and the path

    def legacy(self, parts: list[str]) -> JSONObject | None:
        """The unaggregated document at /api, /apis, or below; None for a path that does not exist."""
        groups = self._catalog.groups()
        match parts:
            case ["api"]:
                clients = [{"clientCIDR": "0.0.0.0/0", "serverAddress": self._server}]
                return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": clients}
            case ["apis"]:
                listed = [_group(name, list(versions)) for name, versions in groups.items() if name]
                return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
            case ["api", "v1"]:
                return _resource_list("v1", groups[""]["v1"].values())
            case ["apis", group] if group in groups and group:
                return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, list(groups[group]))}
            case ["apis", group, version] if version in groups.get(group, {}):
                return _resource_list(f"{group}/{version}", groups[group][version].values())
        return None

    def paths(self) -> list[str]:
        """Every path of the root, as the document at / lists them."""
        found = {*ROOT_PATHS}
        for group, versions in self._catalog.groups().items():
            root = f"/apis/{group}" if group else "/api"
            found |= {root, *(f"{root}/{version}" for version in versions)}
        return sorted(found)

    def aggregated(self, root: str) -> JSONObject:
        """The APIGroupDiscoveryList of "api" (the core group) or "apis" (all others)."""
        chosen = {name: v for name, v in self._catalog.groups().items() if (name == "") == (root == "api")}
        items = [
            {
                "metadata": {"name": name} if name else {},
                "versions": [
                    {"version": version, "resources": [_aggregated(r) for r in found.values()], "freshness": "Current"}
                    for version, found in versions.items()
                ],
            }
            for name, versions in chosen.items()
        ]
        return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}

    def openapi_paths(self) -> JSONObject:
        """The index of the OpenAPI v3 documents; the hash in a path changes when the document does."""
        found = {}
        for group, versions in self._catalog.groups().items():
            for version in versions:
                path = f"apis/{group}/{version}" if group else f"api/{version}"
                digest = hashlib.sha256(self.openapi(path) or b"").hexdigest()[:32].upper()
                found[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
        return {"paths": found}

    def openapi(self, path: str) -> bytes | None:
        """The OpenAPI v3 document of one group and version (``apis/apps/v1``), or None."""
        parts = path.split("/")
        group, version = (parts[1], parts[2]) if parts[0] == "apis" and len(parts) == 3 else ("", parts[-1])
        found = self._catalog.groups().get(group, {}).get(version)
        if found is None:
            return None
        return self._kept(path, lambda: msgspec.json.encode(_document(found, self._custom)))

    def openapi_v2(self, *, protobuf: bool) -> bytes:
        """The OpenAPI v2 document of all groups, in JSON or in protobuf."""
        make = openapi_v2.encode if protobuf else msgspec.json.encode
        return self._kept(f"v2 {protobuf}", lambda: make(self._openapi_v2()))

    def _openapi_v2(self) -> JSONObject:
        listings = [listing for versions in self._catalog.groups().values() for listing in versions.values()]
        found = [resource for listing in listings for resource in listing.values() if resource.custom]
        custom: dict[str, schemas.Schema] = {}
        for each in found:
            custom |= openapi_custom.definitions(each, self._custom.structural(each), v2=True)
        return openapi_v2.document(openapi_v2.definitions(custom), VERSION["gitVersion"])

    def _kept(self, path: str, make: Callable[[], bytes]) -> bytes:
        key = (self._catalog.revision, path)
        if key not in self._cache:
            self._cache = {kept: text for kept, text in self._cache.items() if kept[0] == key[0]}
            self._cache[key] = make()
        return self._cache[key]


def _group(name: str, versions: list[str]) -> JSONObject:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _resource_list(group_version: str, resources: Iterable[Resource]) -> JSONObject:
    entries = []
    for resource in resources:
        found = resource.type
        entry = {
            "name": found.resource,
            "singularName": found.singular,
            "namespaced": found.namespaced,
            "kind": found.kind,
            "verbs": sorted(found.verbs),
        }
        entries.append(entry | _nicknames(found))
        entries += [_legacy_part(found, name, part) for name, part in resource.parts.items()]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": entries}


def _legacy_part(parent: APIResource, name: str, part: Subresource) -> JSONObject:
    entry: JSONObject = {
        "name": f"{parent.resource}/{name}",
        "singularName": "",
        "namespaced": parent.namespaced,
        "kind": part.kind,
        "verbs": sorted(part.verbs),
    }
    if (part.group, part.version) != (parent.group, parent.version):
        entry |= {"group": part.group, "version": part.version}
    return entry


def _aggregated(resource: Resource) -> JSONObject:
    found = resource.type
    entry: JSONObject = {
        "resource": found.resource,
        "responseKind": {"group": found.group, "version": found.version, "kind": found.kind},
        "scope": "Namespaced" if found.namespaced else "Cluster",
        "singularResource": found.singular,
        "verbs": sorted(found.verbs),
    }
    if resource.parts:
        entry["subresources"] = [
            {
                "subresource": name,
                "responseKind": {"group": part.group, "version": part.version, "kind": part.kind},
                "verbs": sorted(part.verbs),
            }
            for name, part in resource.parts.items()
        ]
    return entry | _nicknames(found)


def _nicknames(resource: APIResource) -> JSONObject:
    """Short names and categories, where there are any."""
    found = {"shortNames": list(resource.short_names), "categories": list(resource.categories)}
    return {key: names for key, names in found.items() if names}


def _document(resources: Mapping[str, Resource], custom: CustomSchemas) -> JSONObject:
    needed: dict[str, Any] = {}
    paths: JSONObject = {}
    for resource in resources.values():
        if resource.custom:
            name = openapi_custom.name_of(resource)
            for defined, schema in openapi_custom.definitions(resource, custom.structural(resource), v2=False).items():
                needed[defined] = schema
                _require(schema, needed)
        else:
            name = schemas.definition_name(resource.type.group, resource.type.version, resource.type.kind) or ""
            _need(name, needed)
            _need(schemas.definition_name(resource.type.group, resource.type.version, resource.list_kind) or "", needed)
        paths |= _paths(resource, name)
    # kubectl explain and the typed clients look these up by name whatever the group
    _need("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", needed)
    _need("io.k8s.apimachinery.pkg.apis.meta.v1.Status", needed)
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": needed}}


def _paths(resource: Resource, name: str) -> JSONObject:
    prefix = (
        f"/apis/{resource.type.group}/{resource.type.version}"
        if resource.type.group
        else f"/api/{resource.type.version}"
    )
    if resource.type.namespaced:
        prefix += "/namespaces/{namespace}"
    collection: JSONObject = {}
    single: JSONObject = {}
    for verb in resource.type.verbs:
        if verb in ("create", "list", "deletecollection"):
            method = {"create": "post", "list": "get", "deletecollection": "delete"}[verb]
            collection[method] = _operation(resource, verb, name)
        elif verb in ("get", "update", "patch", "delete"):
            method = {"get": "get", "update": "put", "patch": "patch", "delete": "delete"}[verb]
            single[method] = _operation(resource, verb, name)
    found = {f"{prefix}/{resource.type.resource}": collection, f"{prefix}/{resource.type.resource}/{{name}}": single}
    return {path: item for path, item in found.items() if item}


def _operation(resource: Resource, verb: str, name: str) -> JSONObject:
    operation: JSONObject = {
        "x-kubernetes-action": {"create": "post", "update": "put"}.get(verb, verb),
        "x-kubernetes-group-version-kind": _gvk(resource),
        "responses": {"200": _content(name)},
    }
    if verb in ("create", "update", "patch"):
        operation["requestBody"] = _content(name)
        operation["parameters"] = [
            {"name": parameter, "in": "query", "schema": {"type": kind, "uniqueItems": True}}
            for parameter, kind in (("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string"))
        ]
    return operation


def _content(name: str) -> JSONObject:
    schema = {"$ref": schemas.PREFIX + name}
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def _gvk(resource: Resource) -> JSONObject:
    return {"group": resource.type.group, "kind": resource.type.kind, "version": resource.type.version}


def _need(name: str, needed: dict[str, Any]) -> None:
    if name and name not in needed:
        schema = schemas.definitions().get(name)
        if schema is not None:
            needed[name] = schema
            _require(schema, needed)


def _require(value: Any, needed: dict[str, Any]) -> None:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            _need(reference.removeprefix(schemas.PREFIX), needed)
        for child in value.values():
            _require(child, needed)
    elif isinstance(value, list):
        for child in value:
            _require(child, needed)
