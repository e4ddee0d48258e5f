"""Quotas."""

from __future__ import annotations

from typing import Any


async def test_a_quota_counts_what_is_there(world: Any) -> None:
    spec = {"hard": {"configmaps": "10"}}
    before = len(world.all("configmaps", "default"))
    world.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": spec})
    world.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})

    def counted(found: Any) -> Any:
        used = ((found[0].get("status") or {}).get("used") or {}).get("configmaps")
        return used is not None and int(used) > before

    found = await world.until("resourcequotas", counted)
    assert found[0]["status"]["hard"] == {"configmaps": "10"}
