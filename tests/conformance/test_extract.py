"""What was applied is extracted again, changed and applied, on both servers."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client import extract
from kmagic.client.client import AsyncClient
from kmagic.models.apps_v1 import Deployment

WORKLOAD: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}, "finalizers": ["kmagic.example.com/keep"]},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "registry.k8s.io/pause:3.10",
                        "ports": [{"containerPort": 80}, {"containerPort": 81, "protocol": "UDP"}],
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                        "volumeMounts": [{"mountPath": "/scratch", "name": "scratch"}],
                    },
                    {"name": "side", "image": "registry.k8s.io/pause:3.10", "args": ["a", "b"]},
                ],
                "volumes": [{"name": "scratch", "emptyDir": {}}],
                "nodeSelector": {"kubernetes.io/os": "linux"},
            },
        },
    },
}
SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"app": "web"},
        "ports": [
            {"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"},
            {"name": "dns", "port": 53, "protocol": "UDP"},
        ],
    },
}


def entry_of(obj: dict[str, Any]) -> dict[str, Any]:
    """The entry of "me", its time included: the server renews it with what is applied."""
    [entry] = [each for each in obj["metadata"]["managedFields"] if each["manager"] == "me"]
    return entry


@pytest.mark.parametrize("manifest", [WORKLOAD, SERVICE], ids=["Deployment", "Service"])
async def test_what_was_applied_comes_back_and_changes_nothing(
    client: AsyncClient, ns: str, manifest: dict[str, Any]
) -> None:
    target = client.resource(f"{manifest['kind'].lower()}s", ns)
    manifest = {**manifest, "metadata": {**manifest["metadata"], "namespace": ns}}
    applied = await target.apply(manifest, field_manager="me")
    mine = extract(applied, "me")
    assert mine == manifest
    again = await target.apply(mine, field_manager="me")
    assert extract(again, "me") == manifest
    assert entry_of(again) == entry_of(applied)
    if manifest["metadata"].get("finalizers"):
        await target.patch("web", {"metadata": {"finalizers": None}})


async def test_a_change_in_place_keeps_the_other_fields_and_drops_what_was_taken_out(
    client: AsyncClient, ns: str
) -> None:
    deployments = client.apps_v1.deployments(ns)
    mine = extract(await deployments.apply(WORKLOAD, field_manager="me"), "me")
    assert isinstance(mine, Deployment)
    mine.metadata.labels = {"tier": "front"}
    mine.metadata.finalizers = []
    mine.spec.template.spec.containers = mine.spec.template.spec.containers[:1]
    changed = await deployments.apply(mine, field_manager="me")
    assert changed.metadata.labels == {"tier": "front"}
    assert [each.name for each in changed.spec.template.spec.containers] == ["web"]
    assert [each.container_port for each in changed.spec.template.spec.containers[0].ports] == [80, 81]
    other = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"tier": "back"}},
    }
    taken = await deployments.apply(other, field_manager="other", force=True)
    assert not extract(taken, "me").metadata.labels
    assert extract(taken, "other").metadata.labels == {"tier": "back"}
