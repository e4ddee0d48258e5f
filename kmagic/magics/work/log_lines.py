"""Logs of one Pod or of many as one text, read at once or as they come.

Several Pods are merged by time and each line says whose it is; of one that cannot be read, a line says why. Followed,
a handle keeps the last lines; a Pod whose log ends leaves the others running. What is shown of it depends on who can
look: in a notebook a text that goes on changing; in a terminal the lines as they come, until the log ends or Ctrl-C;
in a notebook that runs without a front-end the lines of the first seconds, since a cell's output ends with it.
"""

from __future__ import annotations

import heapq
import re
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from IPython.display import display

from kmagic.aio.signal import Signal
from kmagic.errors import KubeError, WaitError
from kmagic.magics.results.cards import cell_number
from kmagic.magics.results.output_cache import forget_output
from kmagic.magics.results.saved import is_notebook
from kmagic.rest.log_lines import split_timestamp, time_key

if TYPE_CHECKING:
    from IPython.core.display_functions import DisplayHandle

    from kmagic.client.client import AsyncClient
    from kmagic.sync.runtime import Runtime

__all__ = ("KLogs", "LogsWanted", "read_logs")

# What a cell shows; `lines` has them all.
_SHOWN_LINES = 200
# What a followed log keeps.
_KEPT_LINES = 10_000
_SHOW_EVERY_SECONDS = 0.25
# A notebook that runs without a front-end shows what a log says until it is quiet so long, and at most so long.
_QUIET_SECONDS = 2.0
_LONGEST_SECONDS = 10.0
# How many logs are read at the same time.
_AT_ONCE = 20


@dataclass(frozen=True)
class LogsWanted:
    """The Pods and containers of a reading of logs, and its options.

    Attributes:
        options: Keyword arguments of `AsyncPods.logs`.
        prefix: Begin each line with its Pod, also when there is only one.
    """

    namespace: str | None
    pods: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    prefix: bool = False

    def mark(self, pod: str) -> str:
        """Returns the prefix of a Pod's lines; with all containers, lines have one already."""
        if self.options.get("all_containers") or not (self.prefix or len(self.pods) > 1):
            return ""
        return f"[pod/{pod}] "


async def read_logs(client: AsyncClient, wanted: LogsWanted) -> KLogs:
    """The lines of all Pods as they are now, merged by time; a Pod that cannot be read is named in `KLogs.unread`."""
    read: dict[str, str] = {}
    unread: dict[str, KubeError] = {}
    alone = len(wanted.pods) == 1
    options = wanted.options if alone else {**wanted.options, "timestamps": True}
    at_once = anyio.CapacityLimiter(_AT_ONCE)

    async def one(pod: str) -> None:
        try:
            async with at_once:
                read[pod] = await client.core_v1.pods(wanted.namespace).logs(pod, **options)
        except KubeError as error:
            unread[pod] = error

    async with anyio.create_task_group() as group:
        for pod in wanted.pods:
            group.start_soon(one, pod)
    failed = {pod: unread[pod] for pod in wanted.pods if pod in unread}
    if alone:
        return KLogs((f"{wanted.mark(pod)}{line}" for pod, log in read.items() for line in _lines(log)), unread=failed)
    sides = [_stamped(wanted, pod, read[pod]) for pod in wanted.pods if pod in read]
    return KLogs((line for _, line in heapq.merge(*sides, key=lambda side: side[0])), unread=failed)


def _lines(log: str) -> list[str]:
    # Only a newline ends a line: str.splitlines would also cut at U+2028, form feeds and others inside one.
    lines = log.split("\n")
    return lines[:-1] if not lines[-1] else lines


def _stamped(wanted: LogsWanted, pod: str, log: str) -> Iterator[tuple[tuple[str, int], str]]:
    mark, last = wanted.mark(pod), ("", 0)
    for line in _lines(log):
        # All containers of a Pod: the mark comes before the time.
        head, bracket, tail = line.partition("] ") if line.startswith("[pod/") else ("", "", line)
        stamp, text = split_timestamp(tail.encode())
        last = max(last, time_key(stamp)) if stamp else last
        shown = tail if wanted.options.get("timestamps") else text.decode()
        yield last, f"{head}{bracket}{mark}{shown}"


class KLogs:
    """Lines of logs: ``logs.text``, ``logs.lines``, ``logs.grep("error")``, ``len(logs)``; followed, also ``stop()``.

    Attributes:
        unread: The reason why a Pod's log could not be read, or not to its end, by the Pod's name.
    """

    def __init__(
        self,
        lines: Iterable[str] = (),
        *,
        follow: LogsWanted | None = None,
        unread: Mapping[str, KubeError] | None = None,
    ) -> None:
        self._lines: deque[str] = deque(lines, maxlen=_KEPT_LINES if follow else None)
        self._follow = follow
        self._runtime: Runtime | None = None
        self._stop: Callable[[], object] = lambda: None
        self._changed = anyio.Event()
        self._unshown = Signal()  # keeps what comes while the page is left alone
        self._headless = True
        self._page: DisplayHandle | None = None
        self._came = len(self._lines)
        self._began_in: int | None = None
        self.running: bool = False
        self.unread: dict[str, KubeError] = dict(unread or {})

    @property
    def error(self) -> KubeError | None:
        """The error of the first Pod that could not be read."""
        return next(iter(self.unread.values()), None)

    @property
    def lines(self) -> list[str]:
        """The lines so far; a followed log keeps the last 10,000."""
        return list(self._lines)

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)

    def grep(self, pattern: str) -> list[str]:
        """The lines in which a regular expression is found."""
        return [line for line in self.lines if re.search(pattern, line)]

    # -- following

    def start(self, client: AsyncClient, runtime: Runtime, *, headless: bool) -> KLogs:
        """Begins to follow; the output goes on changing, except where it is not displayed."""
        self._runtime, self.running, self._headless = runtime, True, headless
        self._began_in = cell_number()
        scope = runtime.spawn(lambda: self._run(client), "klogs")
        self._stop = lambda: runtime.post(scope.cancel)
        return self

    def stop(self) -> None:
        """Reads no further. Safe to call twice."""
        self._stop()

    def close(self) -> None:
        """Stops it, as the next run of its cell does; who holds it keeps the lines."""
        self.stop()
        forget_output(self)

    def until(self, pattern: str, timeout: float = 60.0) -> KLogs:
        """Waits until a line has the pattern.

        Raises:
            WaitError: None had it in time, or the logs ended before.
        """
        self._began_in = None  # asked for a line, it is not asked for all of them
        met = self._runtime.run(self._wait(pattern, timeout)) if self._runtime else bool(self.grep(pattern))
        if not met:
            raise WaitError(f"no line has {pattern!r}" + (f" after {timeout:g} s" if self.running else ""))
        return self

    async def _wait(self, pattern: str, timeout: float) -> bool:
        with anyio.move_on_after(timeout):
            while not self.grep(pattern) and self.running:
                await self._changed.wait()
        return bool(self.grep(pattern))

    async def _run(self, client: AsyncClient) -> None:
        assert self._follow is not None
        try:
            async with anyio.create_task_group() as showing:
                showing.start_soon(self._keep_shown, client)
                async with anyio.create_task_group() as group:
                    for pod in self._follow.pods:
                        group.start_soon(self._one, client, pod)
                showing.cancel_scope.cancel()
        finally:
            self.running = False
            self._tell()
            self._show()

    async def _keep_shown(self, client: AsyncClient) -> None:
        while True:
            await self._unshown.wait()
            self._show()
            await client.rest.clock.sleep(_SHOW_EVERY_SECONDS)

    def _show(self) -> None:
        if self._page is not None:
            self._page.update({"text/plain": repr(self)}, raw=True)

    async def _one(self, client: AsyncClient, pod: str) -> None:
        assert self._follow is not None
        mark = self._follow.mark(pod)
        pods = client.core_v1.pods(self._follow.namespace)
        try:
            async with aclosing(pods.logs(pod, follow=True, **self._follow.options)) as lines:
                async for line in lines:
                    self._lines.append(f"{mark}{line}")
                    self._came += 1
                    self._tell()
        except KubeError as error:
            self.unread[pod] = error
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
        self._unshown.notify()

    # -- looks

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def __repr__(self) -> str:
        lines = self.lines
        shown = lines[-_SHOWN_LINES:]
        left_out = len(lines) - len(shown)
        head = [f"… {left_out} lines before; .text has them"] if left_out else []
        return "\n".join([*head, *shown, *self._not_read()])

    def _not_read(self) -> list[str]:
        return [f"pod/{pod} was not read: {' '.join(error.message.split())}" for pod, error in self.unread.items()]

    def _ipython_display_(self) -> None:
        began, self._began_in = self._began_in, None
        if self._headless and began is not None and began == cell_number():
            self._print()
            return
        bundle = {"text/plain": repr(self)}
        if self.running and not self._headless and self._page is None:
            self._page = display(bundle, raw=True, display_id=True)
        else:
            display(bundle, raw=True)

    def _print(self) -> None:
        """Prints the lines as they come, here where nothing printed can be changed."""
        assert self._runtime is not None
        in_notebook = is_notebook()
        end = time.monotonic() + _LONGEST_SECONDS
        printed = 0
        try:
            while True:
                patience = min(_QUIET_SECONDS, end - time.monotonic()) if in_notebook else None
                fresh, came = self._runtime.run(self._after(printed, patience))
                if came - printed > len(fresh):
                    sys.stdout.write(f"… {came - printed - len(fresh)} lines came too fast to be kept\n")
                sys.stdout.write("".join(f"{line}\n" for line in fresh))
                sys.stdout.flush()
                if came == printed:
                    break
                printed = came
        except BaseException:  # an interrupt, a closed pipe: the reader is gone
            self.stop()
            raise
        sys.stdout.write("".join(f"{line}\n" for line in self._not_read()))
        if self.running:
            sys.stdout.write("… followed in the background: .lines has what comes, .until(...) waits for a line\n")

    async def _after(self, seen: int, patience: float | None) -> tuple[list[str], int]:
        """The lines after the first `seen`, as soon as there are any, and how many there have been."""
        with anyio.move_on_after(patience):
            while self._came == seen and self.running:
                await self._changed.wait()
        fresh = min(self._came - seen, len(self._lines))
        return list(self._lines)[len(self._lines) - fresh :], self._came
