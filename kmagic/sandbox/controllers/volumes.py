"""Volume claims: each gets a volume of its own from the sandbox's storage class, and may go when nobody uses it.

Source: pkg/controller/volume/persistentvolume and pvcprotection, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events

if TYPE_CHECKING:
    from kmagic.sandbox.cluster import Cluster
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "reconcile")

PROTECTION = "kubernetes.io/pvc-protection"
CLASSES = "storageclasses.storage.k8s.io"
RETRY_SECONDS = 1.0


def reconcile(cluster: Cluster, key: Key) -> float | None:
    """Bind a claim, or let a deleted one go."""
    stored = cluster.store.get("persistentvolumeclaims", *key)
    if stored is None:
        return None
    claim = stored.decode()
    if claim["metadata"].get("deletionTimestamp"):
        return _release(cluster, stored, claim)
    if claim["spec"].get("volumeName"):
        return None
    name = claim["spec"].get("storageClassName")
    if not name or cluster.store.get(CLASSES, "", name) is None:
        message = (
            f'storageclass.storage.k8s.io "{name}" not found'
            if name
            else "no persistent volumes available for this claim"
        )
        events.record(
            cluster, claim, "ProvisioningFailed", message, component="persistentvolume-controller", warning=True
        )
        return 15.0
    _bind(cluster, stored, claim, name)
    return None


def _bind(cluster: Cluster, stored: Stored, claim: JSONObject, storage_class: str) -> None:
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
        cluster,
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
    base.update_status(cluster, created, {"phase": "Bound"})
    claim["spec"]["volumeName"] = volume
    bound = base.update(cluster, stored, claim)
    base.update_status(cluster, bound, {"phase": "Bound", "accessModes": modes, "capacity": {"storage": size}})


def _release(cluster: Cluster, stored: Stored, claim: JSONObject) -> float | None:
    if PROTECTION not in (claim["metadata"].get("finalizers") or ()):
        return None
    name = f'"claimName":"{stored.name}"'.encode()
    if any(name in pod.raw for pod in cluster.store.list("pods", stored.namespace)):
        return RETRY_SECONDS
    claim["metadata"]["finalizers"] = [f for f in claim["metadata"]["finalizers"] if f != PROTECTION]
    base.update(cluster, stored, claim)
    volume = cluster.store.get("persistentvolumes", "", claim["spec"].get("volumeName", ""))
    if volume is not None:
        base.delete(cluster, volume)
    return None


CONTROLLER = base.Controller("volume-controller", {"persistentvolumeclaims": base.itself}, reconcile)
