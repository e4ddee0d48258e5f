"""A small kopf operator: a Jar becomes a ConfigMap, its status says so, and its deletion waits for the operator."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from typing import Any

import kopf
from kubernetes import client, config

space = sys.argv[1]
unique = uuid.uuid4().hex[:8]
group, plural, kind = f"{unique}.clients.example.com", f"jars{unique}", f"Jar{unique}"
config.load_kube_config()
core, custom, definitions = client.CoreV1Api(), client.CustomObjectsApi(), client.ApiextensionsV1Api()
happened: list[str] = []


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    settings.posting.enabled = False
    settings.persistence.finalizer = f"{group}/held"


@kopf.on.create(group, "v1", plural)
def created(spec: Any, name: str, **_: Any) -> dict[str, Any]:
    body = {"metadata": {"name": name}, "data": {"size": str(spec["size"])}}
    kopf.adopt(body)
    core.create_namespaced_config_map(space, body)
    happened.append("created")
    return {"held": True}


@kopf.on.update(group, "v1", plural, field="spec.size")
def resized(old: int, new: int, name: str, **_: Any) -> None:
    core.patch_namespaced_config_map(name, space, {"data": {"size": str(new)}})
    happened.append(f"{old} to {new}")


@kopf.on.delete(group, "v1", plural)
def deleted(**_: Any) -> None:
    happened.append("deleted")


def define() -> None:
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": names,
        "versions": [version | {"subresources": {"status": {}}}],
    }
    definitions.create_custom_resource_definition({"metadata": {"name": f"{plural}.{group}"}, "spec": spec})


async def until(look: Any) -> Any:
    """Waits until a look at the server says something; a 404 says nothing."""
    while True:
        try:
            found = await asyncio.to_thread(look)
        except client.ApiException as error:
            if error.status != 404:
                raise
            found = None
        if found:
            return found
        await asyncio.sleep(0.1)


def is_gone() -> bool:
    try:
        custom.get_namespaced_custom_object(group, "v1", space, plural, "jam")
    except client.ApiException as error:
        return bool(error.status == 404)
    return False


async def drive() -> dict[str, Any]:
    """Lives the life of a Jar, as its user."""
    seen: dict[str, Any] = {}
    body = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "jam"}, "spec": {"size": 1}}
    await until(lambda: custom.create_namespaced_custom_object(group, "v1", space, plural, body))
    jar = await until(lambda: _with_status())
    seen["status"] = jar["status"]["created"]
    seen["finalizers"] = len(jar["metadata"]["finalizers"])
    owned = core.read_namespaced_config_map("jam", space)
    seen["owner"] = [owned.metadata.owner_references[0].uid == jar["metadata"]["uid"], owned.data]
    custom.patch_namespaced_custom_object(group, "v1", space, plural, "jam", {"spec": {"size": 2}})
    await until(lambda: core.read_namespaced_config_map("jam", space).data == {"size": "2"})
    custom.delete_namespaced_custom_object(group, "v1", space, plural, "jam")
    await until(is_gone)
    seen["happened"] = happened
    return seen


def _with_status() -> Any:
    jar = custom.get_namespaced_custom_object(group, "v1", space, plural, "jam")
    return jar if (jar.get("status") or {}).get("created") else None


async def main() -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(kopf.operator(namespaces=[space], standalone=True, stop_flag=stop))
    try:
        print(json.dumps(await drive()))
    finally:
        stop.set()
        await running


define()
try:
    asyncio.run(main())
finally:
    definitions.delete_custom_resource_definition(f"{plural}.{group}")
