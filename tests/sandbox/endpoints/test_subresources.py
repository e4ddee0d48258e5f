"""Parts of objects with paths of their own."""

from typing import Any

import pytest

DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
PODS = "/api/v1/namespaces/default/pods"
SPEC = {"containers": [{"name": "c", "image": "i"}]}


@pytest.fixture
async def objects(ask: Any) -> None:
    template = {"metadata": {"labels": {"app": "a"}}, "spec": SPEC}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "a"}}, "template": template}
    await ask("POST", DEPLOYMENTS, {"metadata": {"name": "d"}, "spec": spec})
    await ask("POST", PODS, {"metadata": {"name": "p"}, "spec": SPEC})


async def test_a_scale_reads_and_writes_the_replicas(ask: Any, objects: Any) -> None:
    scale = (await ask("GET", f"{DEPLOYMENTS}/d/scale")).json()
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == ("Scale", {"replicas": 2}, "app=a")
    patch = {"spec": {"replicas": 5}}
    await ask("PATCH", f"{DEPLOYMENTS}/d/scale", patch, content_type="application/merge-patch+json")
    assert (await ask("GET", f"{DEPLOYMENTS}/d")).json()["spec"]["replicas"] == 5


async def test_a_status_is_written_alone(ask: Any, objects: Any) -> None:
    body = (await ask("GET", f"{PODS}/p")).json()
    body["status"] = {"phase": "Running"}
    body["spec"]["containers"][0]["image"] = "other"
    written = (await ask("PUT", f"{PODS}/p/status", body)).json()
    assert written["status"]["phase"] == "Running"
    assert written["spec"]["containers"][0]["image"] == "i"


async def test_a_pod_is_bound_once(ask: Any, objects: Any) -> None:
    target = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": {"name": "node-1"}}
    assert (await ask("POST", f"{PODS}/p/binding", target)).status_code == 201
    assert (await ask("POST", f"{PODS}/p/binding", target)).status_code == 409


async def test_what_is_not_played_says_so(ask: Any, objects: Any) -> None:
    answer = await ask("GET", f"{PODS}/p/proxy/metrics")
    assert answer.status_code in {404, 501}
    assert answer.json()["status"] == "Failure"
