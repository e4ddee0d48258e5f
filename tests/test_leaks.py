"""The leak checks see what tests leave behind, and nothing else."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests import leaks

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ("pytester",)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "_PATIENCE", 0.05)


def test_nothing_left() -> None:
    assert leaks.left_since(leaks.snapshot()) == []


@pytest.mark.usefixtures("impatient")
def test_a_thread_is_seen_until_it_ends() -> None:
    before = leaks.snapshot()
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="the culprit")
    thread.start()
    left = leaks.left_since(before)
    end.set()
    thread.join()
    assert left == ["thread 'the culprit'"]
    assert leaks.left_since(before) == []


@pytest.mark.usefixtures("impatient")
def test_an_open_file_and_a_socket_are_seen(tmp_path: Path) -> None:
    before = leaks.snapshot()
    with (tmp_path / "open").open("w"), socket.socket():
        left = leaks.left_since(before)
    assert len(left) == 2
    assert any("/open" in line for line in left)
    assert any("socket:" in line for line in left)
    assert leaks.left_since(before) == []


def test_connections_to_one_server_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine, socket.create_server(("127.0.0.1", 0)) as other:
        url = f"https://127.0.0.1:{mine.getsockname()[1]}"
        with socket.create_connection(mine.getsockname()), socket.create_connection(other.getsockname()):
            assert leaks.connections(url) == 1
        assert leaks.connections(url) == 0


@pytest.mark.usefixtures("impatient")
def test_a_child_process_is_seen() -> None:
    before = leaks.snapshot()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        left = leaks.left_since(before)
        assert child.stdin is not None
        child.stdin.write(b"\n")
    assert any(f"child process {child.pid}" in line for line in left)
    assert leaks.left_since(before) == []


@pytest.mark.usefixtures("impatient")
async def test_a_task_is_seen() -> None:
    before = leaks.tasks()
    never = asyncio.Event()
    task = asyncio.get_running_loop().create_task(never.wait(), name="the culprit")
    left = await leaks.tasks_left_since(before)
    task.cancel()
    assert len(left) == 1
    assert left[0].startswith("the culprit")
    assert await leaks.tasks_left_since(before) == []


def _run_inside(pytester: pytest.Pytester, source: str, **env: str) -> str:
    """Runs test source under this repository's conftest in a process of its own; returns its output."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(leaks.__file__)))
    pytester.makepyfile(source)
    pytester.makeconftest(
        "import sys\n"
        f"sys.path.insert(0, {root!r})\n"
        "from tests import leaks\n"
        "leaks._PATIENCE = 0.1\n"
        "from tests.conftest import *\n"
        "from tests.conftest import _no_leaked_tasks, _no_leaks\n"
    )
    for name, value in {"CI": "", **env}.items():
        pytester._monkeypatch.setenv(name, value)
    result = pytester.runpytest_subprocess("-o", "anyio_mode=auto", "-p", "no:cacheprovider", "-rA")
    return result.stdout.str()


def test_a_test_that_leaks_fails_by_name(pytester: pytest.Pytester) -> None:
    out = _run_inside(
        pytester,
        """
        import asyncio, threading

        def test_clean(): pass

        async def test_clean_async(): await asyncio.sleep(0)

        def test_thread():
            threading.Thread(target=threading.Event().wait, daemon=True, name="culprit").start()

        async def test_task():
            asyncio.get_running_loop().create_task(asyncio.Event().wait(), name="lost-task")

        def test_that_failed_is_not_blamed_twice():
            threading.Thread(target=threading.Event().wait, daemon=True).start()
            assert False
        """,
    )
    assert "left behind: thread 'culprit'" in out
    assert "tasks left on the loop: lost-task" in out
    assert "4 passed, 1 failed, 2 errors" in out or "1 failed, 4 passed, 2 errors" in out


@pytest.mark.parametrize(("ci", "expected"), [("", "2 skipped"), ("true", "1 failed, 1 skipped")])
def test_ci_allows_no_skipped_cluster_test(pytester: pytest.Pytester, ci: str, expected: str) -> None:
    out = _run_inside(
        pytester,
        """
        import pytest

        @pytest.mark.cluster
        def test_real(): pytest.skip("no Go here")

        def test_unit(): pytest.skip("some other reason")
        """,
        CI=ci,
    )
    assert expected in out
