"""%kcp: on the real server, because the sandbox's containers have no files; what is refused, beside kubectl's words."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from kmagic.errors import ProtectedError, UsageError
from tests.cluster.fixture import ExternalCluster
from tests.magics.conftest import Notebook, with_protected
from tests.magics.workload import deploy


def test_files_go_in_and_out_as_kubectl_copies_them(
    at: Any, cluster: ExternalCluster, request: Any, tmp_path: Path
) -> None:
    notebook = at(with_protected(cluster.kubeconfig, tmp_path / "both.kubeconfig"))
    namespace = f"magics-cp-{uuid.uuid4().hex[:6]}"
    notebook.ok(f"%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}")
    request.addfinalizer(lambda: notebook.unprotect().run(f"%kdelete ns {namespace} --wait=false"))
    notebook.ok(f"%kns {namespace}")
    (pod,) = deploy(notebook, replicas=1)
    there = f"/tmp/{namespace}"
    notebook.ok(f"%kexec {pod} -- mkdir -p {there}/into")
    request.addfinalizer(lambda: notebook.unprotect().run(f"%kexec {pod} -- rm -rf {there}"))
    here = tmp_path / "data"
    here.mkdir()
    (here / "a.txt").write_text("one\n")
    # A new name, then a folder that is there, as kubectl does with it.
    assert notebook.ok(f"%kcp {here}/a.txt {pod}:{there}/b.txt").value == [f"{there}/b.txt"]
    assert notebook.ok(f"%kcp {here} {pod}:{there}/into -c main").value == [f"{there}/into/data"]
    assert notebook.ok(f"%kexec {pod} -- cat {there}/into/data/a.txt {there}/b.txt").value.stdout == "one\none\n"
    copied = notebook.ok(f"%kcp {namespace}/{pod}:{there}/into {tmp_path}/out")
    assert (tmp_path / "out" / "data" / "a.txt").read_text() == "one\n"
    assert copied.value == [str(tmp_path / "out" / "data" / "a.txt")]
    assert copied.text.strip() == ""
    assert "nothing" in notebook.fails(f"%kcp {pod}:{there}/nothing {tmp_path}/x")
    assert "not found" in notebook.fails(f"%kcp nope:/a {tmp_path}/x")
    notebook.protect()
    assert isinstance(notebook.run(f"%kcp {here}/a.txt {pod}:{there}/c.txt").error, ProtectedError)


REFUSED = [
    ("cp", "source and destination are required"),
    ("cp a", "source and destination are required"),
    ("cp a b c", "source and destination are required"),
    ("cp a b", "one of src or dest must be a remote file specification"),
    ("cp p:/a p:/b", "one of src or dest must be a local file specification"),
    ("cp :/a b", "filespec must match the canonical format: [[namespace/]pod:]file/path"),
    ("cp a/b/c:/a b", "filespec must match the canonical format: [[namespace/]pod:]file/path"),
    ("cp p: b", "filepath can not be empty"),
    ("cp /no/such/file p:/b", "/no/such/file doesn't exist in local filesystem"),
]


@pytest.mark.parametrize(("line", "says"), REFUSED)
def test_a_mistake_is_said_as_kubectl_says_it(
    line: str, says: str, offline: Notebook, cluster: ExternalCluster
) -> None:
    ran = offline.run(f"%kubectl {line}")
    assert isinstance(ran.error, UsageError)
    assert says in ran.error.message
    assert says in cluster.kubectl(*line.split(), check=False)
