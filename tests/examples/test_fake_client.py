"""A test of code that uses informers, without a cluster: how `kmagic.testing` takes the place of a fake clientset.

Source: k8s.io/client-go/examples/fake-client
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import anyio
import pytest

import kmagic
import kmagic.testing
from kmagic.models.core_v1 import Container, Namespace, Pod, PodSpec
from kmagic.models.meta_v1 import ObjectMeta
from kmagic.testing.actions import Action
from kmagic.testing.sandbox import TestCluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    with kmagic.testing.cluster() as running:
        yield running


def pod() -> Pod:
    return Pod(metadata=ObjectMeta(name="my-pod"), spec=PodSpec(containers=[Container(name="a", image="a")]))


async def _see_the_pod(cluster: TestCluster, *, wait_for_the_watch: bool) -> list[str]:
    watch_started = anyio.Event()

    def started(_: Action) -> None:
        watch_started.set()

    cluster.log.on_answer("watch", "pods", started)
    namespace = f"test-ns-{uuid.uuid4().hex[:8]}"
    send, receive = anyio.create_memory_object_stream[Pod](10)
    async with cluster.async_client() as client, send, receive:
        await client.core_v1.namespaces.create(Namespace(metadata=ObjectMeta(name=namespace)))
        factory = client.informers(namespace=namespace)
        factory.core_v1.pods.informer.add_handler(on_add=send.send_nowait)
        async with factory:
            if wait_for_the_watch:
                await factory.wait_synced(timeout=60)
                with anyio.fail_after(60):
                    await watch_started.wait()
            await client.core_v1.pods(namespace).create(pod())
            with anyio.fail_after(60):
                found = await receive.receive()
    return [found.metadata.name or ""]


async def test_EX7_A20_the_handler_sees_a_pod_that_is_created_once_the_watch_runs(cluster: TestCluster) -> None:
    assert await _see_the_pod(cluster, wait_for_the_watch=True) == ["my-pod"]
    assert {action.verb for action in cluster.actions if action.resource == "pods"} >= {"list", "watch", "create"}


async def test_EX7_FK_04_without_waiting_there_is_no_race_either(cluster: TestCluster) -> None:
    # client-go's fake loses an object that is created between its list and its watch, so its example has to wait.
    # Behind this one is a server with versions: the watch goes on from the list's, and nothing falls in between.
    assert await _see_the_pod(cluster, wait_for_the_watch=False) == ["my-pod"]
