"""Leader election as decisions: what to write to the Lease, given what was read and when it changed.

Theory: the only thing a candidate trusts is its own clock. It notes when the Lease's record last *changed*; the
record's own timestamps are never compared with anything. A lease is over when it did not change for as long as it
says it lasts. So clocks may differ between machines as long as they run at about the same rate.

Two rules make it safe however slow the server is. Others date what they see after it came: later than it was written,
so they wait long enough. A leader dates its own renewal before it sends it: earlier than it was written, so it gives up
soon enough. What it only reads of itself renews nothing.

Source: k8s.io/client-go/tools/leaderelection/leaderelection.go, resourcelock/leaselock.go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from kmagic.api import times
from kmagic.api.types import JSONObject
from kmagic.errors import ArgumentError

__all__ = (
    "JITTER_FACTOR",
    "Action",
    "Create",
    "LeaderRecord",
    "Observation",
    "Timings",
    "Update",
    "Wait",
    "check_lock_type",
    "decide",
    "observe",
    "released",
    "renewed",
)

# Between two tries to acquire, the wait is retry_period * (1 .. 1 + JITTER_FACTOR).
JITTER_FACTOR = 1.2

_REMOVED_LOCKS = ("endpoints", "configmaps", "endpointsleases", "configmapsleases")


@dataclass(frozen=True, slots=True)
class Timings:
    """The times of an election, in seconds.

    Attributes:
        lease_duration: Seconds that others wait after the last renewal they saw. The Lease has it in whole seconds,
            rounded up: others may wait longer than the leader counts on, never shorter.
        renew_deadline: Seconds for which a leader tries to renew before it gives up; well below the lease duration.
        retry_period: Seconds between two tries.
    """

    lease_duration: float = 15.0
    renew_deadline: float = 10.0
    retry_period: float = 2.0

    @property
    def held_seconds(self) -> float:
        """The seconds after its last renewal at which a leader gives up.

        Always less than the lease, so that clocks may run at different rates: faster than each other by
        ``lease_duration / held_seconds``, which is a quarter with the suggested timings.
        """
        together = self.retry_period + self.renew_deadline
        return together if together < self.lease_duration else self.renew_deadline

    def validate(self) -> None:
        """Checks that a leader gives up before others take over.

        Raises:
            ArgumentError: With upstream's words.
        """
        if self.lease_duration <= self.renew_deadline:
            raise ArgumentError("leaseDuration must be greater than renewDeadline")
        if self.renew_deadline <= JITTER_FACTOR * self.retry_period:
            raise ArgumentError("renewDeadline must be greater than retryPeriod*JitterFactor")
        for word, seconds in [
            ("leaseDuration", self.lease_duration),
            ("renewDeadline", self.renew_deadline),
            ("retryPeriod", self.retry_period),
        ]:
            if seconds < 1e-9:
                raise ArgumentError(f"{word} must be greater than zero")


@dataclass(frozen=True, slots=True)
class LeaderRecord:
    """The part of a Lease that election is about: ``spec`` with absent fields as "" and 0."""

    holder_identity: str = ""
    lease_duration_seconds: int = 0
    acquire_time: str = ""
    renew_time: str = ""
    leader_transitions: int = 0
    strategy: str = ""
    preferred_holder: str = ""

    @classmethod
    def of(cls, lease: Mapping[str, Any]) -> LeaderRecord:
        """Reads a Lease given as a plain dict."""
        spec = lease.get("spec") or {}
        return cls(
            holder_identity=spec.get("holderIdentity") or "",
            lease_duration_seconds=spec.get("leaseDurationSeconds") or 0,
            acquire_time=spec.get("acquireTime") or "",
            renew_time=spec.get("renewTime") or "",
            leader_transitions=spec.get("leaseTransitions") or 0,
            strategy=spec.get("strategy") or "",
            preferred_holder=spec.get("preferredHolder") or "",
        )

    def spec(self) -> JSONObject:
        """The Lease's ``spec``; what is empty is left out, but for the holder, which "" releases."""
        spec: JSONObject = {
            "holderIdentity": self.holder_identity,
            "leaseDurationSeconds": self.lease_duration_seconds,
            "acquireTime": self.acquire_time or None,
            "renewTime": self.renew_time or None,
            "leaseTransitions": self.leader_transitions,
            "strategy": self.strategy or None,
            "preferredHolder": self.preferred_holder or None,
        }
        return {key: value for key, value in spec.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Observation:
    """The record last seen, and the local monotonic time at which it was first seen so."""

    record: LeaderRecord = LeaderRecord()
    at: float = float("-inf")

    def valid(self, now: float) -> bool:
        """Returns whether the lease still counts."""
        return self.at + self.record.lease_duration_seconds > now


@dataclass(frozen=True, slots=True)
class Create:
    """There is no Lease: create one with this record."""

    record: LeaderRecord


@dataclass(frozen=True, slots=True)
class Update:
    """The lease is mine or free: write this record."""

    record: LeaderRecord


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody else leads."""

    holder: str


Action: TypeAlias = Create | Update | Wait


def observe(seen: Observation, record: LeaderRecord, now: float) -> Observation:
    """Returns the observation after reading `record`: the time moves only when the record changed."""
    return seen if record == seen.record else Observation(record, now)


def decide(identity: str, timings: Timings, seen: Observation, *, found: bool, now: float, wall: datetime) -> Action:
    """Decides the next action.

    Args:
        identity: Name of the candidate.
        timings: Times of the election.
        seen: The observation, which includes the last read.
        found: Whether there is a Lease at all.
        now: Local monotonic seconds.
        wall: The time of day, for the record.
    """
    mine = LeaderRecord(
        holder_identity=identity,
        lease_duration_seconds=math.ceil(timings.lease_duration),
        acquire_time=times.format_micro_time(wall),
        renew_time=times.format_micro_time(wall),
    )
    if not found:
        return Create(mine)
    old = seen.record
    if old.holder_identity == identity:
        return Update(renewed(old, mine))
    if old.holder_identity and seen.valid(now):
        return Wait(old.holder_identity)
    return Update(replace(mine, leader_transitions=old.leader_transitions + 1, strategy=old.strategy))


def renewed(old: LeaderRecord, mine: LeaderRecord) -> LeaderRecord:
    """The record of a leader that goes on: since when it leads and how often that changed are kept."""
    return replace(
        mine, acquire_time=old.acquire_time, leader_transitions=old.leader_transitions, strategy=old.strategy
    )


def released(old: LeaderRecord, wall: datetime) -> LeaderRecord:
    """The record of a lease that is free for anybody, at once."""
    now = times.format_micro_time(wall)
    return replace(old, holder_identity="", lease_duration_seconds=1, acquire_time=now, renew_time=now)


def check_lock_type(lock_type: str) -> None:
    """Accepts ``leases``, the only type of lock there is.

    Raises:
        ArgumentError: A type that was removed upstream, or none.
    """
    if lock_type in _REMOVED_LOCKS:
        raise ArgumentError(f"{lock_type} lock is removed, migrate to leases")
    if lock_type != "leases":
        raise ArgumentError(f"Invalid lock-type {lock_type}")
