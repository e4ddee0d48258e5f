"""The elector: acquires, renews, ends its body before anybody else can lead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from kmagic.config.client_config import ClientConfig
from kmagic.controller.leader_election import HealthzAdaptor, LeaderElector, election_client_config
from kmagic.errors import ConflictError, ConnectError, InternalServerError, KubeError
from kmagic.testing.clock import FakeClock
from tests.controller.leases import MemoryLeases

LOCK = "lock"


class Recorded:
    """An event recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def event(self, obj: object, event_type: str, reason: str, message: str) -> None:
        assert (event_type, reason) == ("Normal", "LeaderElection")
        self.messages.append(message)


class Figures:
    """Election metrics that keep what they are told."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def on(self, name: str) -> None:
        self.calls.append(f"on {name}")

    def off(self, name: str) -> None:
        self.calls.append(f"off {name}")

    def slowpath_exercised(self, name: str) -> None:
        self.calls.append(f"slow {name}")


def elector(leases: MemoryLeases, clock: FakeClock, identity: str = "me", **options: Any) -> LeaderElector:
    return LeaderElector(leases, LOCK, identity=identity, clock=clock, rng=lambda: 0.0, **options)


@asynccontextmanager
async def leading(candidate: LeaderElector, clock: FakeClock) -> AsyncIterator[anyio.CancelScope]:
    """Runs a candidate beside the test, whose body waits for ever; gives the scope that ends it."""
    async with anyio.create_task_group() as tasks:
        scope = anyio.CancelScope()

        async def lead() -> None:
            with scope:
                async with candidate:
                    await anyio.sleep_forever()

        tasks.start_soon(lead)
        await clock.settle()
        yield scope
        scope.cancel()


async def test_LE_16_a_fresh_leader_gets_creates_and_then_only_updates() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    async with leading(elector(leases, clock), clock):
        assert leases.holder(LOCK) == "me"
        await clock.elapse(4)
        assert leases.calls == ["get", "create", "update", "update"]


async def test_LE_16_LE_19_a_conflict_of_the_fast_path_is_read_again() -> None:
    leases, clock, figures = MemoryLeases(), FakeClock(), Figures()
    async with leading(elector(leases, clock, metrics=figures), clock):
        leases.touch(LOCK)
        leases.calls.clear()
        await clock.elapse(2)
        assert leases.calls == ["update", "get", "update"]
        assert leases.holder(LOCK) == "me"
    assert figures.calls == ["on lock", "slow lock", "off lock"], "LE-19"


async def test_LE_03_CC_10_a_candidate_tries_again_with_jitter_until_the_lease_is_over() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    first = elector(leases, clock, "first", release_on_cancel=False)
    async with leading(first, clock) as end_first:
        second = LeaderElector(leases, LOCK, identity="second", clock=clock, rng=lambda: 1.0)
        async with leading(second, clock):
            leases.calls.clear()
            assert not second.is_leader
            assert second.leader == "first"
            end_first.cancel()
            await clock.settle()
            before = clock.now()
            while not second.is_leader:
                await clock.elapse(0.1)
            assert 15 <= clock.now() - before <= 15 + 2 * 2.2
            assert set(leases.calls) == {"get", "update"}
            assert leases.stored[LOCK]["spec"]["leaseTransitions"] == 1


async def test_LE_02_stopped_leading_is_called_once_even_if_this_process_never_led() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    stopped: list[str] = []

    async def work() -> None:
        raise AssertionError("never leads")

    async with leading(elector(leases, clock, "other"), clock):
        candidate = elector(
            leases, clock, on_started_leading=work, on_stopped_leading=lambda: stopped.append("stopped")
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(candidate.run)
            await clock.elapse(20)
            assert stopped == []
            tasks.cancel_scope.cancel()
        assert stopped == ["stopped"]
        assert leases.holder(LOCK) == "other"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({}, "OnStartedLeading callback must not be nil", id="LE-01 A25 started"),
        pytest.param(
            {"on_started_leading": anyio.sleep_forever},
            "OnStoppedLeading callback must not be nil",
            id="LE-01 A25 stopped",
        ),
    ],
)
async def test_run_needs_its_callbacks(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        await elector(MemoryLeases(), FakeClock(), **options).run()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"identity": ""}, "Lock identity is empty", id="LE-01 A25 identity"),
        pytest.param({"leases": None}, "Lock must not be nil.", id="LE-01 A25 lock"),
        pytest.param({"lease_duration": 5}, "leaseDuration must be greater than renewDeadline", id="LE-01 A25 first"),
    ],
)
def test_a_candidate_that_cannot_work_is_refused(arguments: dict[str, Any], message: str) -> None:
    leases: Any = arguments.pop("leases", MemoryLeases())
    with pytest.raises(ValueError) as caught:
        LeaderElector(leases, LOCK, **{"identity": "me", **arguments})
    assert str(caught.value) == message


async def test_LE_04_D8_the_body_has_ended_before_the_lease_is_released() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    order: list[str] = []

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await clock.sleep(3)
            order.append(f"body ended, holder {leases.holder(LOCK)}")

    candidate = elector(
        leases,
        clock,
        on_started_leading=work,
        on_stopped_leading=lambda: order.append(f"stopped, holder {leases.holder(LOCK)!r}"),
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(candidate.run)
        await clock.elapse(5)
        tasks.cancel_scope.cancel()
        await _elapse_although_cancelled(clock, 4)
    assert order == ["body ended, holder me", "stopped, holder ''"]


async def _elapse_although_cancelled(clock: FakeClock, seconds: float) -> None:
    with anyio.CancelScope(shield=True):
        await clock.elapse(seconds)


async def test_LE_05_a_leader_that_cannot_renew_within_the_deadline_cancels_its_body() -> None:
    leases, clock, recorder = MemoryLeases(), FakeClock(), Recorded()
    candidate = elector(leases, clock, recorder=recorder)
    ended: list[float] = []

    async def lead() -> None:
        async with candidate:
            await anyio.sleep_forever()
        ended.append(clock.now())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lead)
        await clock.elapse(4)
        assert candidate.is_leader
        leases.failing = lambda verb: ConnectError("connection refused")
        failing_since = clock.now()
        await clock.elapse(60)
    assert ended == [failing_since + 2 + 10]
    assert candidate.lost
    assert not candidate.is_leader
    assert recorder.messages == ["me became leader", "me stopped leading"], "LE-15"


async def test_LE_05_a_request_that_hangs_ends_at_the_deadline_too() -> None:
    class Hanging(MemoryLeases):
        hang = False

        async def update(self, obj: dict[str, Any]) -> dict[str, Any]:
            if self.hang:
                await anyio.sleep_forever()
            return await super().update(obj)

    leases, clock = Hanging(), FakeClock()
    candidate = elector(leases, clock, release_on_cancel=False)
    async with leading(candidate, clock):
        leases.hang = True
        await clock.elapse(11.9)
        assert candidate.is_leader
        await clock.elapse(0.2)
        assert candidate.lost


async def test_a_leader_stops_before_its_own_lease_is_over_whatever_the_timings_add_up_to() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    candidate = elector(leases, clock, lease_duration=15, renew_deadline=14, retry_period=11)
    async with leading(candidate, clock):
        start = clock.now()
        await clock.elapse(11)
        assert leases.calls == ["get", "create", "update"]
        leases.failing = lambda verb: ConnectError("connection refused")
        while candidate.is_leader:
            await clock.elapse(0.5)
        assert clock.now() - start <= 11 + 15


async def test_LE_06_other_errors_than_not_found_do_not_create() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    leases.failing = lambda verb: InternalServerError("etcdserver: no leader")
    async with leading(elector(leases, clock), clock):
        await clock.elapse(4)
        assert leases.calls == ["get"] * 3


class Slow(MemoryLeases):
    """Requests take their time, the next chosen ones: before and after the server does them."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.before: dict[str, float] = {}
        self.after: dict[str, float] = {}

    async def get(self, name: str) -> dict[str, Any]:
        await self._clock.sleep(self.before.pop("get", 0))
        return await super().get(name)

    async def create(self, obj: dict[str, Any]) -> dict[str, Any]:
        created = await super().create(obj)
        await self._clock.sleep(self.after.pop("create", 0))
        return created

    async def update(self, obj: dict[str, Any]) -> dict[str, Any]:
        updated = await super().update(obj)
        await self._clock.sleep(self.after.pop("update", 0))
        return updated


async def test_LE_07_what_a_slow_get_read_is_dated_when_it_came() -> None:
    clock = FakeClock()
    leases = Slow(clock)
    async with leading(elector(leases, clock, "first", release_on_cancel=False), clock) as end_first:
        leases.before["get"] = 8  # retries inside the client; the leader renews meanwhile
        second = elector(leases, clock, "second")
        async with leading(second, clock):
            await clock.elapse(8)
            renewed = clock.now()
            end_first.cancel()
            while not second.is_leader:
                await clock.elapse(0.1)
            assert clock.now() - renewed >= 15


async def test_LE_07_who_learns_too_late_that_it_has_won_does_not_lead() -> None:
    clock = FakeClock()
    leases = Slow(clock)
    first, second = (elector(leases, clock, name, release_on_cancel=False) for name in ("first", "second"))
    leases.after["create"] = 20
    async with leading(first, clock), leading(second, clock):
        for _ in range(300):
            await clock.elapse(0.1)
            assert not (first.is_leader and second.is_leader)
        assert second.is_leader


async def test_LE_05_a_renewal_whose_answer_takes_long_does_not_stretch_the_lease() -> None:
    clock = FakeClock()
    leases = Slow(clock)
    candidate = elector(leases, clock, release_on_cancel=False)
    async with leading(candidate, clock):
        await clock.elapse(1)
        sent = clock.now() + 1
        leases.after["update"] = 9
        await clock.elapse(9.5)
        leases.failing = lambda verb: ConnectError("connection refused")
        while candidate.is_leader:
            await clock.elapse(0.1)
        assert clock.now() - sent <= 12.1


async def test_a_leader_that_reads_that_another_leads_stops_at_once() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    candidate = elector(leases, clock)
    async with leading(candidate, clock):
        leases.touch(LOCK, holderIdentity="thief", leaseDurationSeconds=15)
        await clock.elapse(2)
        assert candidate.lost
        assert leases.holder(LOCK) == "thief"


async def test_LE_12_a_fraction_of_a_second_makes_others_wait_longer_never_shorter() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    first = elector(leases, clock, "first", lease_duration=1.9, renew_deadline=1.5, retry_period=0.3)
    async with leading(first, clock):
        assert leases.stored[LOCK]["spec"]["leaseDurationSeconds"] == 2


async def test_a_lease_set_free_is_no_new_leader() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    seen: list[str] = []
    async with leading(elector(leases, clock, "first", release_on_cancel=False), clock) as end_first:
        second = elector(leases, clock, "second", on_new_leader=seen.append)
        async with leading(second, clock):
            await clock.elapse(3)
            end_first.cancel()
            await clock.settle()
            leases.touch(LOCK, holderIdentity="")
            leases.failing = lambda verb: ConflictError("another was faster") if verb == "update" else None
            await clock.elapse(3)
            leases.failing = lambda verb: None
            await clock.elapse(3)
    assert seen == ["first", "second"]


async def test_an_elector_is_started_by_one_task_and_stopped_by_another() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    candidate = elector(leases, clock)
    await asyncio.create_task(candidate.start())
    await clock.elapse(30)
    assert candidate.is_leader
    await asyncio.create_task(candidate.stop())
    assert not candidate.is_leader
    assert leases.holder(LOCK) == ""
    await asyncio.create_task(candidate.__aenter__())
    await asyncio.create_task(candidate.__aexit__(None, None, None))
    assert leases.holder(LOCK) == ""


async def test_who_started_an_elector_can_wait_for_the_loss() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    candidate = elector(leases, clock)
    await candidate.start()
    leases.failing = lambda verb: ConnectError("connection refused")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(candidate.wait_lost)
        await clock.elapse(13)
    assert candidate.lost
    leases.failing = lambda verb: None
    await candidate.stop()


async def test_LE_09_A25_release_frees_the_lease_and_the_next_leads_at_its_next_try() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    async with leading(elector(leases, clock, "first"), clock) as end_first:
        second = elector(leases, clock, "second")
        async with leading(second, clock):
            await clock.elapse(5)
            end_first.cancel()
            await clock.settle()
            spec = leases.stored[LOCK]["spec"]
            assert (spec["holderIdentity"], spec["leaseDurationSeconds"]) == ("", 1)
            await clock.elapse(2)
            assert second.is_leader


async def test_LE_09_A25_release_reads_the_lease_and_leaves_another_holder_alone() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    async with leading(elector(leases, clock), clock) as end:
        leases.touch(LOCK, holderIdentity="thief")
        leases.calls.clear()
        end.cancel()
        await clock.settle()
        assert leases.calls == ["get"]
        assert leases.holder(LOCK) == "thief"


async def test_LE_09_A25_release_repeats_after_a_conflict() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    conflicts = iter([ConflictError("the object has been modified"), None])
    async with leading(elector(leases, clock), clock) as end:
        leases.failing = lambda verb: next(conflicts, None) if verb == "update" else None
        leases.calls.clear()
        end.cancel()
        await clock.elapse(1)
        assert leases.calls == ["get", "update", "get", "update"]
        assert leases.holder(LOCK) == ""


async def test_LE_10_every_new_holder_is_reported_once_the_own_name_included() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    seen: list[str] = []

    async def report(holder: str) -> None:
        seen.append(holder)

    async with leading(elector(leases, clock, "first"), clock) as end_first:
        async with leading(elector(leases, clock, "second", on_new_leader=report), clock):
            await clock.elapse(10)
            assert seen == ["first"]
            end_first.cancel()
            await clock.elapse(5)
            assert seen[-1] == "second"
            await clock.elapse(10)
    assert seen == ["first", "second"]


async def test_LE_11_the_health_check_fails_for_a_leader_that_is_late() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    candidate = elector(leases, clock)
    health = HealthzAdaptor(timeout=5)
    assert health.name == "leaderElection"
    health.check()
    health.elector = candidate
    health.check()
    async with leading(candidate, clock):
        clock.advance(20)  # the loop had no chance to renew
        health.check()
        clock.advance(1)
        with pytest.raises(KubeError, match="failed election to renew leadership on lease lock"):
            health.check()


async def test_LE_15_labels_are_set_and_others_are_kept() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    async with leading(elector(leases, clock, labels={"app": "me"}, namespace="shop"), clock):
        head = leases.stored[LOCK]["metadata"]
        assert (head["namespace"], head["labels"]) == ("shop", {"app": "me"})
        changed = {**head["labels"], "app": "x", "theirs": "y"}
        leases.stored[LOCK]["metadata"]["labels"] = changed
        leases.touch(LOCK)
        await clock.elapse(2)
        assert leases.stored[LOCK]["metadata"]["labels"] == {"app": "me", "theirs": "y"}


async def test_LE_21_an_elector_can_be_entered_again_after_a_loss() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    candidate = elector(leases, clock)
    times: list[float] = []

    async def loop() -> None:
        while True:
            async with candidate:
                times.append(clock.now())
                await anyio.sleep_forever()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(loop)
        await clock.settle()
        leases.touch(LOCK, holderIdentity="thief", leaseDurationSeconds=15)
        await clock.elapse(12)
        assert not candidate.is_leader
        await clock.elapse(20)
        assert candidate.is_leader
        assert len(times) == 2
        tasks.cancel_scope.cancel()


async def test_the_bodys_own_error_comes_out_as_it_is_and_the_lease_is_free() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    with pytest.raises(LookupError, match="mine"):
        async with elector(leases, clock):
            raise LookupError("mine")
    assert leases.holder(LOCK) == ""


async def test_an_elector_cannot_be_entered_twice_at_a_time() -> None:
    candidate = elector(MemoryLeases(), FakeClock())
    async with candidate:
        with pytest.raises(RuntimeError, match="running already"):
            await candidate.__aenter__()


async def test_of_many_candidates_exactly_one_leads_at_any_time() -> None:
    leases, clock = MemoryLeases(), FakeClock()
    active: set[str] = set()
    most = 0

    async def candidate(identity: str) -> None:
        nonlocal most
        while True:
            async with elector(leases, clock, identity):
                active.add(identity)
                most = max(most, len(active))
                try:
                    await clock.sleep(7)
                finally:
                    active.discard(identity)

    async with anyio.create_task_group() as tasks:
        for n in range(4):
            tasks.start_soon(candidate, f"c{n}")
        await clock.elapse(120)
        tasks.cancel_scope.cancel()
    assert most == 1
    assert leases.stored[LOCK]["spec"]["leaseTransitions"] >= 10


@pytest.mark.parametrize(("deadline", "timeout"), [(10.0, 5.0), (1.5, 1.0)])
def test_LE_14_a_client_that_only_elects_gives_up_early_and_says_who_it_is(deadline: float, timeout: float) -> None:
    config = election_client_config(ClientConfig(server="https://x", user_agent="me/1.0"), deadline)
    assert (config.timeout, config.user_agent) == (timeout, "me/1.0/leader-election")
    assert election_client_config(ClientConfig(server="https://x")).user_agent.startswith("kmagic")
