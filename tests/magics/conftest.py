"""A notebook without a notebook: an IPython shell with the extension, whose cells' output is kept."""

from __future__ import annotations

import atexit
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from kmagic.config.loader import load_kubeconfig
from kmagic.magics import extension
from kmagic.magics.session.session import Session
from kmagic.sync.runtime import Runtime, stop_shared_runtime
from tests.faultproxy import FaultProxy


class _Hook(DisplayHook):
    """Keeps the bundles of cells' values instead of printing them."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.kept: list[dict[str, str]] = []

    def write_output_prompt(self) -> None:
        """Nothing to write."""

    def write_format_data(self, format_dict: dict[str, str], md_dict: object = None) -> None:
        self.kept.append(format_dict)


class _Shell(InteractiveShell):
    displayhook_class = _Hook


@dataclass(frozen=True)
class Ran:
    """One cell's outcome: its value, everything it showed, and its error."""

    value: Any
    text: str
    error: BaseException | None = None
    bundles: list[dict[str, str]] = field(default_factory=list)

    @property
    def html(self) -> str:
        return "\n".join(bundle.get("text/html", "") for bundle in self.bundles)


# What a copy of a server's context is called; the name makes it protected.
PROTECTED = "acme-prod"


class Notebook:
    """Runs cells in one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def protect(self, flags: str = "") -> Notebook:
        """Goes to the protected context of `online`, in the same namespace, with somebody there to approve plans."""
        self.session.headless = lambda: False
        self.ok(f"%kctx {PROTECTED} -n {self.session.target.namespace} {flags}")
        return self

    def unprotect(self) -> Notebook:
        """Goes back to the server's own context, in the same namespace."""
        first = next(iter(load_kubeconfig(self.session.kubeconfig).contexts))
        self.ok(f"%kctx {first} -n {self.session.target.namespace}")
        return self

    @property
    def session(self) -> Session:
        return extension.session_of(self.shell)

    def run(self, source: str) -> Ran:
        """Runs a cell; an error is kept, as a notebook keeps it."""
        with capture_output() as captured:
            result = self.shell.run_cell(source, store_history=True)
        bundles = [output.data for output in captured.outputs] + self.shell.displayhook.kept
        self.shell.displayhook.kept = []
        shown = [bundle.get("text/plain", "") for bundle in bundles]
        text = "\n".join([captured.stdout, captured.stderr, *shown])
        return Ran(result.result, text, result.error_before_exec or result.error_in_exec, bundles)

    def ok(self, source: str) -> Ran:
        """Runs a cell that must not fail."""
        ran = self.run(source)
        assert ran.error is None, ran.text
        return ran

    def fails(self, source: str) -> str:
        """Runs a cell that must fail with a card, and returns what it showed."""
        ran = self.run(source)
        assert ran.error is not None, f"did not fail: {ran.text}"
        assert "Traceback" not in ran.text
        return ran.text


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    """An IPython shell that leaves no files."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    InteractiveShell.clear_instance()
    shell = _Shell.instance(config=config, ipython_dir=str(tmp_path / "ipython"))
    yield shell
    with suppress(ValueError):
        shell.extension_manager.unload_extension("kmagic")
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    _Shell.clear_instance()
    stop_shared_runtime()


@pytest.fixture
def at(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Loads the extension with a kubeconfig: ``at(path)``."""

    def load(kubeconfig: str | os.PathLike[str]) -> Notebook:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        notebook = Notebook(shell)
        notebook.ok("%load_ext kmagic")
        return notebook

    return load


KUBECONFIG = """apiVersion: v1
kind: Config
current-context: kind-dev
clusters:
- name: dev
  cluster: {server: "http://127.0.0.1:1"}
- name: prod
  cluster: {server: "https://k8s.acme.example"}
contexts:
- name: kind-dev
  context: {cluster: dev, user: me, namespace: shop}
- name: acme-prod
  context: {cluster: prod, user: me}
users:
- name: me
  user: {token: t0ken-value-that-must-not-show}
"""


@pytest.fixture
def offline(at: Any, tmp_path: Path) -> Notebook:
    """A notebook whose contexts lead nowhere: what needs no server is tested here."""
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    notebook: Notebook = at(path)
    return notebook


def with_protected(kubeconfig: str, path: Path) -> Path:
    """Writes a copy of a kubeconfig whose current context is there twice, once protected."""
    content = yaml.safe_load(Path(kubeconfig).read_text())
    current = next(each for each in content["contexts"] if each["name"] == content["current-context"])
    content["contexts"] = [current, {**current, "name": PROTECTED}]
    path.write_text(yaml.safe_dump(content))
    return path


@dataclass(frozen=True)
class Counted:
    """A notebook whose every request to the server is counted on its way there."""

    notebook: Notebook
    proxy: FaultProxy
    runtime: Runtime

    def cut(self) -> None:
        """Resets every connection to the server."""
        self.runtime.call(self.proxy.cut)

    def requests(self) -> int:
        """How many requests were sent so far."""
        return len(self.proxy.seen)

    def asked(self, plural: str) -> int:
        """How many of them read a type."""
        return sum(each.method == "GET" and each.path.endswith(f"/{plural}") for each in self.proxy.seen)


@pytest.fixture
def counted(at: Any, server: Any, tmp_path: Path) -> Iterator[Counted]:
    """A notebook in a namespace of its own behind a counting proxy: of the sandbox and the real server in turn."""
    runtime = Runtime("counting-proxy")
    with runtime.enter(FaultProxy(server.kubeconfig)) as proxy:
        notebook: Notebook = at(proxy.write_kubeconfig(tmp_path))
        name = f"counted-{uuid.uuid4().hex[:8]}"
        notebook.ok(f"%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}")
        notebook.ok(f"%kns {name}")
        yield Counted(notebook, proxy, runtime)
        notebook.run(f"%kdelete ns {name} --wait=false")
        notebook.ok("%unload_ext kmagic")
    runtime.stop()


@pytest.fixture
def online(at: Any, server: Any, tmp_path: Path) -> Iterator[Notebook]:
    """A notebook in a namespace of its own on a running server: the sandbox and the real one in turn.

    The server's context is there twice, the second time under a name that makes it protected.
    """
    notebook: Notebook = at(with_protected(server.kubeconfig, tmp_path / "both.kubeconfig"))
    name = f"magics-{uuid.uuid4().hex[:8]}"
    notebook.ok(f"%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}")
    notebook.ok(f"%kns {name}")
    yield notebook
    if "kmagic" in notebook.shell.extension_manager.loaded:
        notebook.unprotect()
        notebook.run("_kp.discard()")
        notebook.run(f"%kdelete ns {name} --wait=false")
