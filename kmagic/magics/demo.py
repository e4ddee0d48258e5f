"""Runs a notebook in the terminal: prints the prose, each cell, and its text output as it comes.

The cells run in an IPython shell inside this process, so a terminal is all it takes.
"""

from __future__ import annotations

import atexit
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

__all__ = ("run_notebook",)


def run_notebook(path: str | Path, out: TextIO | None = None) -> int:
    """Runs every cell of a notebook, top to bottom; stops at the first that fails.

    Args:
        path: The ``.ipynb`` file.
        out: Where the notebook's own text goes; cells write to the standard output.

    Returns:
        The exit code: 0 if every cell ran, 1 otherwise.
    """
    stream = out or sys.stdout
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    with _shell() as shell:
        for number, cell in enumerate(notebook["cells"], 1):
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                stream.write(f"\n{source}\n")
            elif cell["cell_type"] == "code" and source.strip():
                stream.write(f"\n{_prompt(number, source)}\n")
                stream.flush()
                if not shell.run_cell(source, store_history=True).success:
                    stream.write(f"\nStopped: cell {number} of {Path(path).name} failed.\n")
                    return 1
                stream.flush()
    return 0


def _prompt(number: int, source: str) -> str:
    lead = f"In [{number}]: "
    return lead + source.replace("\n", "\n" + "   ...: ".rjust(len(lead)))


@contextmanager
def _shell() -> Iterator[InteractiveShell]:
    """A shell that leaves no history and no profile behind."""
    with tempfile.TemporaryDirectory(prefix="kmagic-demo-") as home:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        shell = InteractiveShell(config=config, ipython_dir=home)
        try:
            yield shell
        finally:
            shell.run_line_magic("reset", "-f")
            if "kmagic" in shell.extension_manager.loaded:
                shell.extension_manager.unload_extension("kmagic")
            shell.atexit_operations()
            atexit.unregister(shell.atexit_operations)
