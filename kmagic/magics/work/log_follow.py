"""Follows the logs of many Pods: of those there are and of those that come, one stream a container.

Pods are known by the shared informer of their selection, so a Pod that joins, a restart and its reason cost no request.
A stream that is cut goes on where it was; what happens between lines (a restart, a cut, a Pod that comes or goes) is a
mark among them. Who may read logs but not list Pods follows those that are known from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import anyio
import msgspec

from kmagic.aio.tasks import task_group
from kmagic.api import meta
from kmagic.api.times import format_micro_time
from kmagic.api.trouble import exit_of, trouble_of
from kmagic.client import logs
from kmagic.client.containers import names_of, status_of, usual_of
from kmagic.client.pods_of import PODS
from kmagic.errors import DecodeError, KubeError
from kmagic.rest.log_lines import LogPosition, split_timestamp, time_key
from kmagic.views.log_line import LogLine, Source, level_of
from kmagic.widgets.feed import FeedState

if TYPE_CHECKING:
    from kmagic.api.clock import Clock
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.client.logs import LogOptions
    from kmagic.magics.session.object_cache import ObjectCache
    from kmagic.sync.runtime import Runtime

__all__ = ("LogFollower",)

# Changes of Pods wake at once; this is for the informer's own state.
_LOOK_SECONDS = 2.0
_PREVIOUS_LINES = 500
# How long the log of a Pod that is gone may go on.
_LAST_SECONDS = 3.0


class _Followed:
    """A container and how far its log was read."""

    def __init__(self, source: Source, position: LogPosition) -> None:
        self.source = source
        self.position = position
        self.key: tuple[str, int] = ("", 0)
        self.cut = self.over = False
        self.stream: anyio.CancelScope | None = None  # of the task that reads, while there is one


class LogFollower:
    """A feed of lines for a log view. Everything is called on the loop's thread.

    Args:
        client: The way to the server.
        pods: The Pods of the selection.
        options: Of each request for a log.
        container: The container to read; "" for the usual one of each Pod.
        every: Read all containers.
        known: Pods that were found before.
        most: Greatest number of streams.
        runtime: The loop.
    """

    def __init__(
        self,
        client: AsyncClient,
        pods: ObjectCache,
        *,
        options: LogOptions,
        container: str = "",
        every: bool = False,
        known: Sequence[JSONObject] = (),
        most: int = 50,
        runtime: Runtime,
    ) -> None:
        self._client, self._pods, self._options = client, pods, options
        self._container, self._every, self._most = container, every, most
        self._known, self._runtime = tuple(known), runtime
        self._followed: dict[tuple[str, str], _Followed] = {}
        self._versions: dict[str, str] = {}
        self._numbers = count()
        self._scope: anyio.CancelScope | None = None
        self._on_lines: Callable[[Sequence[LogLine]], None] = lambda lines: None
        self._on_state: Callable[[], None] = lambda: None
        self.unread: dict[str, KubeError] = {}

    @property
    def clock(self) -> Clock:
        """The clock of the client."""
        return self._client.rest.clock

    @property
    def sources(self) -> list[Source]:
        """The containers, in the order in which they were met."""
        return [each.source for each in self._followed.values()]

    @property
    def state(self) -> FeedState:
        """The freshness of the lines."""
        if self._scope is None:
            return FeedState("stopped")
        reading = [each for each in self._followed.values() if each.stream]
        if reading and all(each.cut for each in reading):
            return FeedState("reconnecting", "the connection to the server was lost")
        left_out = sum(each.source.state.startswith("not followed") for each in self._followed.values())
        if left_out:
            return FeedState("live", f"{left_out} more containers than {self._most} streams, which are not followed")
        if self._pods.state == "reconnecting":
            return FeedState("live" if reading else "reconnecting", "Pods cannot be listed: new ones are not seen")
        return FeedState("live" if self._followed or self._pods.synced else "listing")

    @property
    def ended(self) -> bool:
        """True when no log can have another line: all have ended, and no other Pod can come."""
        return bool(self._followed) and bool(self._pods.fields) and not any(e.stream for e in self._followed.values())

    def start(self, on_lines: Callable[[Sequence[LogLine]], None], on_state: Callable[[], None]) -> None:
        """Begins to follow, or goes on where it stopped."""
        if self._scope is None:
            self._on_lines, self._on_state = on_lines, on_state
            self._scope = self._runtime.spawn(self._run, name="logs")

    def stop(self) -> None:
        """Follows no more, and keeps its place."""
        scope, self._scope = self._scope, None
        if scope is not None:
            scope.cancel()
            self._pods.stop()
            for entry in self._followed.values():
                entry.stream = None

    async def read_previous(self, source: int) -> None:
        """Gives the lines of the instance before a container's last restart."""
        entry = next(each for each in self._followed.values() if each.source.number == source)
        options = msgspec.structs.replace(
            self._options, container=entry.source.container, previous=True, timestamps=True, tail_lines=_PREVIOUS_LINES
        )
        entry.source.previous = False
        try:
            log = await logs.read(self._client.rest, PODS, self._pods.namespace, entry.source.pod, options)
        except KubeError as error:
            self._mark(entry, "previous", f"the earlier log of {entry.source.name} was not read: {error.message}")
            return
        found = [split_timestamp(line) for line in log.split(b"\n") if line]
        before = _Followed(entry.source, LogPosition())
        self._on_lines(self._lines(before, found))
        self._on_state()

    # -- Pods

    async def _run(self) -> None:
        self._pods.start()
        async with task_group() as self._tasks:
            for pod in self._known:
                self._meet(pod)
            self._known = ()
            for entry in self._followed.values():
                self._read_on(entry)
            self._on_state()
            while True:
                self._look_at_pods()
                version = self._pods.resource_version
                await self._pods.wait_for(lambda seen=version: self._pods.resource_version != seen, _LOOK_SECONDS)  # type: ignore[misc]

    def _look_at_pods(self) -> None:
        if not self._pods.synced:
            return
        first = not self._versions
        present = {entry.key: entry for entry in self._pods.entries.list()}
        for key, stored in present.items():
            if self._versions.get(key) != stored.resource_version:
                self._versions[key] = stored.resource_version
                pod = self._pods.get(key)
                try:
                    if pod is not None:
                        self._meet(pod, joins=not first)
                except DecodeError as error:
                    self.unread[stored.name] = error
        for key in [key for key in self._versions if key not in present]:
            del self._versions[key]
        uids = {stored.uid for stored in present.values()}
        for (uid, _), entry in self._followed.items():
            if uid not in uids and entry.source.state != "gone":
                entry.source.state = "gone"
                self._mark(entry, "gone", f"{entry.source.name} is gone")
                if entry.stream is not None:  # its last lines are on their way; some servers would never end it
                    entry.stream.deadline = anyio.current_time() + _LAST_SECONDS
        self._on_state()

    def _meet(self, pod: JSONObject, *, joins: bool = False) -> None:
        for container in self._containers(pod):
            key = (meta.uid(pod), container)
            entry = self._followed.get(key)
            if entry is None:
                source = Source(len(self._followed), meta.name(pod), container)
                entry = self._followed[key] = _Followed(source, LogPosition())
                source.restarts = _restarts(pod, container)
                if joins:
                    self._mark(entry, "start", f"{source.name} joined")
                self._read_on(entry)
            self._describe(entry, pod)

    def _containers(self, pod: JSONObject) -> list[str]:
        names = names_of(pod)
        if self._every:
            return names
        wanted = self._container or usual_of(pod)
        return [wanted] if wanted in names else []

    def _describe(self, entry: _Followed, pod: JSONObject) -> None:
        source, status = entry.source, status_of(pod, entry.source.container)
        restarts = int(status.get("restartCount") or 0)
        if restarts > source.restarts:
            why = exit_of(source.container, status.get("lastState") or {})
            self._mark(entry, "restart", f"{source.name} restarted" + (f": {why}" if why else ""))
        source.restarts = restarts
        source.previous = restarts > 0
        if not source.state.startswith("not "):  # not read, not followed
            trouble = trouble_of({**pod, "kind": "Pod"})
            source.state = trouble.reason if trouble else next(iter(status.get("state") or ()), "waiting")

    # -- streams

    def _read_on(self, entry: _Followed) -> None:
        if entry.stream or entry.over or self._scope is None:
            return
        if sum(each.stream is not None for each in self._followed.values()) >= self._most:
            entry.source.state = f"not followed: more than {self._most} streams"
            return
        entry.stream = stream = anyio.CancelScope()
        self._tasks.start_soon(self._read, entry, stream)

    async def _read(self, entry: _Followed, stream: anyio.CancelScope) -> None:
        source = entry.source
        options = self._options
        if entry.position.last:  # only the first look is limited
            options = msgspec.structs.replace(options, tail_lines=None, since_seconds=None, limit_bytes=None)
        options = msgspec.structs.replace(options, container=source.container)
        found = logs.follow_lines(
            self._client.rest, PODS, self._pods.namespace, source.pod, options,
            patient=True, position=entry.position, on_cut=lambda error: self._cut(entry), on_open=lambda: self._opened(entry),
        )  # fmt: skip
        try:
            with stream:
                async with aclosing(found) as batches:
                    async for batch in batches:
                        self._on_lines(self._lines(entry, batch))
            entry.over = True
        except KubeError as error:
            entry.over = True
            source.state = f"not read: {error.message}"
            self.unread[source.name] = error
            self._mark(entry, "gone", f"{source.name} was not read: {' '.join(error.message.split())}")
        finally:
            if entry.stream is stream:
                entry.stream = None
        self._on_state()

    def _cut(self, entry: _Followed) -> None:
        if not entry.cut:  # once, until it is back
            entry.cut = True
            self._mark(
                entry, "cut", f"the connection to {entry.source.name} was lost; the log goes on where it stopped"
            )
            self._on_state()

    def _opened(self, entry: _Followed) -> None:
        if entry.cut:
            entry.cut = False
            self._on_state()

    def _lines(self, entry: _Followed, batch: Iterable[tuple[str, bytes]]) -> list[LogLine]:
        source, made = entry.source, []
        for stamp, line in batch:
            if stamp:
                entry.key = max(entry.key, time_key(stamp))
            text = line.decode(errors="replace")
            made.append(
                LogLine(next(self._numbers), entry.key, stamp, source.pod, source.container, source.number, level_of(text), text)
            )  # fmt: skip
        source.lines += len(made)
        return made

    def _mark(self, entry: _Followed, mark: str, text: str) -> None:
        source, stamp = entry.source, format_micro_time(datetime.now(UTC))
        if mark == "cut":
            stamp = entry.position.last  # behind the last line that came
        key = max(entry.key, time_key(stamp))
        line: Any = LogLine(
            next(self._numbers), key, stamp, source.pod, source.container, source.number, "", text, mark
        )
        self._on_lines([line])


def _restarts(pod: JSONObject, container: str) -> int:
    return int(status_of(pod, container).get("restartCount") or 0)
