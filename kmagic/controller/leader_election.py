"""One of many processes does the work: election on a Lease.

```python
elector = LeaderElector(client.coordination_v1.leases("shop"), "my-controller", identity="pod-1")
async with elector:          # waits until this process leads
    await work()             # cancelled, and waited for, when it no longer does
```

Or, where beginning and end are two places (two cells of a notebook):

```python
await elector.start()        # returns when this process leads
await elector.stop()         # from any task; `elector.is_leader` and `wait_lost` say whether it still led
```

Promises: the body has ended before the lease is released or a callback is called; an elector can be entered again; a
leader gives up before the time in which others may take over, and at once when it reads that another has.
Does not promise: that work already sent to another system stops; only the body is cancelled.

Source: k8s.io/client-go/tools/leaderelection; unlike there, release waits for the body (kubernetes#139991).
"""

from __future__ import annotations

import inspect
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import anyio
import msgspec

from kmagic.aio.deadline import within
from kmagic.aio.signal import Signal
from kmagic.aio.tasks import Background
from kmagic.api.clock import Clock
from kmagic.api.types import JSONObject
from kmagic.controller import election_state
from kmagic.controller.election_state import JITTER_FACTOR, Create, LeaderRecord, Observation, Timings, Update
from kmagic.errors import ArgumentError, ConflictError, KubeError, NotFoundError
from kmagic.transport.agent import user_agent
from kmagic.transport.clock import SystemClock

if TYPE_CHECKING:
    from kmagic.config.client_config import ClientConfig
    from kmagic.controller.recorder_task import Recorder

__all__ = ("ElectionMetrics", "HealthzAdaptor", "LeaderElector", "Leases", "election_client_config")

log: logging.Logger = logging.getLogger(__name__)


class Leases(Protocol):
    """Leases of one namespace, as plain dicts or models: ``client.coordination_v1.leases("shop")``."""

    async def get(self, name: str, /) -> Any:
        """Reads one; raises `NotFoundError`."""
        ...

    async def create(self, obj: Any, /) -> Any:
        """Creates one; raises `AlreadyExistsError`."""
        ...

    async def update(self, obj: Any, /) -> Any:
        """Replaces one; raises `ConflictError`."""
        ...


class ElectionMetrics(Protocol):
    """The receiver of an election's metrics; `name` is the Lease's."""

    def on(self, name: str) -> None:
        """This process leads now."""
        ...

    def off(self, name: str) -> None:
        """Records that it no longer leads."""
        ...

    def slowpath_exercised(self, name: str) -> None:
        """A leader had to read the Lease before it could renew it."""
        ...


class LeaderElector:
    """A candidate.

    Use it as an async context manager, or call `run` with callbacks as in client-go.

    Args:
        leases: Leases of the namespace.
        name: The Lease's name, the same for all candidates.
        identity: This candidate's, different from all others: host name and a random part.
        lease_duration: Seconds others wait after the last renewal they saw.
        renew_deadline: Seconds a leader tries to renew before it gives up.
        retry_period: Seconds between two tries.
        release_on_cancel: Free the lease at the end, so that the next leader need not wait for it to run out.
        on_started_leading: For `run`: the work; cancelled on loss.
        on_stopped_leading: Called once when `run` ends, even if this process never led.
        on_new_leader: Called with the identity whenever another leader is seen, this process included.
        namespace: For the Lease it creates; "" leaves it to `leases`.
        labels: Set on the Lease.
        recorder: Gets an event when leadership begins and ends.
        metrics: Gets the same as figures.
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1) for the jitter.

    Raises:
        ArgumentError: Timings that allow two leaders, or an empty identity; upstream's words.
    """

    def __init__(
        self,
        leases: Leases,
        name: str,
        *,
        identity: str,
        lease_duration: float = 15.0,
        renew_deadline: float = 10.0,
        retry_period: float = 2.0,
        release_on_cancel: bool = True,
        on_started_leading: Callable[[], Awaitable[object]] | None = None,
        on_stopped_leading: Callable[[], object] | None = None,
        on_new_leader: Callable[[str], object] | None = None,
        namespace: str = "",
        labels: Mapping[str, str] | None = None,
        recorder: Recorder | None = None,
        metrics: ElectionMetrics | None = None,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._timings = Timings(lease_duration, renew_deadline, retry_period)
        self._timings.validate()
        if leases is None:
            raise ArgumentError("Lock must not be nil.")
        if not identity:
            raise ArgumentError("Lock identity is empty")
        self.identity = identity
        self.name = name
        self._lock = _LeaseLock(leases, name, namespace, labels or {})
        self._release_on_cancel = release_on_cancel
        self._on_started_leading = on_started_leading
        self._on_stopped_leading = on_stopped_leading
        self._on_new_leader = on_new_leader
        self._recorder = recorder
        self._metrics = metrics
        self._clock: Clock = clock or SystemClock()
        self._rng = rng
        self._seen = Observation()
        # When the last write that made or kept this process the leader was sent.
        self._renewed_at = float("-inf")
        self._reported = ""
        self._leading = False
        self._lost = False
        self._news = Signal()
        self._background = Background(f"leader election {name}")
        self._body: anyio.CancelScope | None = None
        self._body_task: int | None = None

    def __repr__(self) -> str:
        return f"<LeaderElector {self.identity!r} for {self.name!r}, leader {self.leader or 'unknown'!r}>"

    @property
    def leader(self) -> str:
        """The identity last seen to hold the lease; "" when it is free or was not read yet."""
        return self._seen.record.holder_identity

    @property
    def is_leader(self) -> bool:
        """True if this process leads, as far as it knows."""
        return self._leading and not self._lost and self.leader == self.identity

    @property
    def lost(self) -> bool:
        """True if the last time of leading ended because the lease could not be renewed."""
        return self._lost

    def check(self, max_tolerable_expired: float = 0.0) -> None:
        """For health checks: fails when this process believes to lead and has not renewed for too long.

        Raises:
            KubeError: The lease ran out more than `max_tolerable_expired` seconds ago.
        """
        late = self._clock.now() - self._renewed_at - self._timings.lease_duration
        if self.is_leader and late > max_tolerable_expired:
            raise KubeError(f"failed election to renew leadership on lease {self.name}")

    async def run(self) -> None:
        """Acquires, runs `on_started_leading` and renews, until cancelled or the lease is lost. One shot.

        `on_started_leading` has ended when the lease is released, and when `on_stopped_leading` is called; its
        return does not end leadership, its error does and is raised.

        Raises:
            ArgumentError: A callback is missing; upstream's words.
        """
        work = self._on_started_leading
        if work is None:
            raise ArgumentError("OnStartedLeading callback must not be nil")
        if self._on_stopped_leading is None:
            raise ArgumentError("OnStoppedLeading callback must not be nil")
        try:
            async with self:
                await work()
                await anyio.sleep_forever()
        finally:
            answer = self._on_stopped_leading()
            if inspect.isawaitable(answer):
                with anyio.CancelScope(shield=True):
                    await answer

    async def start(self) -> None:
        """Waits until this process leads, and renews from then on until it is stopped or the lease is lost."""
        if self._background.running or self._leading:
            raise RuntimeError(f"{self!r} is running already")
        self._lost = False
        log.debug("lease %s: %s wants it", self.name, self.identity)
        self._background.start()
        try:
            await self._acquire()
        except BaseException:
            await self._background.stop()
            raise
        self._leading = True
        self._tell(f"{self.identity} became leader")
        if self._metrics is not None:
            self._metrics.on(self.name)
        self._background.spawn(self._renew_until_lost)

    async def stop(self) -> None:
        """Stops leading and frees the lease; end first what only a leader may do. Does nothing when it is not running."""
        # What follows must happen even when the caller is being cancelled.
        with anyio.CancelScope(shield=True):
            await self._background.stop()
            if self._leading:
                await self._stop_leading()

    async def wait_lost(self) -> None:
        """Waits until this process does not lead any more."""
        while self.is_leader:
            await self._news.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        self._body, self._body_task = anyio.CancelScope(), anyio.get_current_task().id
        self._body.__enter__()
        if self._lost:
            self._body.cancel()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        body, self._body = self._body, None
        cancelled = False
        try:
            # Left by another task than entered it: its scope ended with the task it belonged to.
            if body is not None and self._body_task == anyio.get_current_task().id:
                cancelled = bool(body.__exit__(kind, error, trace))
        finally:
            await self.stop()
        return cancelled

    async def _acquire(self) -> None:
        while not await self._try_once():
            await self._clock.sleep(self._timings.retry_period * (1 + JITTER_FACTOR * self._rng()))

    async def _renew_until_lost(self) -> None:
        while not self._lost:
            left = self._renewed_at + self._timings.held_seconds - self._clock.now()
            renewed = await within(self._clock, left, self._renew)
            if not renewed or self.leader != self.identity:
                why = "could not renew it in time" if not renewed else f"{self.leader or 'nobody'} holds it"
                log.warning("%s stops leading by lease %s: %s", self.identity, self.name, why)
                self._lose()

    async def _renew(self) -> None:
        """Renews once, however many tries it takes; returns early when another leads."""
        await self._clock.sleep(self._timings.retry_period)
        while not await self._try_once() and self.leader == self.identity:
            await self._clock.sleep(self._timings.retry_period)

    def _lose(self) -> None:
        self._lost = True
        self._news.notify()
        if self._body is not None:
            self._body.cancel()

    async def _try_once(self) -> bool:
        """Acquires or renews once; False when another candidate leads or the server did not do it."""
        try:
            won = await self._try_fast() or await self._try_slow()
        except KubeError as error:
            log.info("lease %s: %s", self.name, error)
            won = False
        self._report_new_leader()
        return won

    async def _try_fast(self) -> bool:
        """A leader whose lease is valid writes without reading: one request instead of two."""
        if not (self.is_leader and self._seen.valid(self._clock.now()) and self._lock.known):
            return False
        try:
            return await self._write(found=True)
        except KubeError as error:
            log.info("lease %s: %s; reading it again", self.name, error)
            return False

    async def _try_slow(self) -> bool:
        found = True
        try:
            record = await self._lock.get()
        except NotFoundError:
            found = False
        else:
            # Dated after the answer: the record may have been written at any moment before.
            self._seen = election_state.observe(self._seen, record, self._clock.now())
        if self._metrics is not None and self.is_leader:
            self._metrics.slowpath_exercised(self.name)
        return await self._write(found=found)

    async def _write(self, *, found: bool) -> bool:
        # Dated before the request: others may see the record at any moment after.
        now = self._clock.now()
        action = election_state.decide(
            self.identity, self._timings, self._seen, found=found, now=now, wall=self._clock.wall()
        )
        match action:
            case Create(record):
                written = await self._lock.create(record)
            case Update(record):
                written = await self._lock.update(record)
            case _:
                return False
        self._seen = Observation(written, now)
        self._renewed_at = now
        # An answer that took too long is about a lease that may be another's by now.
        return self._clock.now() - now < self._timings.held_seconds

    async def _stop_leading(self) -> None:
        self._leading = False
        self._news.notify()
        self._tell(f"{self.identity} stopped leading")
        if self._metrics is not None:
            self._metrics.off(self.name)
        if self._release_on_cancel:
            await within(self._clock, self._timings.renew_deadline, self._release)
        self._reported = ""

    async def _release(self) -> None:
        """Frees the lease if it is still held by this process; conflicts are read again."""
        while True:
            try:
                record = await self._lock.get()
                self._seen = election_state.observe(self._seen, record, self._clock.now())
                if record.holder_identity == self.identity:
                    free = await self._lock.update(election_state.released(record, self._clock.wall()))
                    self._seen = Observation(free, self._clock.now())
                return
            except ConflictError:
                await self._clock.sleep(self._timings.retry_period / 10)
            except KubeError as error:
                log.warning("lease %s could not be released and runs out by itself: %s", self.name, error)
                return

    def _report_new_leader(self) -> None:
        if self.leader == self._reported:
            return
        self._reported = self.leader
        log.debug("lease %s: held by %s", self.name, self.leader or "nobody")
        # A lease that was set free has no leader to tell of.
        if self._on_new_leader is None or not self.leader:
            return
        answer = self._on_new_leader(self.leader)
        if inspect.isawaitable(answer):
            self._background.spawn(_wait_for, answer)

    def _tell(self, message: str) -> None:
        log.info("%s (lease %s)", message, self.name)
        if self._recorder is not None and self._lock.lease is not None:
            self._recorder.event(self._lock.lease, "Normal", "LeaderElection", message)


class HealthzAdaptor:
    """A health check named ``leaderElection``: fails when a leader has not renewed for too long.

    Args:
        timeout: Seconds beyond the lease's end that are tolerated.
        elector: May be set later; without one the check passes.
    """

    name = "leaderElection"

    def __init__(self, timeout: float, elector: LeaderElector | None = None) -> None:
        self._timeout = timeout
        self.elector = elector

    def check(self) -> None:
        """Passes or raises.

        Raises:
            KubeError: The leader is late.
        """
        if self.elector is not None:
            self.elector.check(self._timeout)


class _LeaseLock:
    """The Lease as a record, whatever type the client's objects are."""

    def __init__(self, leases: Leases, name: str, namespace: str, labels: Mapping[str, str]) -> None:
        self._leases = leases
        self._name = name
        self._namespace = namespace
        self._labels = dict(labels)
        codec = getattr(leases, "codec", None)
        self._from_dict: Callable[[JSONObject], Any] = codec.from_dict if codec is not None else dict
        self.lease: JSONObject | None = None

    @property
    def known(self) -> bool:
        """True if there is a version to update."""
        return self.lease is not None

    async def get(self) -> LeaderRecord:
        return self._keep(await self._leases.get(self._name))

    async def create(self, record: LeaderRecord) -> LeaderRecord:
        head: JSONObject = {"name": self._name}
        if self._namespace:
            head["namespace"] = self._namespace
        if self._labels:
            head["labels"] = dict(self._labels)
        lease: JSONObject = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": head,
            "spec": record.spec(),
        }
        return self._keep(await self._leases.create(self._from_dict(lease)))

    async def update(self, record: LeaderRecord) -> LeaderRecord:
        if self.lease is None:
            raise KubeError(f"lease {self._name} was not read yet")
        head = dict(self.lease.get("metadata") or {})
        if self._labels:
            head["labels"] = {**(head.get("labels") or {}), **self._labels}
        return self._keep(
            await self._leases.update(self._from_dict({**self.lease, "metadata": head, "spec": record.spec()}))
        )

    def _keep(self, lease: Any) -> LeaderRecord:
        if not isinstance(lease, Mapping):
            self._from_dict = type(lease).from_dict
            lease = lease.to_dict()
        self.lease = dict(lease)
        return LeaderRecord.of(self.lease)


async def _wait_for(answer: Awaitable[object]) -> None:
    await answer


def election_client_config(config: ClientConfig, renew_deadline: float = 10.0) -> ClientConfig:
    """The configuration of a client that only elects: it gives up on a request early enough to send another.

    Source: k8s.io/client-go/tools/leaderelection/resourcelock NewFromKubeconfig.
    """
    return msgspec.structs.replace(
        config,
        timeout=max(1.0, renew_deadline / 2),
        user_agent=f"{config.user_agent or user_agent()}/leader-election",
    )
