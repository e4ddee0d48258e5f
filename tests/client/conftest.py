"""A running Pod on the real cluster, for the streams."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.pods import AsyncPods
from tests.cluster.fixture import ExternalCluster

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web-0}
spec:
  containers:
  - {name: main, image: registry.k8s.io/pause:3.10}
  - {name: side, image: registry.k8s.io/pause:3.10}
"""


@pytest.fixture(scope="package")
def pod_namespace(cluster: ExternalCluster) -> Iterator[str]:
    name = f"streams-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    cluster.kubectl("apply", "-n", name, "-f", "-", input=POD)
    cluster.kubectl("wait", "-n", name, "pod/web-0", "--for=condition=Ready", "--timeout=60s")
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
async def pods(cluster: ExternalCluster, pod_namespace: str) -> AsyncIterator[AsyncPods]:
    async with AsyncClient(cluster.kubeconfig) as client:
        yield client.core_v1.pods(pod_namespace)
