"""Runs the notebooks of the project in kernels of their own; as a program, writes their outputs into them.

    python -m tests.notebooks.notebook

What is written is text alone: it reads well on a code host, and the next run changes few lines of it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def run(path: Path, folder: Path, environment: Mapping[str, str] | None = None, cluster: str = "") -> Any:
    """Executes a notebook in a kernel of its own and returns it with its outputs.

    Args:
        path: The notebook.
        folder: An empty folder, the kernel's home.
        environment: Variables of the kernel, beside those of this process.
        cluster: What the line below `%load_ext kmagic` says instead of `here = %ksandbox start`; "" leaves it.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cluster and "cluster" in cell.metadata.get("tags", ()):
            cell.source = cell.source.replace("here = %ksandbox start", cluster)
    home = {"IPYTHONDIR": str(folder / "ipython"), "KUBECONFIG": str(folder / "none"), "HOME": str(folder)}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    asyncio.run(client.async_execute(env={**os.environ, **home, **(environment or {})}))
    return notebook


def shown(notebook: Any) -> list[str]:
    """The text that each code cell shows."""
    texts = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            parts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
            texts.append("\n".join(parts))
    return texts


def save(path: Path) -> None:
    """Runs a notebook and writes the text of its outputs into its file."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = run(path, Path(folder))
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            if "data" in output:
                output.data = {kind: value for kind, value in output.data.items() if kind == "text/plain"}
                output.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if each.get("data", each.get("text"))]
    kept = {key: notebook.metadata[key] for key in ("kernelspec", "language_info") if key in notebook.metadata}
    notebook.metadata = {**kept, "language_info": {"name": "python"}}
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in NOTEBOOKS:
        save(each)
        print(each.name)
