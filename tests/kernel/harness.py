"""A real kernel driven by its protocol, as a notebook's page drives it: cells with ids, widgets' messages, interrupts."""

from __future__ import annotations

import ast
import os
import queue
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

__all__ = ("Cell", "Kernel", "kernel")


@dataclass
class Cell:
    """What one run of a cell gave."""

    msg_id: str
    stdout: str = ""
    stderr: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    value: str = ""
    error: list[str] | None = None
    comms: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """Everything it showed as text."""
        shown = [bundle.get("text/plain", "") for bundle in self.displays]
        return "\n".join([self.stdout, self.stderr, *shown, self.value, *(self.error or [])])


class Kernel:
    """A running kernel with the extension loaded."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def run(self, code: str, *, cell: str = "") -> Cell:
        """Runs a cell to its end; an error is kept."""
        return self.finish(self.send(code, cell=cell))

    def ok(self, code: str, *, cell: str = "") -> Cell:
        """Runs a cell that must not fail."""
        ran = self.run(code, cell=cell)
        assert ran.error is None, ran.text
        return ran

    def send(self, code: str, *, cell: str = "") -> Cell:
        """Begins a cell; `finish` waits for it."""
        message = self.client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True,
             "stop_on_error": True},
        )  # fmt: skip
        if cell:
            message["metadata"]["cellId"] = cell
        self.client.shell_channel.send(message)
        return Cell(message["header"]["msg_id"])

    def finish(self, cell: Cell, timeout: float = 60.0) -> Cell:
        """Reads a cell's messages until the kernel is idle again."""
        begun = time.monotonic()
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if self._take(cell, message):
                break
        while self.client.get_shell_msg(timeout=timeout)["parent_header"].get("msg_id") != cell.msg_id:
            pass
        cell.seconds = time.monotonic() - begun
        return cell

    def until(self, cell: Cell, text: str, timeout: float = 60.0) -> None:
        """Reads a running cell's messages until it has shown a text."""
        while text not in cell.text:
            assert not self._take(cell, self.client.get_iopub_msg(timeout=timeout)), cell.text

    def evaluate(self, expression: str) -> Any:
        """A literal's value, computed in the kernel."""
        return ast.literal_eval(self.ok(f"print(repr({expression}))", cell="test-evaluates").stdout)

    def wait(self, expression: str, timeout: float = 60.0) -> None:
        """Waits until an expression is true in the kernel."""
        end = time.monotonic() + timeout
        while not self.evaluate(f"bool({expression})"):
            assert time.monotonic() < end, f"never true: {expression}"

    def page_says(self, comm: str, **content: Any) -> None:
        """Sends what a page's widget sends to its model in the kernel."""
        data = {"method": "custom", "content": content}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": comm, "data": data}))

    def page_hears(self, comm: str, kind: str, timeout: float = 60.0) -> dict[str, Any]:
        """The next message of a kind to a comm's pages."""
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            content = message["content"].get("data", {}).get("content", {})
            if message["content"].get("comm_id") == comm and content.get("t") == kind:
                return dict(content)

    def interrupt(self) -> None:
        """The ■ button."""
        self.manager.interrupt_kernel()

    def drain(self) -> None:
        """Forgets messages that came between cells."""
        while True:
            try:
                self.client.get_iopub_msg(timeout=0)
            except queue.Empty:
                return

    def _take(self, cell: Cell, message: Mapping[str, Any]) -> bool:
        """Reads a message into the cell it belongs to; True at the cell's end."""
        kind, content = message["header"]["msg_type"], message["content"]
        if message["parent_header"].get("msg_id") != cell.msg_id:
            return False
        match kind:
            case "stream":
                setattr(cell, content["name"], getattr(cell, content["name"]) + content["text"])
            case "display_data":
                cell.displays.append(content["data"])
            case "execute_result":
                cell.value = content["data"].get("text/plain", "")
            case "error":
                cell.error = content["traceback"]
            case "comm_open":
                cell.comms.append(content["comm_id"])
            case "status":
                return bool(content["execution_state"] == "idle")
        return False


@contextmanager
def kernel(folder: Path, kubeconfig: str = "/nowhere/config", **environment: str) -> Iterator[Kernel]:
    """Starts a kernel whose files are all in a folder, loads the extension, and shuts it down."""
    manager = KernelManager(kernel_name="python3")
    env = {
        **os.environ,
        "KUBECONFIG": kubeconfig,
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **environment,
    }
    manager.start_kernel(env=env)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        running = Kernel(manager, client)
        running.ok("%load_ext kmagic")
        yield running
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
        manager.cleanup_resources()
        manager.context.destroy()
