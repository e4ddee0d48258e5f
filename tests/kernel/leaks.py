"""Re-runs of live cells in a real kernel, and what they leave: ``make leaks``."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import uuid
from pathlib import Path

from kmagic.config.loader import load_config
from kmagic.testing.sandbox import cluster
from tests.kernel.conftest import NAMESPACE, POD
from tests.kernel.harness import Kernel, kernel

__all__ = ("CELLS", "figures", "rerun")

CELLS = {
    "watch": "%kwatch pods",
    "assigned": "view = %kget configmaps -w\nview",
    "events": "%kevents -w",
    "logs": "%klogs -f web",
    "cache": "import kmagic\nkmagic.cache('configmaps')",
    "objects": "held = %kwatch pods\nfound = held.objects",
}

_FIGURES = """
def figures():
    import asyncio, collections, gc, threading, psutil
    from comm import get_comm_manager
    from ipywidgets.widgets.widget import _instances
    from kmagic.magics.extension import session_of
    for _ in range(3):
        gc.collect()
    kinds = collections.Counter(type(each).__name__ for each in gc.get_objects())
    process = psutil.Process()
    runtime = session_of(get_ipython()).runtime
    return {
        "comms": len(get_comm_manager().comms),
        "widgets": len(_instances),
        "sockets": sum(each.status == "ESTABLISHED" and each.raddr.port == PORT for each in process.net_connections()),
        "tasks": runtime.call(lambda: len(asyncio.all_tasks())),
        "threads": threading.active_count(),
        "views": kinds["KWatch"] + kinds["KLogs"] + kinds["KLiveLogs"],
        "tables": kinds["LiveTable"] + kinds["LogView"],
        "informers": kinds["TableInformer"] + kinds["InformerCore"],
        "readers": kinds["SharedInformer"] + kinds["KCache"],
        "outputs": len(get_ipython().user_ns["_oh"]),
        "MiB": round(process.memory_info().rss / 2**20, 1),
    }
"""


def prepare(running: Kernel, server: str) -> None:
    """Defines what `figures` calls."""
    running.ok(_FIGURES.replace("PORT", server.rpartition(":")[2]))


def figures(running: Kernel) -> dict[str, float]:
    """What the kernel holds now."""
    running.drain()
    return dict(running.evaluate("figures()"))


def rerun(running: Kernel, times: int) -> None:
    """Runs every live cell so many times, each under its own id, as a page's hello answers a widget."""
    for _ in range(times):
        for name, code in CELLS.items():
            ran = running.ok(code, cell=name)
            for comm in ran.comms:
                running.page_says(comm, t="hello", vid="page", q=1, first=0, count=50)


def main(kubeconfig: str, times: int) -> None:
    """Prints the figures as the runs go on."""
    with tempfile.TemporaryDirectory() as folder, kernel(Path(folder), kubeconfig) as running:
        name = f"kernel-{uuid.uuid4().hex[:8]}"
        running.ok(NAMESPACE.format(name))
        running.ok(f"%kns {name}")
        running.ok(POD)
        running.ok("%kwait pod/web --for condition=Ready --timeout 60s")
        prepare(running, load_config(kubeconfig).server)
        done = 0
        for stage in (5, times // 4, times // 2, times):
            rerun(running, stage - done)
            done = stage
            print(f"after {done} runs of {len(CELLS)} cells: {figures(running)}", flush=True)
        running.ok(f"%kdelete ns {name} --wait=false")


if __name__ == "__main__":
    with contextlib.ExitStack() as stack:
        real = os.environ.get("KMAGIC_TEST_CLUSTER")
        main(real or str(stack.enter_context(cluster()).kubeconfig), int(sys.argv[1]))
