"""``python -m kmagic sandbox``: a sandbox in the foreground.

usage: kmagic sandbox [--port N] [--kubeconfig PATH] [--nodes N] [--pods N] [--churn N]
    [--churn-seconds N] [--no-controllers]
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import anyio

from kmagic.sandbox.host.runner import Settings, serve

__all__ = ("main",)

DEFAULT_KUBECONFIG = Path("~/.cache/kmagic/sandbox.kubeconfig")
# Seconds that a shutdown may take when no process is left to wait for it.
LEAVE_SECONDS = 3.0


def main(arguments: list[str]) -> int:
    """Runs one command line, without the program's name; returns the exit code."""
    options = _parser().parse_args(arguments)
    settings = Settings(
        port=options.port,
        kubeconfig=options.kubeconfig.expanduser().resolve(),
        nodes=options.nodes,
        pods=options.pods,
        churn=options.churn,
        churn_seconds=options.churn_seconds,
        controllers=not options.no_controllers,
    )

    def ready(url: str) -> None:
        sys.stdout.write(f"kmagic sandbox ready: {url} kubeconfig={settings.kubeconfig}\n")
        sys.stdout.flush()

    folder = settings.kubeconfig.parent if options.own_folder else None
    with _own(folder), contextlib.suppress(KeyboardInterrupt):
        if options.exit_with_parent:
            _leave_when_stdin_closes(folder)
        anyio.run(serve, settings, ready)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kmagic sandbox", description="A Kubernetes API server on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--kubeconfig", type=Path, default=DEFAULT_KUBECONFIG, help="where to write the kubeconfig")
    parser.add_argument("--nodes", type=int, default=3, help="how many simulated nodes")
    parser.add_argument("--pods", type=int, default=0, help="Pods made at the start, without controllers")
    parser.add_argument("--churn", type=float, default=0.0, help="changes a second to those Pods")
    parser.add_argument("--churn-seconds", type=float, default=math.inf, help="after which they rest")
    parser.add_argument("--no-controllers", action="store_true", help="store objects only")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input closes")
    parser.add_argument(
        "--own-folder", action="store_true", help="make the kubeconfig's folder, and remove it at the end"
    )
    return parser


@contextlib.contextmanager
def _own(folder: Path | None) -> Iterator[None]:
    """Makes the folder, and removes it on the way out, also when SIGTERM is the reason to leave."""
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        if folder is not None:
            folder.mkdir(mode=0o700)  # one that is there already is another's
        try:
            yield
        finally:
            _remove(folder)
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _leave_when_stdin_closes(folder: Path | None) -> None:
    """Ends this process when its parent's end of the pipe closes, however the parent ended.

    A thread, because a blocked read is the one way that works the same on every platform.
    """

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LEAVE_SECONDS)
        _remove(folder)
        os._exit(1)

    threading.Thread(target=wait, name="kmagic-sandbox-parent", daemon=True).start()
