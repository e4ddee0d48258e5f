"""Terminal IPython in a pseudo-terminal, as a person at a keyboard has it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

__all__ = ("Terminal", "terminal")

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x07")


class Terminal:
    """A running IPython with the extension loaded."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self._child = child

    def run(self, line: str, timeout: float = 60.0) -> str:
        """Types a line and waits for the next prompt; returns what was printed between."""
        self.type(line)
        return self.prompt(timeout)

    def type(self, line: str) -> None:
        """Types a line."""
        self._child.sendline(line)

    def until(self, text: str, timeout: float = 60.0) -> None:
        """Waits until a text is on the screen."""
        self._child.expect_exact(text, timeout=timeout)

    def interrupt(self) -> None:
        """Ctrl-C, as the keyboard sends it: to every process of the terminal's foreground group."""
        self._child.sendintr()

    def prompt(self, timeout: float = 60.0) -> str:
        """Waits for the next prompt; returns what was printed before it, without the echo of what was typed."""
        self._child.expect(r"In \[\d+\]: ", timeout=timeout)
        text = _ESCAPES.sub("", self._child.before or "").replace("\r", "")
        return text.partition("\n")[2]


@contextmanager
def terminal(folder: Path, kubeconfig: str = "/nowhere/config", **environment: str) -> Iterator[Terminal]:
    """Starts IPython with all its files in a folder, loads the extension, and ends it."""
    env = {
        **os.environ,
        "KUBECONFIG": kubeconfig,
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TERM": "xterm",
        **environment,
    }
    options = ["-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=nocolor"]
    child = pexpect.spawn(sys.executable, options, env=env, encoding="utf-8", timeout=60, dimensions=(50, 200))
    try:
        running = Terminal(child)
        running.prompt()
        running.run("%load_ext kmagic")
        yield running
    finally:
        child.sendline("exit")
        child.expect(pexpect.EOF)
        child.close()
