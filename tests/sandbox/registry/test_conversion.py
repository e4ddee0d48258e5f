"""An autoscaler in both versions."""

from typing import Any

from kmagic.sandbox.registry.conversion import convert


def test_an_autoscaler_reads_in_either_version(still: Any) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "maxReplicas": 3, "targetCPUUtilizationPercentage": 70}
    made = still.create(
        {
            "apiVersion": "autoscaling/v1",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "h", "namespace": "default"},
            "spec": spec,
        }
    )
    second = convert(made, still.catalog.by_kind("autoscaling/v2", "HorizontalPodAutoscaler"))
    assert second.decode()["spec"]["metrics"] == [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    ]
    assert convert(second, still.catalog.by_kind("autoscaling/v2", "HorizontalPodAutoscaler")) is second
    first = convert(second, still.catalog.by_kind("autoscaling/v1", "HorizontalPodAutoscaler"))
    assert first.decode()["spec"]["targetCPUUtilizationPercentage"] == 70
