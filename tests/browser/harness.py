"""JupyterLab in headless Chromium: a server with a home of its own, a page, cells run one by one.

Outputs are read from the notebook's model, not from the page; what the page draws is asked of the widget's own test
hook (`window.__kmagic`), not of pixels.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import nbformat
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
]
_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


@dataclass(frozen=True, slots=True)
class Lab:
    """A running JupyterLab.

    Attributes:
        root: The folder of its notebooks.
    """

    url: str
    root: Path


@contextmanager
def jupyter_lab(home: Path, *, theme: str = "JupyterLab Light", env: dict[str, str] | None = None) -> Iterator[Lab]:
    """Starts JupyterLab with everything it writes below `home`, and ends it with its kernels."""
    root, port = home / "notebooks", _free_port()
    root.mkdir(parents=True)
    folders = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython",
    }  # fmt: skip
    for name, settings in {**_SETTINGS, "@jupyterlab/apputils-extension/themes": {"theme": theme}}.items():
        file = home / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))
    environment = {
        **os.environ,
        **(env or {}),
        "JUPYTER_PLATFORM_DIRS": "0",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    environment |= {name: str(home / folder) for name, folder in folders.items()}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True", "--allow-root", f"--ServerApp.root_dir={root}", "--expose-app-in-browser",
        "--ServerApp.port_retries=0", "--ip=127.0.0.1",
    ]  # fmt: skip
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", server)
            yield Lab(f"http://127.0.0.1:{port}", root)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if server.poll() is not None:
            raise RuntimeError("JupyterLab ended while it started")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            try:
                server.wait(0.25)
            except subprocess.TimeoutExpired:
                continue
    raise TimeoutError(url)


@contextmanager
def browser(executable: str) -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(_CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


class Notebook:
    """An open notebook: its cells, its outputs and the live tables on its page."""

    def __init__(self, lab: Lab, page: Page, name: str) -> None:
        self.lab, self.page, self.name = lab, page, name

    @classmethod
    def open(cls, lab: Lab, chromium: Browser, name: str, cells: list[str], *, height: int = 1000) -> Notebook:
        """Writes a notebook of these cells and opens it alone on a page."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, lab.root / name)
        page = chromium.new_page(viewport={"width": 1280, "height": height})
        page.set_default_timeout(60_000)
        found = cls(lab, page, name)
        found.load()
        return found

    def load(self) -> None:
        """Loads the page, or loads it again."""
        self.page.goto(f"{self.lab.url}/doc/tree/{self.name}")
        self.page.wait_for_selector(".jp-Notebook", timeout=90_000)
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=90_000,
        )

    def restart(self) -> None:
        """Restarts the kernel, which forgets every widget."""
        self.page.evaluate(
            "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
        )

    def start(self, index: int) -> None:
        """Runs a cell and does not wait for it."""
        self.page.evaluate(
            """index => { const {content} = window.jupyterapp.shell.currentWidget;
            content.activeCellIndex = index; content.deselectAll();
            content.widgets[index].model.executionCount = null;
            window.jupyterapp.commands.execute('notebook:run-cell'); }""",
            index,
        )

    def finish(self, index: int, timeout: float = 60) -> list[dict[str, Any]]:
        """Waits for a cell that was started; returns its outputs."""
        self.page.wait_for_function(
            """index => { const {model} = window.jupyterapp.shell.currentWidget.content.widgets[index];
            return model.executionCount !== null && (!model.executionState || model.executionState === 'idle'); }""",
            arg=index,
            timeout=timeout * 1000,
        )
        return self.outputs(index)

    def run(self, index: int, timeout: float = 60) -> list[dict[str, Any]]:
        """Runs a cell; returns its outputs.

        Raises:
            AssertionError: The cell raised.
        """
        self.start(index)
        outputs = self.finish(index, timeout)
        errors = [output for output in outputs if output["output_type"] == "error"]
        assert not errors, "\n".join(errors[0]["traceback"])
        return outputs

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """The outputs of a cell, from the notebook's model."""
        found: list[dict[str, Any]] = self.page.evaluate(
            "index => window.jupyterapp.shell.currentWidget.content.widgets[index].model.outputs.toJSON()", index
        )
        return found

    def text(self, index: int) -> str:
        """What a cell printed or returned, as text."""
        parts = []
        for output in self.outputs(index):
            data = output.get("text") or output.get("data", {}).get("text/plain", "")
            parts.append("".join(data) if isinstance(data, list) else data)
        return "".join(parts)

    def save(self) -> dict[str, Any]:
        """Saves the notebook; returns the file's content."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        saved: dict[str, Any] = json.loads((self.lab.root / self.name).read_text(encoding="utf-8"))
        return saved

    def screenshot(self, name: str, selector: str = "") -> Path:
        """Keeps a picture of the page, or of one element, with the test's artefacts."""
        ARTIFACTS.mkdir(exist_ok=True)
        file = ARTIFACTS / f"{name}.png"
        # Written here: Playwright would start a thread for it.
        file.write_bytes((self.page.locator(selector).first if selector else self.page).screenshot())
        return file

    def theme(self, name: str) -> None:
        """Gives the page one of JupyterLab's themes, ``"Light"`` or ``"Dark"`` for example."""
        self.page.evaluate(
            "t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})", f"JupyterLab {name}"
        )
        self.page.wait_for_function(
            "name => document.body.dataset.jpThemeName === name && getComputedStyle(document.body)"
            ".getPropertyValue('--jp-layout-color1') !== ''",
            arg=f"JupyterLab {name}",
        )

    def barriers(self, selector: str) -> list[str]:
        """What axe-core finds serious or critical for people with disabilities inside an element, one line each."""
        found = Axe().run(self.page, selector, {"resultTypes": ["violations"]})
        return [
            f"{each['id']}: {node['html'][:120]} {node['failureSummary'][:300]}"
            for each in found.response["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def close(self) -> None:
        """Closes the page and ends the kernel."""
        try:
            session = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.id")
            self.page.close()
            request = urllib.request.Request(f"{self.lab.url}/api/sessions/{session}", method="DELETE")
            with urllib.request.urlopen(request, timeout=10):
                pass
        except (PlaywrightError, OSError):
            self.page.close()

    # -- the live tables of the page

    def table(self, expression: str, argument: object = None) -> Any:
        """Evaluates an expression over the page's newest live table, `t`."""
        return self.page.evaluate(
            f"argument => {{ const t = [...window.__kmagic.values()].at(-1); return ({expression}); }}", argument
        )

    def until(self, expression: str, argument: object = None, timeout: float = 20) -> None:
        """Waits until an expression over the newest live table, `t`, holds."""
        self.page.wait_for_function(
            f"argument => {{ const t = [...(window.__kmagic ?? new Map()).values()].at(-1);"
            f" return t && ({expression}); }}",
            arg=argument,
            timeout=timeout * 1000,
        )

    def seen(self) -> list[list[str]]:
        """The text of the rows that are drawn, top to bottom."""
        rows: list[list[str]] = self.table(
            "t.pool.filter(l => !l.el.hidden).sort((a, b) => a.index - b.index)"
            ".map(l => l.cells.map(c => c.textContent))"
        )
        return rows
