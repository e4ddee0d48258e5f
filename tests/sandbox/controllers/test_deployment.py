"""Deployments: rollouts, and the way back."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import complete, condition, deployment, edit, ready


async def test_a_deployment_runs_and_says_so(world: Any) -> None:
    world.create(deployment(replicas=3))
    [found] = await world.until("deployments.apps", complete("web", 3))
    assert condition(found, "Available")["status"] == "True"
    assert condition(found, "Progressing")["reason"] == "NewReplicaSetAvailable"
    pods = world.all("pods")
    assert all(map(ready, pods))
    assert {pod["spec"]["nodeName"] for pod in pods} == {"node-1", "node-2", "node-3"}
    reasons = {event["reason"] for event in world.all("events")}
    assert {"ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulled", "Created", "Started"} <= reasons


async def test_an_image_change_rolls_and_never_falls_below_the_minimum(world: Any) -> None:
    world.create(deployment(replicas=4))
    await world.until("deployments.apps", complete("web", 4))
    least, most = 4, 0

    def change(body: Any) -> None:
        body["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.28"

    edit(world, "deployments.apps", "web", change)

    def holds(pods: Any) -> Any:
        nonlocal least, most
        alive = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
        # What a Deployment promises is how many Pods its sets shall have: those of an old set go a moment later.
        wanted = sum(s["spec"]["replicas"] for s in world.all("replicasets.apps"))
        least, most = min(least, sum(map(ready, alive))), max(most, wanted)
        images = {pod["spec"]["containers"][0]["image"] for pod in pods}
        return images == {"nginx:1.28"} and len(pods) == 4 and all(map(ready, pods))

    await world.until("pods", holds)
    assert least >= 3, "maxUnavailable is 25 %"
    assert most <= 5, "maxSurge is 25 %"
    revisions = [
        s["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for s in world.all("replicasets.apps")
    ]
    assert sorted(revisions) == ["1", "2"]


async def test_going_back_makes_the_old_set_the_newest_revision(world: Any) -> None:
    world.create(deployment(replicas=1))
    await world.until("deployments.apps", complete("web", 1))
    for image in ("nginx:1.28", "nginx:1.27"):

        def change(body: Any, image: Any = image) -> None:
            body["spec"]["template"]["spec"]["containers"][0]["image"] = image

        edit(world, "deployments.apps", "web", change)
        await world.until("deployments.apps", complete("web", 1))
    sets = {
        s["spec"]["template"]["spec"]["containers"][0]["image"]: s["metadata"]["annotations"]
        for s in world.all("replicasets.apps")
    }
    assert sets["nginx:1.27"]["deployment.kubernetes.io/revision"] == "3"
    assert len(sets) == 2
