# pyright: strict
"""Keeps a copy in memory and reads it by label."""

from __future__ import annotations

import kmagic
from kmagic.models.apps_v1 import Deployment


def added(deployment: Deployment) -> None:
    print("new:", deployment.metadata.name)


def updated(old: Deployment, new: Deployment) -> None:
    if old.spec.replicas != new.spec.replicas:
        print(new.metadata.name, old.spec.replicas, "->", new.spec.replicas)


def count(client: kmagic.Client) -> int:
    factory = client.informers(namespace="shop")
    deployments = factory.apps_v1.deployments
    deployments.informer.add_handler(on_add=added, on_update=updated)
    with factory:
        factory.wait_synced(timeout=30)
        return len(deployments.lister.list(label_selector="app=web"))
