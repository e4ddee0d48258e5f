"""The decisions of leader election, on a given clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kmagic.controller.election_state import (
    Create,
    LeaderRecord,
    Observation,
    Timings,
    Update,
    Wait,
    check_lock_type,
    decide,
    observe,
    released,
)

WALL = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW = "2026-01-01T12:00:00.000000Z"
OTHERS = LeaderRecord("other", 15, "2020-01-01T00:00:00.000000Z", "2020-01-01T00:00:00.000000Z", 3)


@pytest.mark.parametrize(
    ("timings", "message"),
    [
        pytest.param((10, 10, 2), "leaseDuration must be greater than renewDeadline", id="LE-01 A25 lease"),
        pytest.param((15, 10, 9), "renewDeadline must be greater than retryPeriod*JitterFactor", id="LE-01 A25 renew"),
        pytest.param((15, 10, 0), "retryPeriod must be greater than zero", id="LE-01 A25 retry zero"),
        pytest.param((0, -1, -2), "leaseDuration must be greater than zero", id="LE-01 A25 lease zero"),
        pytest.param((1, 0, -1), "renewDeadline must be greater than zero", id="LE-01 A25 renew zero"),
    ],
)
def test_timings_that_allow_two_leaders_are_refused(timings: tuple[float, float, float], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Timings(*timings).validate()
    assert str(caught.value) == message


def test_LE_01_the_suggested_timings_are_the_default() -> None:
    assert Timings() == Timings(15, 10, 2)
    Timings().validate()


def test_LE_06_without_a_lease_it_is_created() -> None:
    action = decide("me", Timings(), Observation(), found=False, now=0, wall=WALL)
    assert action == Create(LeaderRecord("me", 15, NOW, NOW, 0))


def test_LE_07_only_the_local_time_of_a_change_counts_never_the_records_own() -> None:
    ancient = replace(OTHERS, renew_time="1990-01-01T00:00:00.000000Z")
    seen = observe(Observation(), ancient, now=100)
    assert seen.at == 100
    assert decide("me", Timings(), seen, found=True, now=114, wall=WALL) == Wait("other")
    assert observe(seen, ancient, now=110) == seen, "the same record again proves nothing"
    renewed = observe(seen, replace(ancient, renew_time="1990-01-01T00:00:01.000000Z"), now=112)
    assert renewed.at == 112
    assert decide("me", Timings(), renewed, found=True, now=120, wall=WALL) == Wait("other")
    assert isinstance(decide("me", Timings(), renewed, found=True, now=127, wall=WALL), Update)


def test_LE_08_a_new_holder_counts_a_transition_and_a_present_one_keeps_its_times() -> None:
    seen = observe(Observation(), OTHERS, now=0)
    taken = decide("me", Timings(), seen, found=True, now=15, wall=WALL)
    assert taken == Update(LeaderRecord("me", 15, NOW, NOW, 4))

    mine = LeaderRecord("me", 15, "2025-01-01T00:00:00.000000Z", "2025-01-01T00:00:00.000000Z", 7)
    kept = decide("me", Timings(), Observation(mine, 0), found=True, now=1, wall=WALL)
    assert kept == Update(replace(mine, renew_time=NOW))


def test_LE_08_a_lease_without_holder_is_free_at_once() -> None:
    seen = observe(Observation(), replace(OTHERS, holder_identity=""), now=0)
    action = decide("me", Timings(), seen, found=True, now=0, wall=WALL)
    assert isinstance(action, Update)
    assert action.record.leader_transitions == 4


def test_LE_09_a_released_record_is_free_and_over_in_a_second() -> None:
    assert released(OTHERS, WALL) == LeaderRecord("", 1, NOW, NOW, 3)


def test_LE_12_the_record_is_the_spec_of_a_lease_and_absent_fields_read_as_zero() -> None:
    assert LeaderRecord.of({"spec": {"holderIdentity": None}}) == LeaderRecord()
    record = LeaderRecord("me", 15, NOW, NOW, 2, "OldestEmulationVersion", "other")
    assert record.spec() == {
        "holderIdentity": "me",
        "leaseDurationSeconds": 15,
        "acquireTime": NOW,
        "renewTime": NOW,
        "leaseTransitions": 2,
        "strategy": "OldestEmulationVersion",
        "preferredHolder": "other",
    }
    assert LeaderRecord.of({"spec": record.spec()}) == record
    assert LeaderRecord().spec() == {"holderIdentity": "", "leaseDurationSeconds": 0, "leaseTransitions": 0}


@pytest.mark.parametrize("removed", ["endpoints", "configmaps", "endpointsleases", "configmapsleases"])
def test_LE_13_removed_lock_types_say_what_to_do(removed: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_lock_type(removed)
    assert str(caught.value) == f"{removed} lock is removed, migrate to leases"


def test_LE_13_leases_is_the_lock_type() -> None:
    check_lock_type("leases")
    with pytest.raises(ValueError, match="Invalid lock-type foo"):
        check_lock_type("foo")
