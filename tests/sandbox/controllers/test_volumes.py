"""Claims and their volumes."""

from typing import Any


async def test_a_claim_is_bound_and_its_volume_goes_with_it(world: Any) -> None:
    world.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}},
        }
    )
    [claim] = await world.until(
        "persistentvolumeclaims", lambda claims: [c for c in claims if (c.get("status") or {}).get("phase") == "Bound"]
    )
    [volume] = world.all("persistentvolumes")
    assert claim["spec"]["volumeName"] == volume["metadata"]["name"]
    assert volume["spec"]["capacity"] == {"storage": "2Gi"}
    assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
