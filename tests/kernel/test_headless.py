"""A notebook that runs without a front-end, as nbclient and papermill run it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.kernel.conftest import POD

pytestmark = pytest.mark.timeout(240)


def run(folder: Path, *cells: str, allow_errors: bool = False) -> list[nbformat.NotebookNode]:
    """Runs cells after a sandbox with a Pod is there; returns their saved outputs."""
    begin = ["%load_ext kmagic", "%ksandbox start", POD, "%kwait pod/web --for condition=Ready --timeout 60s"]
    sources = [*begin, *cells]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = NotebookClient(notebook, timeout=90, kernel_name="python3", allow_errors=allow_errors)
    home = {"IPYTHONDIR": str(folder / "ipython"), "KUBECONFIG": str(folder / "none"), "HOME": str(folder)}
    asyncio.run(client.async_execute(env={**os.environ, **home}))
    return [cell.outputs for cell in notebook.cells[len(begin) :]]


def test_a_followed_log_is_saved_as_plain_text(tmp_path: Path) -> None:
    (outputs, _, assigned) = run(tmp_path, "%klogs -f web", "logs = %klogs -f web", "logs.until('listening')")
    assert [output.output_type for output in outputs] == ["stream"] * len(outputs)
    text = "".join(output.text for output in outputs)
    assert "listening on port 8080" in text
    assert "followed in the background" in text
    assert "listening on port 8080" in assigned[0].data["text/plain"]


def test_an_error_stops_the_run_with_its_card(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match='pods "nope" not found'):
        run(tmp_path, "%kget pods nope")


def test_a_library_error_is_a_card_in_the_saved_notebook(tmp_path: Path) -> None:
    (library,) = run(
        tmp_path,
        "client = %kctx\nclient.client.core_v1.pods('default').get('nope')",
        allow_errors=True,
    )
    (error,) = library
    assert error.output_type == "error"
    assert error.ename == "NotFoundError"
    assert len(error.traceback) <= 5
    assert "kmagic/" not in "\n".join(error.traceback)
