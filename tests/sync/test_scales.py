"""Scales, blocking."""

from __future__ import annotations

import pytest

from kmagic.errors import ConflictError
from kmagic.sync.client import Client
from tests.conformance.objects import running


def test_a_scale_is_read_set_and_guarded_against_others(client: Client, namespace: str) -> None:
    client.resource("deploy", namespace).create(running(replicas=0))
    scales = client.scales(namespace)
    before = scales.get("deployments", "web")
    assert before.replicas == 0
    assert scales.patch("deployments", "web", replicas=1).replicas == 1
    with pytest.raises(ConflictError):
        scales.update("deployments", before, replicas=5)
    while True:  # the Deployment's controller changes the version meanwhile
        try:
            assert scales.update("deployments", scales.get("deploy", "web"), replicas=0).replicas == 0
            break
        except ConflictError:
            continue
