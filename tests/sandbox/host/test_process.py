from __future__ import annotations

import os
import select
import subprocess
import sys

import pytest

from kmagic.client.client import AsyncClient
from kmagic.errors import ForbiddenError, KubeError
from kmagic.sandbox.host.process import start


async def test_a_sandbox_starts_answers_and_stops(tmp_path):
    path = tmp_path / "kubeconfig"
    with start(kubeconfig=path, nodes=2) as process:
        assert process.running
        assert process.kubeconfig == path
        assert path.stat().st_mode & 0o777 == 0o600
        async with AsyncClient(str(path)) as client:
            assert len((await client.resource("nodes").list()).items) == 2
        async with AsyncClient(str(path), context="sandbox-readonly") as viewer:
            await viewer.resource("pods", namespace=None).list()
            with pytest.raises(ForbiddenError, match='User "sandbox-viewer" cannot list resource "secrets"'):
                await viewer.resource("secrets", namespace="default").list()
    assert not process.running
    process.stop()


def test_a_folder_of_its_own_goes_with_it():
    with start() as process:
        folder = process.kubeconfig.parent
        assert folder.is_dir()
    assert not folder.exists()


def test_a_start_that_fails_says_why(tmp_path):
    with start(kubeconfig=tmp_path / "a") as running:
        port = int(running.server.rpartition(":")[2])
        with pytest.raises(KubeError, match="the sandbox did not start"):
            start(kubeconfig=tmp_path / "b", port=port)


def test_a_sandbox_ends_when_its_parent_does():
    code = (
        "import os\n"
        "from kmagic.sandbox.host.process import start\n"
        "process = start()\n"
        "print(process.pid, flush=True)\n"
        "os._exit(1)\n"  # no clean-up: as if the parent was killed
    )
    parent = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    pid = int(parent.stdout)
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([descriptor], [], [], 10)
    finally:
        os.close(descriptor)
    assert ended, "the child is still there"
