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
COUNTED = ("pods", "services", "secrets", "configmaps", "persistentvolumeclaims", "deployments.apps", "jobs.batch")


def reconcile(client: Loopback, key: Key) -> float | None:
    """Writes the usage of every limited resource."""
    stored = client.store.get(QUOTAS, *key)
    if stored is None:
        return None
    hard = stored.decode()["spec"].get("hard") or {}
    used = quotas.usage(client.store, client.catalog, key[0])
    base.update_status(client, stored, {"hard": hard, "used": {name: str(used[name]) for name in hard}})
    return None


def _in_namespace(client: Loopback, stored: Stored) -> list[Key]:
    if LOAD_LABEL in stored.labels:
        return []
    return [found.key for found in client.store.list(QUOTAS, stored.namespace)]


CONTROLLER = base.Controller(
    "resourcequota-controller", {QUOTAS: base.itself} | dict.fromkeys(COUNTED, _in_namespace), reconcile
)
