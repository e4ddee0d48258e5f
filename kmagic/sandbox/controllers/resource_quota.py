"""Quotas: keep their usage true.

Source: pkg/controller/resourcequota, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.sandbox.admission import quotas
from kmagic.sandbox.controllers import base
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "reconcile")

QUOTAS = "resourcequotas"
COUNTED = (
    *("pods", "services", "secrets", "configmaps", "persistentvolumeclaims", "replicationcontrollers"),
    *("deployments.apps", "replicasets.apps", "statefulsets.apps", "jobs.batch", "cronjobs.batch"),
)
RESYNC_SECONDS = 5.0
"""Between two counts of what no change is followed of: custom resources, and all that is rarely limited."""


def reconcile(client: Loopback, key: Key) -> float | None:
    """Writes the usage of every limited resource."""
    stored = client.store.get(QUOTAS, *key)
    if stored is None:
        return None
    spec = stored.decode()["spec"]
    hard = spec.get("hard") or {}
    used = quotas.usage(client.store, client.catalog, key[0], spec)
    base.update_status(client, stored, {"hard": hard, "used": {name: str(used[name]) for name in hard}})
    unseen = any(name.removeprefix("count/") not in COUNTED for name in hard if name.startswith("count/"))
    return RESYNC_SECONDS if unseen else None


def _in_namespace(client: Loopback, stored: Stored) -> list[Key]:
    if LOAD_LABEL in stored.labels:
        return []
    return [found.key for found in client.store.list(QUOTAS, stored.namespace)]


CONTROLLER = base.Controller(
    "resourcequota-controller", {QUOTAS: base.itself, **dict.fromkeys(COUNTED, _in_namespace)}, reconcile
)
