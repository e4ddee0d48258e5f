"""Clients that others wrote see the same on the sandbox as on a real server.

Each program of `clients/` runs in one environment of its own, with the versions of constraints.txt, and prints what it saw.
"""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.conftest import Server

PROGRAMS = Path(__file__).parent / "clients"
CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
CLIENTS = ("kubernetes", "kr8s", "lightkube", "kopf")
MISSING = 'configmaps "missing" not found'

SEEN: dict[str, dict[str, Any]] = {
    "official": {
        "minor": "37",
        "patched": [{"a": "1", "b": "2"}, True],
        "stale": [409, "Conflict"],
        "changes": ["MODIFIED", "DELETED"],
        "scaled": ["Scale", 2, 2],
        "listed": ["web"],
        "deleted": ["Deployment", ["foregroundDeletion"]],
        "missing": [404, MISSING],
        "allowed": True,
    },
    "kr8s_objects": {
        "minor": "37",
        "patched": [{"a": "1", "b": "2"}, {"app": "a"}],
        "listed": ["settings"],
        "changes": ["ADDED", "DELETED"],
        "exists": False,
        "scaled": 2,
        "missing": "NotFoundError",
        "kinds": ["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
    },
    "lightkube_typed": {
        "namespace": "Active",
        "patched": {"a": "1", "b": "2"},
        "stale": [409, "Conflict"],
        "conflict": [409, [".data.b"]],
        "applied": {"a": "1", "b": "3"},
        "changes": ["MODIFIED", "MODIFIED", "DELETED"],
        "scaled": [2, 2],
        "listed": ["web"],
        "missing": [404, MISSING],
    },
    "kopf_operator": {
        "status": {"held": True},
        "finalizers": 1,
        "owner": [True, {"size": "1"}],
        "happened": ["created", "1 to 2", "deleted"],
    },
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The interpreter of an environment with the clients and nothing of ours."""
    home = tmp_path_factory.mktemp("clients")
    venv.create(home, with_pip=True, symlinks=True)
    found = home / "bin" / "python"
    command = [found, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    installed = subprocess.run(
        [*command, "-c", CONSTRAINTS, *CLIENTS],
        env={**os.environ, "PYTHONPATH": ""},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert installed.returncode == 0, installed.stderr
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("program", sorted(SEEN))
async def test_a_client_sees_what_the_real_server_shows_it(
    python: Path, server: Server, ns: str, program: str, tmp_path: Path
) -> None:
    environment = {"PATH": os.defpath, "HOME": str(tmp_path), "KUBECONFIG": server.kubeconfig}
    command = [str(python), str(PROGRAMS / f"{program}.py"), ns]
    with anyio.fail_after(180):
        ran = await anyio.run_process(command, env=environment, cwd=tmp_path, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout.splitlines()[-1]) == SEEN[program]
