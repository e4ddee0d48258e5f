"""`python -m kmagic`: the tour, JupyterLab on the tour, or a sandbox.

python -m kmagic demo [NOTEBOOK]     runs the tour in the terminal, against the sandbox
python -m kmagic lab                 opens the notebooks in JupyterLab
python -m kmagic sandbox [OPTIONS]   a Kubernetes API server on loopback, in the foreground
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import NoReturn

__all__ = ("main",)

_NOTEBOOKS = Path("notebooks")
_TOUR = _NOTEBOOKS / "01-tour.ipynb"


def main(arguments: list[str]) -> int:
    """Runs one command line, without the program's name.

    Returns:
        The exit code: 0 done, 1 failed, 2 not understood.
    """
    command, *rest = arguments or ["help"]
    match command:
        case "demo":
            return _demo(Path(rest[0]) if rest else _TOUR)
        case "lab":
            return _lab(rest)
        case "sandbox":
            return int(importlib.import_module("kmagic.sandbox.host.cli").main(rest))
        case "help" | "-h" | "--help":
            print(__doc__)
            return 0
        case "--version":
            print(importlib.import_module("kmagic").__version__)
            return 0
    print(f"unknown command {command!r}\n\n{__doc__}", file=sys.stderr)
    return 2


def _demo(notebook: Path) -> int:
    if not notebook.is_file():
        print(f"{notebook} is not there; run this in a clone of the repository, or name a notebook", file=sys.stderr)
        return 2
    try:
        code = int(importlib.import_module("kmagic.magics.demo").run_notebook(notebook))
    except KeyboardInterrupt:
        return 130
    if code == 0:
        print("\nThat was the tour. `make lab` opens it in JupyterLab, where %kwatch is live.")
    return code


def _lab(options: list[str]) -> int:
    if importlib.util.find_spec("jupyterlab") is not None:
        _become_lab(options)
    print("JupyterLab is not installed here: pip install jupyterlab", file=sys.stderr)
    return 2


def _become_lab(options: list[str]) -> NoReturn:
    target = str(_TOUR) if _TOUR.is_file() else "."
    # In this process's place: Ctrl-C is JupyterLab's, which asks and then ends its kernels.
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", target, *options])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
