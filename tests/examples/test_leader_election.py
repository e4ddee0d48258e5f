"""Two processes, one leader: what happens when it is asked to end, and when it is killed."""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

import kmagic.controller
from kmagic.testing.clock import FakeClock
from kmagic.testing.sandbox import TestCluster
from tests.controller.leases import MemoryLeases
from tests.examples import leader_election

ROOT = Path(__file__).parents[2]
LEASE, RETRY = 4.0, 0.3


class Process:
    """A candidate in a process of its own, and the lines it logs."""

    def __init__(self, kubeconfig: str, namespace: str, identity: str) -> None:
        self.lines: queue.Queue[str] = queue.Queue()
        self._child = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.examples.leader_election", "--kubeconfig", kubeconfig),
                *("--id", identity, "--lease-lock-name", "lock", "--lease-lock-namespace", namespace),
                *("--lease-duration", str(LEASE), "--renew-deadline", "2", "--retry-period", str(RETRY)),
            ],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str, seconds: float = 20) -> float:
        """The moment the line came."""
        end = time.monotonic() + seconds
        seen: list[str] = []
        while True:
            try:
                seen.append(self.lines.get(timeout=max(0.0, end - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"no {text!r} in {seen}") from None
            if text in seen[-1]:
                return time.monotonic()

    def said(self, text: str) -> bool:
        """Whether a line that nobody waited for holds this."""
        with self.lines.mutex:
            return any(text in line for line in self.lines.queue)

    def signal(self, number: int) -> float:
        """Sends a signal; returns when."""
        os.kill(self._child.pid, number)
        return time.monotonic()

    def wait(self) -> int:
        """Waits for the end; returns the exit code."""
        return self._child.wait(20)

    def close(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._reader.join()
        assert self._child.stderr is not None
        self._child.stderr.close()

    def _read(self) -> None:
        assert self._child.stderr is not None
        for line in self._child.stderr:
            self.lines.put(line.rstrip())


@pytest.fixture
def pair(recorded: TestCluster, ns: str) -> Iterator[tuple[Process, Process]]:
    first = Process(str(recorded.kubeconfig), ns, "a")
    first.wait_for("Controller loop...")
    second = Process(str(recorded.kubeconfig), ns, "b")
    second.wait_for("New leader elected: a")
    yield first, second
    first.close()
    second.close()


def test_EX5_a_leader_that_is_interrupted_hands_over_at_once(pair: tuple[Process, Process]) -> None:
    first, second = pair
    assert not second.said("Controller loop...")
    asked = first.signal(signal.SIGINT)
    first.wait_for("Received termination, signaling shutdown")
    first.wait_for("Leader lost: a")
    first.wait_for("Performing cleanup operations...")
    assert first.wait() == 0
    # One retry period of the other with its jitter, and what the machine needs.
    assert second.wait_for("Controller loop...") - asked < RETRY * 2.2 + 2
    second.signal(signal.SIGTERM)
    assert second.wait() == 0


def test_EX5_a_leader_that_is_killed_is_followed_when_its_lease_is_over(pair: tuple[Process, Process]) -> None:
    first, second = pair
    killed = first.signal(signal.SIGKILL)
    took = second.wait_for("Controller loop...") - killed
    assert LEASE - RETRY - 1 < took < LEASE + RETRY * 2.2 + 2


async def test_EX5_a_candidate_that_never_led_skips_the_cleanup(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    leases, clock = MemoryLeases(), FakeClock()
    options = leader_election.parse(["--id", "b", "--lease-lock-name", "lock", "--lease-lock-namespace", "x"])

    class Client:
        class coordination_v1:  # noqa: N801  # the client's own name
            @staticmethod
            def leases(namespace: str) -> MemoryLeases:
                return leases

    async with kmagic.controller.LeaderElector(leases, "lock", identity="a", clock=clock):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(leader_election.elector(Client(), options).run)
            await clock.settle()
            tasks.cancel_scope.cancel()
    said = [record.message for record in caplog.records if record.name == "leader-election"]
    assert said == [
        "New leader elected: a",
        "Leader lost: b",
        "Skipping cleanup because we never started leading",
    ]


def test_EX5_lock_name_and_namespace_are_required(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        leader_election.parse([])
    assert "--lease-lock-name, --lease-lock-namespace" in capsys.readouterr().err
    made = leader_election.parse(["--lease-lock-name", "a", "--lease-lock-namespace", "b"])
    assert uuid.UUID(made.id)
    assert (made.lease_duration, made.renew_deadline, made.retry_period) == (60, 15, 5)
