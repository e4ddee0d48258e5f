"""Five candidates, a slow and lossy server, clocks that differ: at no moment do two of them lead.

`python -m tests.controller.election_chaos FIRST COUNT` tries that many seeds.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable
from typing import Any

import anyio
import anyio.abc

from kmagic.api.types import JSONObject
from kmagic.controller.leader_election import LeaderElector
from kmagic.errors import ConnectError, KubeError
from tests.controller.leases import MemoryLeases
from tests.controller.virtual_time import SkewedClock, run_virtual

__all__ = ("Outcome", "simulate")

STEPS = 400
CANDIDATES = 5

# Lease duration, renew deadline, retry period: the defaults, fractions, and such that only just pass validation.
TIMINGS = ((15, 10, 2), (15, 10, 2), (1.9, 1.2, 0.3), (5.5, 3.7, 1.1), (60, 15, 5), (15, 14, 11), (0.9, 0.5, 0.2))


class Outcome:
    """What a run has shown."""

    def __init__(self) -> None:
        self.leading: set[int] = set()
        self.terms = 0
        self.together: list[str] = []

    def begin(self, candidate: int, at: float) -> None:
        self.leading.add(candidate)
        self.terms += 1
        if len(self.leading) > 1:
            self.together.append(f"{sorted(self.leading)} at {at:.2f}")


class FarServer:
    """A candidate's way to the server: slow, lossy, sometimes gone; what was sent may arrive after it was given up."""

    def __init__(self, server: MemoryLeases, rng: random.Random, scale: float, wires: anyio.abc.TaskGroup) -> None:
        self._server = server
        self._rng = rng
        self._scale = scale
        self._wires = wires
        self.down = False

    async def get(self, name: str) -> JSONObject:
        return await self._send(lambda: self._server.get(name))

    async def create(self, obj: JSONObject) -> JSONObject:
        return await self._send(lambda: self._server.create(obj))

    async def update(self, obj: JSONObject) -> JSONObject:
        return await self._send(lambda: self._server.update(obj))

    def _seconds(self) -> float:
        slow = self._rng.random()
        longest = 1.2 if slow < 0.1 else 0.3 if slow < 0.3 else 0.01
        return self._rng.random() * longest * self._scale

    async def _send(self, call: Callable[[], Any]) -> JSONObject:
        answered = anyio.Event()
        answer: list[Any] = []
        fate = self._rng.random()

        async def travel() -> None:
            await anyio.sleep(self._seconds())
            if self.down or fate < 0.1:
                answer.append(ConnectError("lost on the way"))
            else:
                try:
                    answer.append(await call())
                except KubeError as error:
                    answer.append(error)
            await anyio.sleep(self._seconds())
            if self.down or fate > 0.9:
                answer[0] = ConnectError("the answer was lost")
            answered.set()

        self._wires.start_soon(travel)
        await answered.wait()
        if isinstance(answer[0], KubeError):
            raise answer[0]
        found: JSONObject = answer[0]
        return found


def simulate(seed: int) -> Outcome:
    """One run of 400 steps."""
    outcome = Outcome()
    run_virtual(_run(random.Random(seed), outcome))
    return outcome


async def _run(rng: random.Random, outcome: Outcome) -> None:
    lease, deadline, retry = rng.choice(TIMINGS)
    server = MemoryLeases()
    # How much the clocks' rates may differ: a leader must be gone before the others' wait is over.
    held = retry + deadline if retry + deadline < lease else deadline
    skew = (lease / held - 1) / (lease / held + 1)

    async with anyio.create_task_group() as tasks:

        async def candidate(number: int) -> None:
            far = FarServer(server, rng, lease, tasks)
            clock = SkewedClock(1 + rng.uniform(-skew, skew), rng.uniform(-1e6, 1e6))
            while True:
                elector = LeaderElector(
                    far,
                    "lock",
                    identity=f"c{number}",
                    lease_duration=lease,
                    renew_deadline=deadline,
                    retry_period=retry,
                    release_on_cancel=rng.random() < 0.7,
                    clock=clock,
                    rng=rng.random,
                )
                links[number] = far
                with anyio.move_on_after(lease * rng.uniform(1, 12)):  # stopped and started again
                    async with elector:
                        outcome.begin(number, anyio.current_time())
                        try:
                            await anyio.sleep(lease * rng.uniform(0.1, 10))
                        finally:
                            outcome.leading.discard(number)

        links: dict[int, FarServer] = {}
        for number in range(CANDIDATES):
            tasks.start_soon(candidate, number)
        for _ in range(STEPS):
            await anyio.sleep(lease * rng.uniform(0, 0.5))
            for far in links.values():
                if rng.random() < 0.1:
                    far.down = not far.down
        tasks.cancel_scope.cancel()


def _main(first: int, count: int) -> int:
    logging.disable(logging.CRITICAL)  # losses are what it is about
    terms = 0
    for seed in range(first, first + count):
        outcome = simulate(seed)
        terms += outcome.terms
        if outcome.together:
            print(f"seed {seed}: two leaders: {outcome.together[:3]}")
            return 1
    print(f"{count} seeds from {first} of {STEPS} steps: {terms} terms of leading, never two at once")
    return 0


if __name__ == "__main__":
    sys.exit(_main(*(int(argument) for argument in sys.argv[1:3])))
