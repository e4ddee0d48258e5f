"""The generator's input: every schema and every resource of the stable APIs, from the committed snapshot.

The sandbox serves the same files, so the models, the sandbox and the server they came from agree.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from kmagic.rest.resource import APIResource
from kmagic.sandbox.schema import snapshot

__all__ = ("Snapshot", "load")

# The schema packages and the API group and version each belongs to.
_PACKAGES = {
    "io.k8s.apimachinery.pkg.apis.meta.v1": ("meta", "v1"),
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1": ("apiextensions", "v1"),
    "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1": ("apiregistration", "v1"),
}
_API_PACKAGE = re.compile(r"io\.k8s\.api\.([a-z0-9]+)\.(v[0-9a-z]+)")


class Snapshot(msgspec.Struct, frozen=True):
    """Schemas by full name, and resources in discovery order."""

    schemas: dict[str, Any]
    resources: tuple[APIResource, ...]

    def package_of(self, schema: str) -> tuple[str, str] | None:
        """The (group label, version) a schema's models live in; None for the few built-in shapes."""
        package = schema.rpartition(".")[0]
        if package in _PACKAGES:
            return _PACKAGES[package]
        match = _API_PACKAGE.fullmatch(package)
        return (match[1], match[2]) if match else None


def load(folder: Path = snapshot.DATA) -> Snapshot:
    """Reads the committed snapshot."""
    return Snapshot(snapshot.schemas(folder), tuple(resource.type for resource in snapshot.resources(folder)))
