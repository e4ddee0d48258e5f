"""%kexec: on the real server, because the sandbox's containers run nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kmagic.errors import NotFoundError, ProtectedError, StreamError, TimeoutError, UsageError  # noqa: A004
from kmagic.magics.results.values import KExec
from tests.cluster.fixture import ExternalCluster
from tests.magics.conftest import Notebook, with_protected
from tests.magics.workload import deploy


def test_a_command_runs_and_its_failure_is_an_error(
    at: Any, cluster: ExternalCluster, request: Any, tmp_path: Path
) -> None:
    notebook = at(with_protected(cluster.kubeconfig, tmp_path / "both.kubeconfig"))
    namespace = "magics-exec"
    notebook.ok(f"%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}")
    request.addfinalizer(lambda: notebook.unprotect().run(f"%kdelete ns {namespace} --wait=false"))
    notebook.ok(f"%kns {namespace}")
    (pod,) = deploy(notebook, replicas=1)
    ran = notebook.ok(f"%kexec {pod} -- echo hello")
    assert isinstance(ran.value, KExec)
    assert (ran.value.rc, ran.value.stdout.strip()) == (0, "hello")
    assert "hello" in notebook.ok("%kexec deploy/web -- echo hello").text
    failed = notebook.run(f"%kexec {pod} -- sh -c 'echo why >&2; exit 3'")
    assert isinstance(failed.error, StreamError)
    assert "why" in failed.text
    assert (notebook.shell.user_ns["_k"].rc, notebook.shell.user_ns["_k"].stderr) == (3, "why\n")
    assert notebook.ok(f"%kexec {pod} --no-check -- sh -c 'exit 3'").value.rc == 3
    cut = notebook.run(f"%kexec r << {pod} --request-timeout=2s -- sh -c 'echo came; sleep 100'")
    assert isinstance(cut.error, TimeoutError)
    assert "came" in cut.text
    came = notebook.shell.user_ns["r"]
    assert (came.rc, came.stdout) == (None, "came\n")
    evicted = '{"status": {"phase": "Failed", "reason": "Evicted"}}'
    notebook.ok(f"%kpatch pod {pod} --subresource status --type merge -p '{evicted}'")
    view = notebook.ok("pods = %kwatch pods -l app=web\npods").value
    view.until(lambda rows: any(row.status == "Running" for row in rows), timeout=60)
    view.stop()
    assert "hello" in notebook.ok("%kexec deploy/web -- echo hello").text
    assert "cannot exec into a container in a completed pod; current phase is Failed" in notebook.fails(
        f"%kexec {pod} -- echo hello"
    )
    notebook.protect()
    assert isinstance(notebook.run("%kexec deploy/web -- echo hello").error, ProtectedError)


@pytest.mark.parametrize("line", ["%kexec web-0", "%kexec -- id", "%kexec a b -- id", "%kexec /a -- id"])
def test_a_mistake_is_one_card(offline: Notebook, line: str) -> None:
    assert isinstance(offline.run(line).error, UsageError)


def test_a_missing_pod_is_said(online: Notebook) -> None:
    assert isinstance(online.run("%kexec nope -- id").error, NotFoundError)
