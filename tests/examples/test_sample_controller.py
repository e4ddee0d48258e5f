"""The sample controller: its single steps, and its whole life, on the sandbox and on a real server."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

import kmagic
from kmagic.api.key import ObjectKey
from kmagic.controller import EventRecorder
from kmagic.errors import AlreadyExistsError, InternalServerError, InvalidError, NotFoundError
from kmagic.models.apps_v1 import Deployment
from kmagic.testing.recorder import FakeRecorder
from kmagic.testing.sandbox import TestCluster
from tests.examples.sample_controller import AGENT, CRD, FOOS, ResourceExistsError, SampleController
from tests.follow import versions, versions_of

ROOT = Path(__file__).parents[2]


def foo(name: str = "test", replicas: int | None = 1, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "samplecontroller.k8s.io/v1alpha1",
        "kind": "Foo",
        "metadata": {"name": name},
        "spec": {"deploymentName": f"{name}-deployment", "replicas": replicas, **spec},
    }


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    with anyio.fail_after(seconds):
        while not await condition():  # noqa: ASYNC110  # a server tells no event
            await anyio.sleep(0.05)


@pytest.fixture
async def crd(async_client: kmagic.AsyncClient) -> None:
    """The Foo resource; it stays, because other tests of the same server may use it."""
    with contextlib.suppress(AlreadyExistsError):
        await async_client.resource("customresourcedefinitions").create(CRD)

    async def served() -> bool:
        await async_client.discovery.refresh()
        return FOOS in {resource.full_name for resource in await async_client.discovery.resources()}

    await until(served)


@pytest.fixture
async def foos(async_client: kmagic.AsyncClient, async_ns: str, crd: None) -> Any:
    return async_client.resource(FOOS, namespace=async_ns)


class Steps:
    """A sample controller with filled caches whose workers do not run: a test calls `sync` itself."""

    def __init__(self, client: kmagic.AsyncClient, recorded: TestCluster, namespace: str) -> None:
        self.events = FakeRecorder()
        self.client = client
        self.sample = SampleController(client, self.events, namespace=namespace)
        self.recorded = recorded
        self.namespace = namespace

    async def sync(self, name: str = "test") -> list[str]:
        """One step on fresh caches; returns what it changed."""
        self.sample = SampleController(self.client, self.events, namespace=self.namespace)
        async with self.sample.controller.factory as factory:
            await factory.wait_synced(timeout=60)
            await until(self._up_to_date)
            self.recorded.clear_actions()
            await self.sample.sync(ObjectKey(self.namespace, name))
        return self.changes

    async def _up_to_date(self) -> bool:
        # A first list may come from the server's cache, a moment old.
        for kind, name in ((FOOS, FOOS), (Deployment, "deployments")):
            cached = self.sample.controller.lister(kind, self.namespace).list()
            if versions(cached) != await versions_of(self.client.resource(name, namespace=self.namespace)):
                return False
        return True

    @property
    def changes(self) -> list[str]:
        return [str(action) for action in self.recorded.changes]


@pytest.fixture
def steps(async_client: kmagic.AsyncClient, recorded: TestCluster, async_ns: str, crd: None) -> Steps:
    return Steps(async_client, recorded, async_ns)


async def test_SC_3_SC_6_a_foo_without_a_deployment_gets_one(steps: Steps, foos: Any) -> None:
    made = await foos.create(foo())
    ns = steps.namespace
    assert await steps.sync() == [f"create deployments.apps {ns}/test-deployment", f"update {FOOS}/status {ns}/test"]
    sent = steps.recorded.changes[0]
    assert sent.object["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "samplecontroller.k8s.io/v1alpha1",
            "kind": "Foo",
            "name": "test",
            "uid": made["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    assert sent.object["spec"]["template"]["metadata"]["labels"] == {"app": "nginx", "controller": "test"}
    assert sent.object["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:latest"
    assert ("fieldManager", AGENT) in sent.request.query  # type: ignore[union-attr]
    assert steps.events.events == ["Normal Synced Foo synced successfully"], "SC-5"


async def test_SC_6_a_foo_with_its_deployment_only_gets_its_status(
    steps: Steps, foos: Any, async_client: kmagic.AsyncClient
) -> None:
    made = await foos.create(foo())
    await async_client.apps_v1.deployments(steps.namespace).create(steps.sample.deployment_for(made))
    assert await steps.sync() == [f"update {FOOS}/status {steps.namespace}/test"]


async def test_SC_5_SC_6_another_number_of_replicas_updates_the_deployment(
    steps: Steps, foos: Any, async_client: kmagic.AsyncClient
) -> None:
    made = await foos.create(foo(replicas=1))
    await async_client.apps_v1.deployments(steps.namespace).create(steps.sample.deployment_for(made))
    made["spec"]["replicas"] = 2
    await foos.update(made)
    ns = steps.namespace
    assert await steps.sync() == [f"update deployments.apps {ns}/test-deployment", f"update {FOOS}/status {ns}/test"]
    assert steps.recorded.changes[0].object["spec"]["replicas"] == 2


async def test_SC_4_SC_6_a_deployment_of_somebody_else_is_left_alone(
    steps: Steps, foos: Any, async_client: kmagic.AsyncClient
) -> None:
    made = await foos.create(foo())
    others = steps.sample.deployment_for(made)
    others.metadata.owner_references = []
    await async_client.apps_v1.deployments(steps.namespace).create(others)
    message = 'Resource "test-deployment" already exists and is not managed by Foo'
    with pytest.raises(ResourceExistsError, match=message):
        await steps.sync()
    assert steps.changes == []
    assert steps.events.events == [f"Warning ErrResourceExists {message}"]


async def test_SC_3_a_foo_that_is_gone_is_no_error_and_one_without_a_name_is_not_tried_again(
    steps: Steps, foos: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await foos.create(foo("nameless", deploymentName=""))
    assert await steps.sync("gone") == []
    assert await steps.sync("nameless") == []
    assert "deployment name must be specified" in caplog.text
    assert steps.events.events == []


async def test_SC_3_a_failed_creation_is_an_error_and_so_tried_again(steps: Steps, foos: Any) -> None:
    await foos.create(foo())
    steps.recorded.react("create", "deployments", lambda _: InternalServerError("etcdserver: no leader"))
    with pytest.raises(InternalServerError):
        await steps.sync()
    assert "status" not in " ".join(steps.changes)


async def test_SC_1_replicas_outside_one_to_ten_are_refused_by_the_server(foos: Any) -> None:
    with pytest.raises(InvalidError, match="replicas"):
        await foos.create(foo(replicas=11))


@asynccontextmanager
async def running(client: kmagic.AsyncClient, namespace: str) -> AsyncIterator[SampleController]:
    async with EventRecorder(client.core_v1.events, AGENT) as recorder:
        sample = SampleController(client, recorder, namespace=namespace)
        async with sample.controller:
            yield sample


async def test_SC_2_SC_5_a_running_controller_follows_its_foos_and_their_deployments(
    async_client: kmagic.AsyncClient, async_ns: str, foos: Any
) -> None:
    async with running(async_client, async_ns) as sample:
        deployments = async_client.apps_v1.deployments(async_ns)

        async def available(count: int) -> bool:
            return (await foos.get("web")).get("status", {}).get("availableReplicas") == count

        await foos.create(foo("web", replicas=2))
        await until(lambda: available(2))
        await foos.patch("web", {"spec": {"replicas": 3}})
        await until(lambda: available(3))

        async def events() -> set[str]:
            found = await async_client.resource("events", namespace=async_ns).list(
                field_selector="involvedObject.kind=Foo"
            )
            return {f"{e['type']} {e['reason']} {e['message']}" for e in found}

        async def said(event: str) -> bool:
            return event in await events()

        await until(lambda: said("Normal Synced Foo synced successfully"))

        # A Deployment that goes is made again: its deletion is an event of its Foo.
        before = (await deployments.get("web-deployment")).metadata.uid
        await deployments.delete("web-deployment", propagation="Background")

        async def is_new() -> bool:
            try:
                return (await deployments.get("web-deployment")).metadata.uid != before
            except NotFoundError:
                return False

        await until(is_new)

        # One that is somebody else's is told and tried again, and does not hold up the others.
        taken = sample.deployment_for({**await foos.get("web"), "spec": {"deploymentName": "taken", "replicas": 1}})
        taken.metadata.owner_references = []
        await deployments.create(taken)
        await foos.create(foo("second", deploymentName="taken"))
        await until(lambda: said('Warning ErrResourceExists Resource "taken" already exists and is not managed by Foo'))
        key = ObjectKey(async_ns, "second")

        async def failing() -> bool:
            return sample.controller.status.retries.get(key, 0) > 1

        await until(failing)
        assert "ResourceExistsError" in sample.controller.status.errors[key], "SC-8: the last error of each key"


async def test_SC_8_a_controller_that_is_replaced_leaves_nothing_and_works_on_with_the_next(
    async_client: kmagic.AsyncClient, async_ns: str, foos: Any
) -> None:
    recorder = FakeRecorder()
    for n in range(3):  # the cell runs three times
        sample = SampleController(async_client, recorder, namespace=async_ns)
        async with sample.controller as controller:
            await foos.create(foo(f"foo-{n}"))

            async def made(name: str = f"foo-{n}-deployment") -> bool:
                try:
                    found: Deployment = await async_client.apps_v1.deployments(async_ns).get(name)
                except NotFoundError:
                    return False
                return found.metadata.name == name

            await until(made)
        assert controller.status.processing == ()
        assert not any(informer.running for informer in controller._informers)
        del sample, controller
        gc.collect()
    # That no task is left is checked after every test.


def test_SC_7_a_signal_ends_it_in_good_order(recorded: TestCluster, ns: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.examples.sample_controller", "--kubeconfig", str(recorded.kubeconfig)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    with child:
        lines = []
        for line in child.stderr:
            lines.append(line)
            if "Started workers" in line:
                os.kill(child.pid, signal.SIGTERM)
    assert child.returncode == 0
    assert "Shutting down workers" in "".join(lines)


def test_the_definition_is_what_upstream_has() -> None:
    (version,) = CRD["spec"]["versions"]
    assert version["name"] == "v1alpha1"
    assert version["subresources"] == {"status": {}}
    replicas = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["replicas"]
    assert (replicas["minimum"], replicas["maximum"]) == (1, 10)
