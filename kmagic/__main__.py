"""The command line, `kmagic` or `python -m kmagic`: the tour, JupyterLab on the notebooks, or a sandbox.

kmagic demo [NOTEBOOK]      runs the tour, or another notebook, in the terminal, against the sandbox
kmagic lab [OPTIONS]        opens the notebooks in JupyterLab
kmagic sandbox [OPTIONS]    a Kubernetes API server on loopback, in the foreground; --help has its options
kmagic --version            prints the version

In a notebook: %load_ext kmagic, then %khelp.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from kmagic.errors import KubeError

__all__ = ("command_line", "main")

_TOUR = "01-tour.ipynb"
_CLONED = Path("notebooks")
_INSTALLED = Path(__file__).parent / "notebooks"
_COPIED = Path("kmagic-notebooks")


def command_line() -> int:
    """Runs the command line of this process; the console script `kmagic`."""
    return main(sys.argv[1:])


def main(arguments: list[str]) -> int:
    """Runs one command line, without the program's name.

    Returns:
        The exit code: 0 done, 1 failed, 2 not understood.
    """
    command, *rest = arguments or ["help"]
    try:
        match command:
            case "demo":
                return _demo(Path(rest[0]) if rest else None)
            case "lab":
                return _lab(rest)
            case "sandbox":
                return _sandbox(rest)
            case "help" | "-h" | "--help":
                print(__doc__)
                return 0
            case "version" | "--version":
                print(importlib.import_module("kmagic").__version__)
                return 0
    except KubeError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"unknown command {command!r}\n\n{__doc__}", file=sys.stderr)
    return 2


def _sandbox(options: list[str]) -> int:
    importlib.import_module("kmagic.sandbox.host.needs").check()
    return int(importlib.import_module("kmagic.sandbox.host.cli").main(options))


def _notebooks() -> Path | None:
    """The folder of the notebooks: a clone's, else the installed one; None where neither is."""
    return next((folder for folder in (_CLONED, _INSTALLED) if (folder / _TOUR).is_file()), None)


def _demo(notebook: Path | None) -> int:
    folder = _notebooks()
    chosen = notebook or (folder / _TOUR if folder else Path(_TOUR))
    if not chosen.is_file():
        print(f"{chosen} is not there; run this in a clone of the repository, or name a notebook", file=sys.stderr)
        return 2
    try:
        code = int(importlib.import_module("kmagic.magics.demo").run_notebook(chosen))
    except KeyboardInterrupt:
        return 130
    if code == 0 and notebook is None:
        lab = "make lab" if folder == _CLONED else "kmagic lab"
        print(f"\nThat was the tour. `{lab}` opens it in JupyterLab, where %kwatch is live.")
    return code


def _lab(options: list[str]) -> int:
    if importlib.util.find_spec("jupyterlab") is not None:
        _become_lab(options)
    print("JupyterLab is not installed here: pip install jupyterlab", file=sys.stderr)
    return 2


def _become_lab(options: list[str]) -> NoReturn:
    folder = _notebooks()
    if folder == _INSTALLED:
        # Copies: what is tried in them is the user's, and an upgrade would overwrite it.
        shutil.copytree(folder, _COPIED, copy_function=_copy_new, dirs_exist_ok=True)
        folder = _COPIED
    target = str(folder / _TOUR) if folder else "."
    # In this process's place: Ctrl-C is JupyterLab's, which asks and then ends its kernels.
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", target, *options])


def _copy_new(source: str, target: str) -> str:
    return target if os.path.exists(target) else shutil.copyfile(source, target)


if __name__ == "__main__":
    sys.exit(command_line())
