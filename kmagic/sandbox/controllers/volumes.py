"""Volume claims: each gets a volume of the sandbox's storage class, and is released when no Pod uses it.

Source: pkg/controller/volume/persistentvolume and pvcprotection, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "reconcile")

PROTECTION = "kubernetes.io/pvc-protection"
CLASSES = "storageclasses.storage.k8s.io"
RETRY_SECONDS = 1.0


def reconcile(client: Loopback, key: Key) -> float | None:
    """Binds a claim, or releases a deleted one."""
    stored = client.store.get("persistentvolumeclaims", *key)
    if stored is None:
        return None
    claim = stored.decode()
    if claim["metadata"].get("deletionTimestamp"):
        return _release(client, stored, claim)
    if claim["spec"].get("volumeName"):
        return None
    name = claim["spec"].get("storageClassName")
    if not name or client.store.get(CLASSES, "", name) is None:
        message = (
            f'storageclass.storage.k8s.io "{name}" not found'
            if name
            else "no persistent volumes available for this claim"
        )
        events.record(
            client, claim, "ProvisioningFailed", message, component="persistentvolume-controller", warning=True
        )
        return 15.0
    _bind(client, stored, claim, name)
    return None


def _bind(client: Loopback, stored: Stored, claim: JSONObject, storage_class: str) -> None:
    volume = f"pvc-{claim['metadata']['uid']}"
    size = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "1Gi")
    modes = claim["spec"].get("accessModes") or ["ReadWriteOnce"]
    reference = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": stored.name,
        "namespace": stored.namespace,
        "uid": stored.uid,
    }
    created = base.create(
        client,
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": volume},
            "spec": {
                "accessModes": modes,
                "capacity": {"storage": size},
                "claimRef": reference,
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": storage_class,
                "hostPath": {"path": f"/sandbox/{volume}", "type": ""},
            },
        },
    )
    base.update_status(client, created, {"phase": "Bound"})
    claim["spec"]["volumeName"] = volume
    bound = base.update(client, stored, claim)
    base.update_status(client, bound, {"phase": "Bound", "accessModes": modes, "capacity": {"storage": size}})


def _release(client: Loopback, stored: Stored, claim: JSONObject) -> float | None:
    if PROTECTION not in (claim["metadata"].get("finalizers") or ()):
        return None
    name = f'"claimName":"{stored.name}"'.encode()
    if any(name in pod.raw for pod in client.store.list("pods", stored.namespace)):
        return RETRY_SECONDS
    claim["metadata"]["finalizers"] = [f for f in claim["metadata"]["finalizers"] if f != PROTECTION]
    base.update(client, stored, claim)
    volume = client.store.get("persistentvolumes", "", claim["spec"].get("volumeName", ""))
    if volume is not None:
        base.delete(client, volume)
    return None


CONTROLLER = base.Controller("volume-controller", {"persistentvolumeclaims": base.itself}, reconcile)
