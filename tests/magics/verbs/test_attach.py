"""%kattach: on the real server, because the sandbox's containers run nothing."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from kmagic.errors import NotFoundError, ProtectedError, TimeoutError, UsageError  # noqa: A004
from kmagic.magics.results.values import KExec
from tests.cluster.fixture import ExternalCluster
from tests.magics.conftest import Notebook, with_protected
from tests.magics.workload import deploy


def test_it_goes_on_until_the_time_is_over_and_what_came_is_a_value(
    at: Any, cluster: ExternalCluster, request: Any, tmp_path: Path
) -> None:
    notebook = at(with_protected(cluster.kubeconfig, tmp_path / "both.kubeconfig"))
    namespace = f"magics-attach-{uuid.uuid4().hex[:6]}"
    notebook.ok(f"%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}")
    request.addfinalizer(lambda: notebook.unprotect().run(f"%kdelete ns {namespace} --wait=false"))
    notebook.ok(f"%kns {namespace}")
    (pod,) = deploy(notebook, replicas=1)
    # kwok's containers write nothing new.
    for which in (pod, "deploy/web", "deploy web"):
        cut = notebook.run(f"%kattach r << {which} -c main --request-timeout=3s")
        assert isinstance(cut.error, TimeoutError), cut.text
        came = notebook.shell.user_ns["r"]
        assert isinstance(came, KExec)
        assert (came.rc, came.stdout, repr(came)) == (None, "", "")
    notebook.protect()
    assert isinstance(notebook.run(f"%kattach {pod}").error, ProtectedError)
    notebook.unprotect()
    ended = '{"status": {"phase": "Succeeded"}}'
    notebook.ok(f"%kpatch pod {pod} --subresource status --type merge -p '{ended}'")
    assert "cannot attach a container in a completed pod; current phase is Succeeded" in notebook.fails(
        f"%kattach {pod}"
    )


@pytest.mark.parametrize("line", ["%kattach", "%kattach a b c", "%kattach /a", "%kattach pod/a b"])
def test_a_mistake_is_one_card(offline: Notebook, line: str) -> None:
    assert isinstance(offline.run(line).error, UsageError)


def test_a_missing_pod_is_said(online: Notebook) -> None:
    assert isinstance(online.run("%kattach nope").error, NotFoundError)
