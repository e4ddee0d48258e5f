# pyright: strict
"""Scales every Deployment of a namespace to none and says what it was."""

from __future__ import annotations

import kmagic


def sleep_all(client: kmagic.Client, namespace: str) -> dict[str, int]:
    before: dict[str, int] = {}
    deployments = client.apps_v1.deployments(namespace)
    for deployment in deployments.list():
        name = deployment.metadata.name
        if name is None:
            continue
        before[name] = deployment.spec.replicas or 0
        with deployments.edit(name) as changed:
            changed.spec.replicas = 0
    return before
