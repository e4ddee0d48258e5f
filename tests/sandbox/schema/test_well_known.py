"""The label of the load generator keeps controllers away."""

from typing import Any

from kmagic.sandbox.schema.well_known import LOAD_LABEL
from tests.sandbox.conftest import pod_template, ready


async def test_nothing_runs_pods_of_the_load_generator(world: Any) -> None:
    template = pod_template()
    for name, labels in (("load", {LOAD_LABEL: "true"}), ("own", {"app": "x"})):
        world.create(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": template["spec"]}
        )
    await world.until("pods", lambda pods: any(map(ready, pods)))
    found = {pod["metadata"]["name"]: pod["spec"].get("nodeName") for pod in world.all("pods")}
    assert found["load"] is None
    assert found["own"]
