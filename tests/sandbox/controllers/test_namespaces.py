"""Namespaces, new and deleted."""

from __future__ import annotations

from typing import Any

from kmagic.sandbox.controllers import base
from tests.sandbox.conftest import deployment, ready


async def test_a_deleted_namespace_is_emptied_and_goes(world: Any) -> None:
    body = deployment(replicas=1)
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    body["metadata"]["namespace"] = "shop"
    world.client.create(body)
    await world.until("pods", lambda pods: any(map(ready, pods)))
    base.delete(world.client, world.client.store.get("namespaces", "", "shop"))
    assert world.get("namespaces", "shop", "")["status"]["phase"] == "Terminating"
    await world.until("namespaces", lambda found: all(ns["metadata"]["name"] != "shop" for ns in found))
    assert world.all("pods", "shop") == []


async def test_a_namespace_gets_a_service_account_and_the_root_certificate(world: Any) -> None:
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    await world.until("configmaps", lambda maps: any(m["metadata"]["namespace"] == "shop" for m in maps))
    assert world.get("serviceaccounts", "default", "shop") is not None
