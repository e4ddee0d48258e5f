from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.errors import ForbiddenError, KubeError
from kmagic.sandbox.host.process import start


async def test_a_sandbox_starts_answers_and_stops(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    with start(kubeconfig=path, nodes=2) as process:
        assert process.running
        assert process.kubeconfig == path
        assert path.stat().st_mode & 0o777 == 0o600
        async with AsyncClient(str(path)) as client:
            assert len((await client.resource("nodes").list()).items) == 2
        async with AsyncClient(str(path), context="sandbox-readonly") as viewer:
            await viewer.resource("pods", namespace=None).list()
            with pytest.raises(ForbiddenError, match='User "sandbox-viewer" cannot list resource "secrets"'):
                await viewer.resource("secrets", namespace="default").list()
    assert not process.running
    process.stop()


def test_a_folder_of_its_own_goes_with_it() -> None:
    with start() as process:
        folder = process.kubeconfig.parent
        assert folder.is_dir()
    assert not folder.exists()


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    with start(kubeconfig=tmp_path / "a") as running:
        port = int(running.server.rpartition(":")[2])
        with pytest.raises(KubeError, match="the sandbox did not start"):
            start(kubeconfig=tmp_path / "b", port=port)


def test_a_kubeconfig_is_gone_with_its_sandbox_unless_another_wrote_its_own(tmp_path: Path) -> None:
    with start(kubeconfig=tmp_path / "a"), start(kubeconfig=tmp_path / "b"):
        (tmp_path / "b").write_text("another's")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


# A run of the tests may ignore SIGHUP, as one under nohup does; who hangs up here means it.
_PARENT = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from kmagic.sandbox.host.process import start
process = start()
print(process.pid, process.kubeconfig, flush=True)
{}
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Any]:
    """A program that starts a sandbox, in a session as a kernel has, and files where only it writes."""
    programs = []
    descriptors = []

    def run(then: Any) -> Any:
        program = subprocess.Popen(
            [sys.executable, "-c", _PARENT.format(then)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        programs.append(program)
        pid, kubeconfig = program.stdout.readline().split()
        descriptors.append(os.pidfd_open(int(pid)))
        return program, descriptors[-1], Path(kubeconfig)

    yield run
    for program in programs:
        program.kill()
        program.communicate()
    for descriptor in descriptors:
        os.close(descriptor)


def ended(descriptor: Any, seconds: int = 20) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_sandbox_ends_when_its_parent_is_killed_and_leaves_no_file(parent: Any, tmp_path: Path, number: Any) -> None:
    program, descriptor, kubeconfig = parent("sys.stdin.read()")
    assert tmp_path in kubeconfig.parents
    os.killpg(program.pid, number)
    program.wait(10)
    assert ended(descriptor), "the child is still there"
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_of_the_parents_group_does_not_reach_the_sandbox(parent: Any) -> None:
    then = (
        "import signal\n"
        "signal.signal(signal.SIGINT, lambda *_: print(process.running, flush=True))\n"
        "print('armed', flush=True)\n"
        "sys.stdin.read()"
    )
    program, descriptor, _ = parent(then)
    assert program.stdout.readline() == "armed\n"
    os.killpg(program.pid, signal.SIGINT)
    assert program.stdout.readline() == "True\n"
    assert not ended(descriptor, 0)
    program.kill()
    program.wait(20)
    assert ended(descriptor)


def test_a_forked_process_neither_stops_the_sandbox_nor_keeps_it(parent: Any) -> None:
    then = "if os.fork() == 0:\n process.stop()\n print(os.getpid(), flush=True)\n sys.stdin.read()\nelse:\n os.wait()"
    program, descriptor, kubeconfig = parent(then)
    assert int(program.stdout.readline()) != program.pid
    assert not ended(descriptor, 0)
    assert kubeconfig.exists()
    program.kill()
    assert ended(descriptor), "the forked process keeps the sandbox"


def test_what_a_sandbox_writes_is_read_all_its_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # More than a pipe holds: a sandbox that waits for a reader never becomes ready.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.stderr.write('x' * 2000 + '\\n')\n" * 100)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with start() as process:
        assert process.log.splitlines()[-1] == "x" * 2000


# Interrupts the start at one of its own lines, as Ctrl-C can come at any.
_INTERRUPTED = """
import sys, threading
from kmagic.sandbox.host import process
left = int(sys.argv[1])
def trace(frame, event, argument):
    global left
    if frame.f_code.co_filename != process.__file__:
        return None
    left -= event == "line"
    if left == 0:
        raise KeyboardInterrupt
    return trace
sys.settrace(trace)
running = process.start()
sys.settrace(None)
running.stop()
print("uninterrupted")
"""


def test_a_start_that_is_interrupted_at_any_of_its_lines_leaves_nothing(tmp_path: Path) -> None:
    for line in range(1, 200):
        program = subprocess.run(
            [sys.executable, "-c", _INTERRUPTED, str(line)],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        assert list(tmp_path.iterdir()) == []
        if "uninterrupted" in program.stdout:
            break
        assert program.stderr.rstrip().endswith("KeyboardInterrupt")
