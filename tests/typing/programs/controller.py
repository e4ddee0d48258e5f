# pyright: strict
"""Reconciles ConfigMaps."""

from __future__ import annotations

import kmagic
from kmagic.api import ObjectKey
from kmagic.controller import Watch, owned
from kmagic.errors import NotFoundError
from kmagic.models.core_v1 import ConfigMap


def run(client: kmagic.Client) -> None:
    configmaps = client.core_v1.configmaps("shop")

    def reconcile(key: ObjectKey) -> float | None:
        try:
            found = configmaps.get(key.name)
        except NotFoundError:
            return None
        print(found.data.get("colour", "none"))
        return 60.0

    with client.controller(reconcile, [Watch(ConfigMap), owned(ConfigMap, "Foo")], name="colours") as running:
        print(running.status.queued, running.running)
