from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kmagic.client.client import AsyncClient
from kmagic.errors import ForbiddenError, KubeError
from kmagic.sandbox.host.process import start


async def test_a_sandbox_starts_answers_and_stops(tmp_path):
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


def test_a_folder_of_its_own_goes_with_it():
    with start() as process:
        folder = process.kubeconfig.parent
        assert folder.is_dir()
    assert not folder.exists()


def test_a_start_that_fails_says_why(tmp_path):
    with start(kubeconfig=tmp_path / "a") as running:
        port = int(running.server.rpartition(":")[2])
        with pytest.raises(KubeError, match="the sandbox did not start"):
            start(kubeconfig=tmp_path / "b", port=port)


def test_a_kubeconfig_is_gone_with_its_sandbox_unless_another_wrote_its_own(tmp_path):
    with start(kubeconfig=tmp_path / "a"), start(kubeconfig=tmp_path / "b"):
        (tmp_path / "b").write_text("another's")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


_PARENT = """
import os, sys
from kmagic.sandbox.host.process import start
process = start()
print(process.pid, process.kubeconfig, flush=True)
{}
"""


@pytest.fixture
def parent(tmp_path):
    """A program that starts a sandbox, in a session as a kernel has, and files where only it writes."""
    programs = []

    def run(then):
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
        return program, os.pidfd_open(int(pid)), Path(kubeconfig)

    yield run
    for program in programs:
        program.kill()
        program.communicate()


def ended(descriptor, seconds=20):
    return bool(select.select([descriptor], [], [], seconds)[0])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_sandbox_ends_when_its_parent_is_killed_and_leaves_no_file(parent, tmp_path, number):
    program, descriptor, kubeconfig = parent("sys.stdin.read()")
    assert tmp_path in kubeconfig.parents
    os.killpg(program.pid, number)
    program.wait(10)
    assert ended(descriptor), "the child is still there"
    os.close(descriptor)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_of_the_parents_group_does_not_reach_the_sandbox(parent):
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
    os.close(descriptor)


def test_a_forked_process_neither_stops_the_sandbox_nor_keeps_it(parent):
    then = "if os.fork() == 0:\n process.stop()\n print(os.getpid(), flush=True)\n sys.stdin.read()\nelse:\n os.wait()"
    program, descriptor, kubeconfig = parent(then)
    assert int(program.stdout.readline()) != program.pid
    assert not ended(descriptor, 0)
    assert kubeconfig.exists()
    program.kill()
    assert ended(descriptor), "the forked process keeps the sandbox"
    os.close(descriptor)


def test_what_a_sandbox_writes_is_read_all_its_life(tmp_path, monkeypatch):
    # More than a pipe holds: a sandbox that waits for a reader never becomes ready.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.stderr.write('x' * 2000 + '\\n')\n" * 100)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with start() as process:
        assert process.log.splitlines()[-1] == "x" * 2000


def test_a_start_that_is_interrupted_leaves_nothing(tmp_path):
    code = "from kmagic.sandbox.host.process import start\nprint(flush=True)\nstart()"
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    program.stdout.readline()
    while not list(tmp_path.iterdir()):
        assert program.poll() is None
    os.killpg(program.pid, signal.SIGINT)
    program.communicate(timeout=20)
    assert list(tmp_path.iterdir()) == []
