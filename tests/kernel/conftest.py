"""A kernel in a namespace of its own, with a Pod whose log can be followed; on the sandbox and on the real server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_core.utils import ensure_event_loop

from tests.conftest import Server
from tests.kernel.harness import Kernel, kernel

NAMESPACE = """%%kapply
apiVersion: v1
kind: Namespace
metadata: {{name: {0}}}
"""
POD = """%%kapply
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: main, image: "nginx:1"}]}
"""


@pytest.fixture(scope="session", autouse=True)
def _loop_of_jupyter_client() -> Iterator[None]:
    """The loop its blocking client makes once for the thread; here, so that no test is blamed for it."""
    loop = ensure_event_loop()
    yield
    loop.close()


@pytest.fixture
def notebook(server: Server, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel at a running server, in a namespace of its own."""
    with kernel(tmp_path, server.kubeconfig) as running:
        name = f"kernel-{uuid.uuid4().hex[:8]}"
        running.ok(NAMESPACE.format(name))
        running.ok(f"%kns {name}")
        yield running
        running.ok(f"%kdelete ns {name} --wait=false")


@pytest.fixture
def with_pod(notebook: Kernel) -> Kernel:
    """The same with a Pod that runs."""
    notebook.ok(POD)
    notebook.ok("%kwait pod/web --for condition=Ready --timeout 60s")
    return notebook
