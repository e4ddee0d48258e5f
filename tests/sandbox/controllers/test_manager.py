"""Control loops together, as people meet them: rollouts, scaling, self-healing, deletion, faults."""

from __future__ import annotations

import pytest

from kmagic.sandbox.controllers import base
from kmagic.sandbox.registry import deletion
from kmagic.sandbox.registry.objects import Options
from tests.sandbox.conftest import deployment, pod_template, ready, running


def phases(pods):
    return sorted(pod["status"]["phase"] for pod in pods)


def condition(obj, kind):
    return next((c for c in (obj.get("status") or {}).get("conditions") or () if c["type"] == kind), {})


def complete(name, replicas):
    def holds(deployments):
        found = next((d for d in deployments if d["metadata"]["name"] == name), None)
        status = (found or {}).get("status") or {}
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        generation = (found or {"metadata": {}})["metadata"].get("generation")
        return counts == [replicas] * 3 and status.get("observedGeneration") == generation

    return holds


def edit(world, resource, name, change):
    stored = world.client.store.get(resource, "default", name)
    body = stored.decode()
    change(body)
    return world.client.objects.replace(world.client.resource_of(body), stored, body, Options(manager="test"))


async def test_a_deployment_runs_and_says_so(world):
    world.create(deployment(replicas=3))
    [found] = await world.until("deployments.apps", complete("web", 3))
    assert condition(found, "Available")["status"] == "True"
    assert condition(found, "Progressing")["reason"] == "NewReplicaSetAvailable"
    pods = world.all("pods")
    assert all(map(ready, pods))
    assert {pod["spec"]["nodeName"] for pod in pods} == {"node-1", "node-2", "node-3"}
    reasons = {event["reason"] for event in world.all("events")}
    assert {"ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulled", "Created", "Started"} <= reasons


async def test_an_image_change_rolls_and_never_falls_below_the_minimum(world):
    world.create(deployment(replicas=4))
    await world.until("deployments.apps", complete("web", 4))
    least, most = 4, 0

    def change(body):
        body["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.28"

    edit(world, "deployments.apps", "web", change)

    def holds(pods):
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


async def test_going_back_makes_the_old_set_the_newest_revision(world):
    world.create(deployment(replicas=1))
    await world.until("deployments.apps", complete("web", 1))
    for image in ("nginx:1.28", "nginx:1.27"):

        def change(body, image=image):
            body["spec"]["template"]["spec"]["containers"][0]["image"] = image

        edit(world, "deployments.apps", "web", change)
        await world.until("deployments.apps", complete("web", 1))
    sets = {
        s["spec"]["template"]["spec"]["containers"][0]["image"]: s["metadata"]["annotations"]
        for s in world.all("replicasets.apps")
    }
    assert sets["nginx:1.27"]["deployment.kubernetes.io/revision"] == "3"
    assert len(sets) == 2


async def test_a_deleted_pod_is_replaced(world):
    world.create(deployment(replicas=2))
    pods = await world.until("pods", lambda pods: len(pods) == 2 and all(map(ready, pods)))
    victim = pods[0]["metadata"]["name"]
    base.delete(world.client, world.client.store.get("pods", "default", victim))
    found = await world.until("pods", lambda pods: len(pods) == 2 and all(map(ready, pods)) and victim not in str(pods))
    assert victim not in {pod["metadata"]["name"] for pod in found}


async def test_deleting_a_deployment_takes_its_sets_and_pods_along(world):
    world.create(deployment(replicas=2))
    await world.until("deployments.apps", complete("web", 2))
    base.delete(world.client, world.client.store.get("deployments.apps", "default", "web"))
    await world.until("pods", lambda pods: not pods)
    assert world.all("replicasets.apps") == []


@pytest.mark.parametrize("policy", ["Foreground", "Orphan"])
async def test_foreground_waits_for_dependents_and_orphan_leaves_them(world, policy):
    world.create(deployment(replicas=1))
    await world.until("deployments.apps", complete("web", 1))
    stored = world.client.store.get("deployments.apps", "default", "web")
    wanted = deletion.DeleteOptions(propagation_policy=policy)
    remaining = deletion.delete(world.client.objects, world.client.resource_of(stored.decode()), stored, wanted)
    assert remaining is not None, "a finalizer holds it"
    await world.until("deployments.apps", lambda found: not found)
    sets = world.all("replicasets.apps")
    assert len(sets) == (0 if policy == "Foreground" else 1)
    assert not sets or not sets[0]["metadata"].get("ownerReferences")


async def test_a_deleted_namespace_is_emptied_and_goes(world):
    body = deployment(replicas=1)
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    body["metadata"]["namespace"] = "shop"
    world.client.create(body)
    await world.until("pods", lambda pods: any(map(ready, pods)))
    base.delete(world.client, world.client.store.get("namespaces", "", "shop"))
    assert world.get("namespaces", "shop", "")["status"]["phase"] == "Terminating"
    await world.until("namespaces", lambda found: all(ns["metadata"]["name"] != "shop" for ns in found))
    assert world.all("pods", "shop") == []


async def test_a_namespace_gets_a_service_account_and_the_root_certificate(world):
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    await world.until("configmaps", lambda maps: any(m["metadata"]["namespace"] == "shop" for m in maps))
    assert world.get("serviceaccounts", "default", "shop") is not None


async def test_a_service_knows_its_ready_pods(world):
    ports = [{"port": 80, "targetPort": 8080}]
    world.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                  "spec": {"selector": {"app": "web"}, "ports": ports}})  # fmt: skip
    world.create(deployment(replicas=2))

    def holds(slices):
        endpoints = [e for s in slices if s["metadata"]["name"].startswith("web-") for e in s.get("endpoints") or ()]
        return len(endpoints) == 2 and all(e["conditions"]["ready"] for e in endpoints)

    await world.until("endpointslices.discovery.k8s.io", holds)
    await world.until(
        "endpoints", lambda found: len(found[0]["subsets"][0].get("addresses", ())) == 2 if found else False
    )
    assert world.get("endpoints", "web")["subsets"][0]["ports"] == [{"port": 8080, "protocol": "TCP"}]


async def test_a_crash_loop_restarts_and_keeps_the_last_log(world):
    world.create(deployment(replicas=1, image="example/crashloop"))

    def holds(pods):
        states = [s for pod in pods for s in (pod.get("status") or {}).get("containerStatuses") or ()]
        waiting = [s["state"].get("waiting", {}).get("reason") for s in states]
        return "CrashLoopBackOff" in waiting and states[0]["restartCount"] >= 1

    [pod] = await world.until("pods", holds)
    last = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"]) == (1, "Error")
    assert world.cluster.api.logs.has_previous(pod["metadata"]["uid"], "c")
    assert any(event["reason"] == "BackOff" and event["type"] == "Warning" for event in world.all("events"))


@pytest.mark.parametrize(
    ("image", "reason"), [("example/no-such:1", "ImagePullBackOff"), ("example/oom", "CrashLoopBackOff")]
)
async def test_faults_show_as_they_do_on_a_node(world, image, reason):
    world.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": pod_template(image=image)["spec"]}
    )

    def holds(pods):
        states = (pods[0].get("status") or {}).get("containerStatuses") or [{"state": {}}]
        return states[0]["state"].get("waiting", {}).get("reason") == reason

    [pod] = await world.until("pods", holds)
    if reason == "CrashLoopBackOff":
        assert pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] == "OOMKilled"


async def test_a_pod_that_fits_nowhere_is_told_why_and_runs_when_there_is_room(world):
    spec = pod_template()["spec"]
    spec["nodeSelector"] = {"disk": "ssd"}
    world.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    [pod] = await world.until("pods", lambda pods: bool(condition(pods[0], "PodScheduled")))
    assert condition(pod, "PodScheduled")["reason"] == "Unschedulable"
    assert "3 node(s) didn't match Pod's node affinity/selector" in condition(pod, "PodScheduled")["message"]
    stored = world.client.store.get("nodes", "", "node-2")
    node = stored.decode()
    node["metadata"]["labels"]["disk"] = "ssd"
    base.update(world.client, stored, node)
    [pod] = await world.until("pods", lambda pods: ready(pods[0]))
    assert pod["spec"]["nodeName"] == "node-2"


async def test_a_job_completes_and_a_failing_one_gives_up(world):
    def job(name, command, **spec):
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "b", "command": command}]}}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"template": template, **spec},
        }

    world.create(job("good", ["echo", "hi"], completions=3, parallelism=2))
    world.create(job("bad", ["false"], backoffLimit=1))

    def holds(jobs):
        return all(condition(j, "Complete") or condition(j, "Failed") for j in jobs)

    await world.until("jobs.batch", holds)
    assert world.get("jobs.batch", "good")["status"]["succeeded"] == 3
    failed = world.get("jobs.batch", "bad")
    assert condition(failed, "Failed")["reason"] == "BackoffLimitExceeded"
    assert failed["status"]["failed"] == 2


async def test_a_stateful_set_starts_in_order_each_with_its_claim(world):
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
             "resources": {"requests": {"storage": "1Gi"}}}}  # fmt: skip
    order = []
    spec = {"replicas": 3, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": pod_template("db"), "volumeClaimTemplates": [claim]}  # fmt: skip
    world.create({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec})

    def holds(pods):
        for pod in pods:
            if pod["metadata"]["name"] not in order:
                assert all(ready(other) for other in pods if other is not pod)
                order.append(pod["metadata"]["name"])
        return len(pods) == 3 and all(map(ready, pods))

    await world.until("pods", holds)
    assert order == ["db-0", "db-1", "db-2"]
    claims = await world.until(
        "persistentvolumeclaims", lambda found: {c["status"]["phase"] for c in found} == {"Bound"}
    )
    assert [c["metadata"]["name"] for c in claims] == ["data-db-0", "data-db-1", "data-db-2"]


async def test_a_daemon_set_runs_on_every_node(world):
    spec = {"selector": {"matchLabels": {"app": "a"}}, "template": pod_template("a")}
    world.create({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a"}, "spec": spec})
    [found] = await world.until("daemonsets.apps", lambda sets: (sets[0].get("status") or {}).get("numberReady") == 3)
    assert found["status"]["desiredNumberScheduled"] == 3
    assert {pod["spec"]["nodeName"] for pod in world.all("pods")} == {"node-1", "node-2", "node-3"}


async def test_a_budget_counts_healthy_pods(world):
    world.create(deployment(replicas=3))
    spec = {"minAvailable": "50%", "selector": {"matchLabels": {"app": "web"}}}
    world.create({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": spec})
    found = await world.until(
        "poddisruptionbudgets.policy", lambda found: (found[0]["status"] or {}).get("currentHealthy") == 3
    )
    assert found[0]["status"]["desiredHealthy"] == 2
    assert found[0]["status"]["disruptionsAllowed"] == 1


async def test_without_nodes_everything_waits():
    async with running(nodes=0) as world:
        world.create(deployment(replicas=1))
        [pod] = await world.until("pods", lambda pods: bool(pods and condition(pods[0], "PodScheduled")))
        assert condition(pod, "PodScheduled")["message"] == "no nodes available to schedule pods"
