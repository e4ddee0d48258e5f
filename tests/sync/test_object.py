"""Objects that act in blocking code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kmagic.testing
from kmagic.errors import ForbiddenError
from kmagic.sync.client import Client
from kmagic.sync.runtime import stop_shared_runtime
from kmagic.testing.actions import Action
from tests.conformance.objects import running


def test_a_workload_is_followed_to_its_pods_and_their_logs(client: Client, namespace: str) -> None:
    made = client.resource("deploy", namespace).create(running())
    web = client.object(made)
    assert web.value is made
    assert web.wait(condition="Available", timeout=60)["metadata"]["name"] == "web"
    [pod] = web.pods()
    assert pod.value.metadata.labels == {**pod.value.metadata.labels, "app": "web"}
    assert isinstance(pod.logs(tail_lines=1), str)
    assert "web" in [each.resource.get("web")["metadata"]["name"] for each in pod.owners()[0].owners()]
    assert web.scale(0).replicas == 0
    pod.wait(deleted=True, timeout=60)
    web.label({"a": "b"})
    web.annotate({"a": "b"})
    assert web.refresh()["metadata"]["labels"]["a"] == "b"
    web.restart(dry_run=True)
    assert web.patch({"spec": {"paused": True}})["spec"]["paused"]
    web.delete(propagation="Background")
    web.wait(deleted=True, timeout=60)


@pytest.fixture
def _own_loop() -> Iterator[None]:
    yield
    stop_shared_runtime()


@pytest.mark.usefixtures("_own_loop")
def test_children_of_every_type_are_found_or_it_is_said_why_not() -> None:
    with kmagic.testing.cluster() as cluster, cluster.client() as client:
        owner = client.object(client.core_v1.configmaps("default").create({"metadata": {"name": "owner"}}))
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.value.metadata.uid}
        head = {"name": "child", "ownerReferences": [reference]}
        client.core_v1.secrets("default").create({"metadata": head})
        client.apps_v1.controllerrevisions("default").create({"metadata": head, "revision": 1})
        assert [each.value["kind"] for each in owner.children()] == ["ControllerRevision", "Secret"]

        def forbid(_: Action) -> None:
            raise ForbiddenError("no", status={"reason": "Forbidden", "code": 403})

        cluster.react("list", "secrets", forbid)
        with pytest.raises(ForbiddenError):
            owner.children()
        assert [each.value["kind"] for each in owner.children("controllerrevisions")] == ["ControllerRevision"]
