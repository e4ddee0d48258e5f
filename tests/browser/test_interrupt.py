"""JupyterLab's interrupt button while a cell waits: one line, and the sandbox is there; many moments by `make interrupts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.harness import Notebook, browser, jupyter_lab
from tests.kernel import interrupts

pytestmark = pytest.mark.timeout(240)


def test_the_interrupt_button_gives_one_line_and_the_sandbox_lives(chromium: str, tmp_path: Path) -> None:
    waits = [f"announce()\n{interrupts.ENDLESS[name]}" for name in ("wait", "until", "watch")]
    cells = ["%load_ext kmagic", *interrupts.PREPARE, *waits, interrupts.ALIVE]
    environment = {"KUBECONFIG": str(tmp_path / "none")}
    with jupyter_lab(tmp_path / "lab", env=environment) as lab, browser(chromium) as chrome:
        notebook = Notebook.open(lab, chrome, "interrupt.ipynb", cells)
        first = len(cells) - len(waits) - 1
        for index in range(first):
            notebook.run(index)
        for index in range(first, first + len(waits)):
            gave = interrupts.in_lab(notebook, index, 0.2)
            assert len(gave.lines) == 1, gave
            assert "KeyboardInterrupt" in gave.lines[0]
        notebook.run(len(cells) - 1)
        assert notebook.text(len(cells) - 1) == "(True, 'web')"
        notebook.close()
