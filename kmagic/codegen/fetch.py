"""The snapshot from a real server: its discovery and its OpenAPI, cut down to the stable, built-in APIs.

What a cluster has added (custom resources, aggregated servers) is left out; its schemas are not Kubernetes' own.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kmagic.api.versions import is_stable
from kmagic.client.client import AsyncClient
from kmagic.codegen import protobuf
from kmagic.config.loader import load_config
from kmagic.rest.request import Request
from kmagic.rest.resource import APIResource
from kmagic.sandbox.schema.resources import Resource, Subresource
from kmagic.sandbox.schema.snapshot import DATA, MESSAGES, RESOURCES, SCHEMAS, Fields

__all__ = ("fetch", "snapshot_of", "write_snapshot")

_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_BUILT_IN = ("io.k8s.api.", "io.k8s.apiextensions-apiserver.", "io.k8s.kube-aggregator.")

# Reads a path of the server with an Accept header and gives the JSON.
Read = Callable[[str, str], Awaitable[dict[str, Any]]]


async def fetch(kubeconfig: str, modules: Path, folder: Path = DATA) -> None:
    """Writes the snapshot of a server into `folder`.

    Args:
        kubeconfig: The server's; its user must be allowed to read discovery and OpenAPI.
        modules: Go's module cache, with the modules of the server's version.
        folder: Folder of the three files.
    """
    async with AsyncClient(config=load_config(kubeconfig)) as client:

        async def read(path: str, accept: str) -> dict[str, Any]:
            response = await client.rest.execute(Request("GET", path, headers=(("Accept", accept),)))
            found: dict[str, Any] = msgspec.json.decode(response.body)
            return found

        version = await client.discovery.version()
        messages = protobuf.messages_of(protobuf.modules_of(modules, version.git_version))
        resources, schemas = await snapshot_of(read)
    write_snapshot(folder, resources, schemas, messages)


async def snapshot_of(read: Read) -> tuple[list[Resource], dict[str, Any]]:
    """The resources in discovery order, and the schemas by name.

    Args:
        read: Reads a path with an Accept header.
    """
    core = await read("/api", _DISCOVERY)
    others = await read("/apis", _DISCOVERY)
    index = (await read("/openapi/v3", "application/json"))["paths"]
    resources: list[Resource] = []
    schemas: dict[str, Any] = {}
    for item in [*core["items"], *others["items"]]:
        group = (item.get("metadata") or {}).get("name", "")
        for version in item["versions"]:
            path = f"apis/{group}/{version['version']}" if group else f"api/{version['version']}"
            if not is_stable(version["version"]) or path not in index:
                continue
            document = await read(f"/openapi/v3/{path}", "application/json")
            found = document.get("components", {}).get("schemas", {})
            if _is_built_in(found, group, version["version"]):
                schemas |= found
                resources += [_resource(group, version["version"], entry) for entry in version["resources"]]
    return resources, schemas


def write_snapshot(
    folder: Path, resources: Iterable[Resource], schemas: Mapping[str, Any], messages: Mapping[str, Fields]
) -> None:
    """Writes the three files; the same input gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = b",\n".join(map(msgspec.json.encode, resources))
    (folder / RESOURCES).write_bytes(b"[\n" + lines + b"\n]\n")
    for name, content in ((SCHEMAS, schemas), (MESSAGES, messages)):
        text = msgspec.json.encode(content, order="sorted")
        (folder / name).write_bytes(gzip.compress(text, 9, mtime=0))


def _is_built_in(schemas: dict[str, Any], group: str, version: str) -> bool:
    """Returns whether the kinds of a group-version are described by Kubernetes' own schemas."""
    return any(
        name.startswith(_BUILT_IN) and kind.get("group") == group and kind.get("version") == version
        for name, schema in schemas.items()
        for kind in schema.get("x-kubernetes-group-version-kind", ())
    )


def _resource(group: str, version: str, entry: Mapping[str, Any]) -> Resource:
    """Reads an entry of aggregated discovery."""
    kind = entry["responseKind"]["kind"]
    parts = {part["subresource"]: _subresource(part) for part in entry.get("subresources", ())}
    return Resource(
        APIResource(
            group=group,
            version=version,
            resource=entry["resource"],
            kind=kind,
            namespaced=entry["scope"] == "Namespaced",
            singular=entry["singularResource"],
            short_names=tuple(entry.get("shortNames", ())),
            categories=tuple(entry.get("categories", ())),
            verbs=tuple(entry["verbs"]),
            subresources=tuple(parts),
        ),
        list_kind=f"{kind}List",
        parts=parts,
    )


def _subresource(entry: Mapping[str, Any]) -> Subresource:
    kind = entry["responseKind"]
    return Subresource(kind["kind"], kind["group"], kind["version"], tuple(entry["verbs"]))
