"""What the generator reads: every schema and every resource of the stable APIs, as one committed snapshot.

The sandbox serves the same files, so the models, the sandbox and the server they came from agree.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import msgspec

import kmagic.sandbox

__all__ = ("DATA", "Resource", "Snapshot", "load")

DATA = Path(kmagic.sandbox.__file__).parent / "data"
# The schema packages and the API group and version each belongs to.
_PACKAGES = {
    "io.k8s.apimachinery.pkg.apis.meta.v1": ("meta", "v1"),
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1": ("apiextensions", "v1"),
    "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1": ("apiregistration", "v1"),
}
_API_PACKAGE = re.compile(r"io\.k8s\.api\.([a-z0-9]+)\.(v[0-9a-z]+)")


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource of the server with its verbs, as discovery tells it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()


class Snapshot(msgspec.Struct, frozen=True):
    """Schemas by full name, and resources in discovery order."""

    schemas: dict[str, Any]
    resources: tuple[Resource, ...]

    def package_of(self, schema: str) -> tuple[str, str] | None:
        """The (group label, version) a schema's models live in; None for the few built-in shapes."""
        package = schema.rpartition(".")[0]
        if package in _PACKAGES:
            return _PACKAGES[package]
        match = _API_PACKAGE.fullmatch(package)
        return (match[1], match[2]) if match else None


def load(folder: Path = DATA) -> Snapshot:
    """Reads the committed snapshot."""
    schemas = json.loads(gzip.decompress((folder / "openapi.json.gz").read_bytes()))
    groups = json.loads((folder / "resources.json").read_text(encoding="utf-8"))
    resources = [
        _resource(group["name"], version["version"], entry)
        for group in groups
        for version in group["versions"]
        for entry in version["resources"]
    ]
    return Snapshot(schemas, tuple(resources))


def _resource(group: str, version: str, entry: dict[str, Any]) -> Resource:
    return Resource(
        group=group,
        version=version,
        plural=entry["resource"],
        kind=entry["responseKind"]["kind"],
        namespaced=entry["scope"] == "Namespaced",
        singular=entry.get("singularResource", ""),
        short_names=tuple(entry.get("shortNames", ())),
        categories=tuple(entry.get("categories", ())),
        verbs=tuple(entry.get("verbs", ())),
        subresources=tuple(sub["subresource"] for sub in entry.get("subresources", ())),
    )
