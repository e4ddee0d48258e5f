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

from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

__all__ = ("run_notebook",)


def run_notebook(path: str | Path, out: TextIO | None = None) -> int:
    """Runs every cell of a notebook, top to bottom; stops at the first that fails.

    Args:
        path: The ``.ipynb`` file.
        out: Stream for the notebook's own text; cells write to the standard output.

    Returns:
        The exit code: 0 if every cell ran, 1 otherwise.
    """
    stream = out or sys.stdout
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    with _shell() as shell:
        for cell in notebook["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                stream.write(f"\n{source}\n")
            elif cell["cell_type"] == "code" and source.strip():
                number = shell.execution_count
                stream.write(f"\n{_prompt(number, source)}\n")
                stream.flush()
                if not shell.run_cell(source, store_history=True).success:
                    stream.write(f"\nStopped: cell {number} of {Path(path).name} failed.\n")
                    return 1
    return 0


def _prompt(number: int, source: str) -> str:
    lead = f"In [{number}]: "
    return lead + source.replace("\n", "\n" + "...: ".rjust(len(lead)))


class _PlainHook(DisplayHook):
    """Shows values without the ``Out[3]:`` in front, which a value that shows itself would leave bare."""

    def write_output_prompt(self) -> None:
        """Writes nothing."""

    def write_format_data(self, format_dict: dict[str, str], md_dict: object = None) -> None:
        """Writes the plain text."""
        sys.stdout.write(f"{format_dict['text/plain']}\n")


class _Shell(InteractiveShell):
    displayhook_class = _PlainHook


@contextmanager
def _shell() -> Iterator[InteractiveShell]:
    """A shell that leaves no history and no profile behind."""
    with tempfile.TemporaryDirectory(prefix="kmagic-demo-") as home:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        shell = _Shell.instance(config=config, ipython_dir=home)
        try:
            yield shell
        finally:
            shell.run_line_magic("reset", "-f")
            if "kmagic" in shell.extension_manager.loaded:
                shell.extension_manager.unload_extension("kmagic")
            shell.atexit_operations()
            atexit.unregister(shell.atexit_operations)
            _Shell.clear_instance()
