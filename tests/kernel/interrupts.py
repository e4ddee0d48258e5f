"""Interrupts at many moments, in a kernel, in JupyterLab and in a terminal, and what they leave: ``make interrupts``."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.harness import Notebook, browser, jupyter_lab
from tests.kernel.conftest import POD
from tests.kernel.harness import Kernel, kernel
from tests.kernel.terminal import Terminal, terminal

__all__ = (
    "ALIVE",
    "ENDLESS",
    "LOOPS",
    "PREPARE",
    "Interrupted",
    "in_kernel",
    "in_lab",
    "in_terminal",
    "prepare_terminal",
    "wait_until_begun",
)

# Each would go on for a minute and more.
ENDLESS = {
    "wait": "%kwait pod/web --for condition=Never --timeout 60s",
    "gone": "%kwait pod/web --for delete --timeout 60s",
    "rollout": "%krollout status deploy/stuck --timeout 60s",
    "until": "view.until(lambda rows: False, timeout=60)",
    "watch": "for event in client.core_v1.pods('default').watch(): pass",
    "list": "while True: client.core_v1.pods('default').list()",
    "get": "while True: get_ipython().run_line_magic('kget', 'pods')",
}
# Between two calls of these an interrupt finds the user's own code at work, or IPython's, which shows its traceback.
LOOPS = frozenset({"list", "get"})
# Written as soon as the main thread runs our code: what is interrupted before is the user's own. No text in the cell:
# ipykernel puts what a thread prints under an older cell when the thread has got the number of one that ended.
BEGUN = Path(tempfile.gettempdir()) / f"kmagic-interrupts-{os.getpid()}"
ANNOUNCE = f"""
def announce(main=__import__("threading").get_ident()):
    import kmagic, pathlib, sys, threading, time, traceback
    def ours():
        frames = traceback.extract_stack(sys._current_frames()[main])
        run = next((at for at, each in enumerate(frames) if each.name == "run_code"), len(frames))
        return any(kmagic.__path__[0] in each.filename for each in frames[run:])
    def watch():
        while not ours():
            time.sleep(0.001)
        pathlib.Path({str(BEGUN)!r}).touch()
    threading.Thread(target=watch).start()
"""
# What a wait says while it waits.
_WAITING = ("pod/", "Waiting for deployment ")
_STUCK = """%%kapply
apiVersion: apps/v1
kind: Deployment
metadata: {name: stuck}
spec:
  selector: {matchLabels: {app: stuck}}
  template:
    metadata: {labels: {app: stuck}}
    spec: {nodeSelector: {none: there}, containers: [{name: main, image: "nginx:1"}]}
"""
PREPARE = (
    "%ksandbox start",
    POD,
    _STUCK,
    "%kwait pod/web --for condition=Ready --timeout 60s",
    ANNOUNCE,
    "import kmagic",
    "from kmagic.magics.extension import session_of\nprocess = session_of(get_ipython()).sandbox",
    "client = kmagic.Client(kubeconfig=process.kubeconfig)",
    "view = %kwatch pods",
)
ALIVE = "(process.running, client.core_v1.pods('default').get('web').metadata.name)"


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What an interrupt gave.

    Attributes:
        lines: What the front-end shows of it.
        seconds: From the interrupt to the next prompt.
    """

    lines: tuple[str, ...]
    seconds: float


def wait_until_begun(delay: float) -> None:
    """Waits until our code runs in what was announced, and so many seconds more."""
    end = time.monotonic() + 60
    while not BEGUN.exists():
        assert time.monotonic() < end, "our code never began"
        time.sleep(0.001)
    BEGUN.unlink()
    time.sleep(delay)  # the moment is what is tried here


def in_kernel(running: Kernel, name: str, delay: float) -> Interrupted:
    """Interrupts a kernel's cell so many seconds after our code began in it."""
    cell = running.send(f"announce()\n{ENDLESS[name]}")
    wait_until_begun(delay)
    running.interrupt()
    running.finish(cell, timeout=20)
    return Interrupted(tuple("\n".join(cell.error or ()).splitlines()), cell.seconds)


def in_lab(notebook: Notebook, index: int, delay: float) -> Interrupted:
    """Interrupts a cell of a page by JupyterLab's own command, as its button does."""
    notebook.start(index)
    wait_until_begun(delay)
    begun = time.monotonic()
    notebook.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:interrupt-kernel'); }")
    outputs = notebook.finish(index)
    seconds = time.monotonic() - begun
    errors = [output for output in outputs if output["output_type"] == "error"]
    return Interrupted(tuple("\n".join(errors[0]["traceback"]).splitlines()) if errors else (), seconds)


def in_terminal(keyboard: Terminal, name: str, delay: float) -> Interrupted:
    """Presses Ctrl-C so many seconds after our code began in a line that was typed."""
    keyboard.run("announce()")
    keyboard.type(ENDLESS[name])
    wait_until_begun(delay)
    begun = time.monotonic()
    keyboard.interrupt()
    shown = keyboard.prompt(20)
    seconds = time.monotonic() - begun
    lines = [line for line in shown.replace("^C", "").splitlines() if line and not line.startswith(_WAITING)]
    return Interrupted(tuple(lines), seconds)


def prepare_terminal(keyboard: Terminal) -> None:
    """Starts a sandbox with what the lines need."""
    for code in PREPARE:
        magic, _, rest = code.removeprefix("%%").partition("\n")
        if code.startswith("%%"):
            code = f"get_ipython().run_cell_magic({magic!r}, '', {rest!r}) and None"
        elif "\n" in code:
            code = f"exec({code!r})"
        keyboard.run(code)


@contextmanager
def _kernel(folder: Path) -> Iterator[tuple[Callable[[str, float], Interrupted], Callable[[], str]]]:
    with kernel(folder) as running:
        for code in PREPARE:
            running.ok(code)
        yield lambda name, delay: in_kernel(running, name, delay), lambda: str(running.evaluate(ALIVE))


@contextmanager
def _lab(folder: Path) -> Iterator[tuple[Callable[[str, float], Interrupted], Callable[[], str]]]:
    cells = [*PREPARE, ALIVE, *(f"announce()\n{code}" for code in ENDLESS.values())]
    first = {name: len(PREPARE) + 1 + at for at, name in enumerate(ENDLESS)}
    environment = {"KUBECONFIG": str(folder / "none")}
    with jupyter_lab(folder, env=environment) as lab, browser(shutil.which("chromium") or "chromium") as chrome:
        page = Notebook.open(lab, chrome, "interrupts.ipynb", ["%load_ext kmagic", *cells])

        def alive() -> str:
            page.run(len(PREPARE) + 1)
            return page.text(len(PREPARE) + 1)

        for index in range(len(PREPARE) + 1):
            page.run(index)
        yield lambda name, delay: in_lab(page, first[name] + 1, delay), alive
        page.close()


@contextmanager
def _terminal(folder: Path) -> Iterator[tuple[Callable[[str, float], Interrupted], Callable[[], str]]]:
    with terminal(folder) as keyboard:
        prepare_terminal(keyboard)

        def alive() -> str:
            return keyboard.run(ALIVE).partition(": ")[2].strip()

        yield lambda name, delay: in_terminal(keyboard, name, delay), alive


PLACES = {"kernel": _kernel, "JupyterLab": _lab, "terminal": _terminal}


def main(moments: int) -> None:
    """Prints what so many interrupts gave in each place."""
    for place, opened in PLACES.items():
        with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (interrupt, alive):
            seconds: list[float] = []
            many: list[str] = []
            dead = 0
            for moment in range(moments):
                name = list(ENDLESS)[moment % len(ENDLESS)]
                gave = interrupt(name, 1.3 * moment / moments)
                seconds.append(gave.seconds)
                if len(gave.lines) != 1 or "KeyboardInterrupt" not in gave.lines[0]:
                    many.append(f"{name} ({len(gave.lines)} lines)")
                dead += alive() != "(True, 'web')"
            ordered = sorted(seconds)
            print(
                f"{place}: {moments} interrupts, back after {ordered[len(ordered) // 2]:.2f} s (at most {ordered[-1]:.2f} s),"
                f" sandbox dead after {dead}, other than one line: {', '.join(many) or 'none'}",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]))
