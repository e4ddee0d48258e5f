"""The snapshot from a real server: its discovery and its OpenAPI, cut down to the stable, built-in APIs.

What a cluster has added (custom resources, aggregated servers) is left out; its schemas are not Kubernetes' own.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from kmagic.api.versions import is_stable
from kmagic.client.client import AsyncClient
from kmagic.codegen.snapshot import DATA
from kmagic.config.loader import load_config
from kmagic.rest.request import Request

__all__ = ("fetch", "snapshot_of", "write_snapshot")

_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_BUILT_IN = ("io.k8s.api.", "io.k8s.apiextensions-apiserver.", "io.k8s.kube-aggregator.")

# Reads a path of the server with an Accept header and gives the JSON.
Read = Callable[[str, str], Awaitable[dict[str, Any]]]


async def fetch(kubeconfig: str, folder: Path = DATA) -> None:
    """Writes the snapshot of a server into `folder`.

    Args:
        kubeconfig: The server's; its user must be allowed to read discovery and OpenAPI.
        folder: Where ``resources.json`` and ``openapi.json.gz`` go.
    """
    async with AsyncClient(config=load_config(kubeconfig)) as client:

        async def read(path: str, accept: str) -> dict[str, Any]:
            response = await client.rest.execute(Request("GET", path, headers=(("Accept", accept),)))
            found: dict[str, Any] = msgspec.json.decode(response.body)
            return found

        write_snapshot(*await snapshot_of(read), folder)


async def snapshot_of(read: Read) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The groups with their resources, and the schemas by name.

    Args:
        read: Reads a path with an Accept header.
    """
    core = await read("/api", _DISCOVERY)
    others = await read("/apis", _DISCOVERY)
    index = (await read("/openapi/v3", "application/json"))["paths"]
    groups: list[dict[str, Any]] = []
    schemas: dict[str, Any] = {}
    for item in [*core["items"], *others["items"]]:
        name = (item.get("metadata") or {}).get("name", "")
        versions = []
        for version in item["versions"]:
            path = f"apis/{name}/{version['version']}" if name else f"api/{version['version']}"
            if not is_stable(version["version"]) or path not in index:
                continue
            document = await read(f"/openapi/v3/{path}", "application/json")
            found = document.get("components", {}).get("schemas", {})
            if not _is_built_in(found, name, version["version"]):
                continue
            schemas |= found
            versions.append({"version": version["version"], "resources": version["resources"]})
        if versions:
            groups.append({"name": name, "versions": versions})
    return groups, schemas


def write_snapshot(groups: list[dict[str, Any]], schemas: dict[str, Any], folder: Path) -> None:
    """Writes both files; the same input gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "resources.json").write_text(json.dumps(groups, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    text = json.dumps(schemas, separators=(",", ":"), sort_keys=True)
    (folder / "openapi.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _is_built_in(schemas: dict[str, Any], group: str, version: str) -> bool:
    """Whether the kinds of a group-version are described by Kubernetes' own schemas."""
    return any(
        name.startswith(_BUILT_IN) and kind.get("group") == group and kind.get("version") == version
        for name, schema in schemas.items()
        for kind in schema.get("x-kubernetes-group-version-kind", ())
    )
