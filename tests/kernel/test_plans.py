"""Run All in a real kernel: none of its cells applies a plan that the same run made."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.conftest import Server
from tests.kernel.conftest import NAMESPACE
from tests.kernel.harness import Cell, Kernel, kernel
from tests.magics.conftest import PROTECTED, with_protected

CONFIG_MAP = "%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}"


@pytest.fixture
def protected(server: Server, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel in a protected context, in a namespace of its own with a ConfigMap."""
    path = with_protected(server.kubeconfig, tmp_path / "both.kubeconfig")
    with kernel(tmp_path, str(path)) as running:
        name = f"plans-{uuid.uuid4().hex[:8]}"
        running.ok(NAMESPACE.format(name))
        running.ok(f"%kns {name}")
        running.ok(CONFIG_MAP)
        running.ok("first = %kctx\nhome = first.target.context")
        running.ok(f"%kctx {PROTECTED} -n {name}")
        yield running
        running.run("_kp.discard()")
        running.ok("%kctx {{home}}")
        running.ok(f"%kdelete ns {name} --wait=false")


def run_all(running: Kernel, *cells: str) -> list[Cell]:
    """Sends all cells before the first has run, as a page's Run All does."""
    return [running.finish(each) for each in [running.send(code) for code in cells]]


def is_there(running: Kernel) -> bool:
    return "configmap/cm" in running.ok("%kget cm -o name").text


def test_R3_run_all_applies_nothing_it_planned(protected: Kernel) -> None:
    plan, applied, after = run_all(protected, "%kdelete cm cm", "_kp.apply()", "print('went on')")
    assert plan.error is None
    assert "not applied: _kp.apply() applies it to acme-prod" in plan.text
    assert applied.error is not None
    assert "sent before the plan was shown" in applied.text
    assert len(applied.error) <= 4
    assert "went on" not in after.text
    assert is_there(protected)
    protected.ok("_kp.apply()")
    assert not is_there(protected)


def test_R3_one_cell_that_plans_and_applies_does_not_apply(protected: Kernel) -> None:
    ran = protected.run("%kdelete cm cm\n_kp.apply()")
    assert ran.error is not None
    assert "sent before the plan was shown" in ran.text
    assert is_there(protected)


def test_R5_run_all_does_not_confirm(protected: Kernel) -> None:
    _, applied = run_all(protected, "%kdelete cm --all", "_kp.apply(confirm='2')")
    assert "sent before the plan was shown" in applied.text
    assert is_there(protected)


@pytest.mark.parametrize("skew", [-600, 600])
def test_R3_a_page_whose_clock_is_wrong_can_apply_and_run_all_cannot(
    protected: Kernel, monkeypatch: pytest.MonkeyPatch, skew: int
) -> None:
    make = protected.client.session.msg_header

    def dated(kind: str) -> dict[str, object]:
        return {**make(kind), "date": datetime.now(UTC) + timedelta(seconds=skew)}

    monkeypatch.setattr(protected.client.session, "msg_header", dated)
    protected.ok("%reload_ext kmagic")
    protected.ok("%kctx acme-prod -n {{first.target.namespace}}")
    _, applied = run_all(protected, "%kdelete cm cm", "_kp.apply()")
    assert "sent before the plan was shown" in applied.text
    assert is_there(protected)
    protected.ok("_kp.apply()")
    assert not is_there(protected)


def test_R6_nobody_there_means_the_run_stops_at_the_plan(server: Server, tmp_path: Path) -> None:
    path = with_protected(server.kubeconfig, tmp_path / "both.kubeconfig")
    cells = [
        "%load_ext kmagic",
        f"%kctx {PROTECTED} --kubeconfig {path} -n default",
        CONFIG_MAP.replace("name: cm", "name: never-there"),
        "_kp.apply()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}})
    with pytest.raises(CellExecutionError, match="nobody is here to approve it"):
        client.execute(env={"PYTHONPATH": str(Path(__file__).parents[2]), "IPYTHONDIR": str(tmp_path), "PATH": "/bin"})
    (output,) = [each for each in notebook.cells[2].outputs if each.output_type == "error"]
    assert len(output.traceback) <= 4
    said = "".join(str(each) for each in notebook.cells[2].outputs)
    assert "never-there created (server dry run)" in said
    assert "_kp.apply()" not in said


def test_an_error_of_the_library_is_short_in_a_kernel_too(notebook: Kernel) -> None:
    ran = notebook.run("here = %kctx\nhere.client.core_v1.pods.get('nope')")
    assert ran.error is not None
    assert len(ran.error) <= 5
    assert 'pods "nope" not found' in ran.text
    assert "line 2: here.client.core_v1.pods.get('nope')" in ran.text
