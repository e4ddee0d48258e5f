"""One daemon thread runs one event loop; blocking code hands it coroutines and waits.

Theory of operation. A process (a kernel, a script) has one `Runtime`. Its thread is a daemon, because a
non-daemon thread keeps the interpreter from exiting before clean-up handlers run; an `atexit` handler stops
it in time. On the loop one *nursery* (a task group) owns every background task, so nothing that kmagic
started outlives `stop()`.

Promises: an interrupt (Ctrl-C, the kernel's ■) cancels the coroutine that is waited for, and with it the
request; blocking from the loop's own thread raises `LoopThreadError` at once instead of waiting for itself.
It does not: print, display, or run user code on the loop other than handlers the user registered.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import ctypes
import os
import threading
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType
from typing import Any, Generic, TypeVar

import anyio
import anyio.abc

from kmagic.aio.fork import Origin
from kmagic.errors import KubeError, LoopThreadError
from kmagic.sync import interrupts

__all__ = ("Runtime", "shared_runtime", "stop_shared_runtime")

T = TypeVar("T")

# Long enough for watches to close and leases to be released, short enough that a kernel restart feels instant.
_STOP_SECONDS = 2.0


class Runtime:
    """An event loop on a thread of its own.

    Starts with the first call and can be started again after `stop()`.
    """

    def __init__(self, name: str = "kmagic-loop") -> None:
        self._name = name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nursery: anyio.abc.TaskGroup | None = None
        self._stopping: asyncio.Event | None = None
        self._origin = Origin("the event loop of this client, informer or view")
        _runtimes.add(self)

    @property
    def running(self) -> bool:
        """True if the loop thread is up."""
        return self._origin.is_here and self._thread is not None and self._thread.is_alive()

    @property
    def inside(self) -> bool:
        """True if this is the loop's own thread, on which nothing may block."""
        return threading.current_thread() is self._thread

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on the loop and returns its result; an interrupt cancels it.

        Raises:
            LoopThreadError: Called on the loop's own thread, for example from an informer's handler.
            ForkError: Called in a process that was forked from the loop's own.
        """
        call = _Call(coroutine)
        try:
            self._origin.check()
            if self.inside:
                raise LoopThreadError(
                    "a blocking call was made on kmagic's event loop, where it would wait for itself",
                    hint="in a handler, use the AsyncClient with await, or hand the object to your own thread or queue",
                )
        except KubeError:
            coroutine.close()
            raise
        return self._wait(call.future, call.begin, lambda: self.post(call.end))

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Runs a plain function on the loop's thread and returns its result."""
        self._origin.check()
        if self.inside:
            return function(*args)
        future: concurrent.futures.Future[T] = concurrent.futures.Future()

        def on_loop() -> None:
            try:
                future.set_result(function(*args))
            except BaseException as error:
                future.set_exception(error)

        return self._wait(future, on_loop, lambda: None)

    def _wait(self, future: concurrent.futures.Future[T], begin: Callable[[], object], end: Callable[[], object]) -> T:
        try:
            return interrupts.wait(future, lambda: self._start().call_soon_threadsafe(begin), end, _STOP_SECONDS)
        except concurrent.futures.CancelledError as error:
            raise KubeError("kmagic's event loop was stopped while a call was under way") from error

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Runs a plain function on the loop's thread soon; never waits. A stopped runtime drops it."""
        loop = self._loop
        if self._origin.is_here and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(function, *args)

    def spawn(self, function: Callable[[], Awaitable[object]], name: str) -> anyio.CancelScope:
        """Starts a background task that the runtime owns.

        Returns:
            Its cancel scope; cancel it through `post(scope.cancel)`, or leave it to `stop()`.
        """

        async def scoped(scope: anyio.CancelScope) -> None:
            with scope:
                await function()

        def start() -> anyio.CancelScope:
            assert self._nursery is not None
            scope = anyio.CancelScope()
            self._nursery.start_soon(scoped, scope, name=name)
            return scope

        self._origin.check()
        self._start()
        return self.call(start)

    def iterate(self, iterator: AsyncIterator[T]) -> Iterator[T]:
        """Iterates an async iterator from blocking code; leaving the loop early closes it.

        One task does all the iterating, since an async generator may hold cancel scopes across its yields.
        """
        feed = _Feed(iterator)
        scope = self.spawn(feed.drain, name=f"{self._name}:iterate")
        try:
            while True:
                item = self.run(feed.next())
                if item is _END:
                    return
                yield item
        finally:
            self.post(scope.cancel)
            if self.running:
                self.run(feed.closed.wait())

    def enter(self, manager: AbstractAsyncContextManager[T]) -> AbstractContextManager[T]:
        """An async context manager for blocking code.

        Entry, exit and everything between belong to one task of the loop, because task groups and cancel
        scopes must be left by the task that entered them. One that is never left ends with the runtime.
        """
        return _Entered(manager, self)

    def stop(self) -> None:
        """Cancels every task, closes the loop and joins the thread; safe to call twice, and in a forked process."""
        if not self._origin.is_here:
            return
        with self._lock:
            thread, loop, stopping = self._thread, self._loop, self._stopping
            if thread is None or loop is None or stopping is None:
                return
            if thread.is_alive() and not loop.is_closed():
                loop.call_soon_threadsafe(stopping.set)
            if threading.current_thread() is not thread:
                thread.join(_STOP_SECONDS)
            self._thread = self._loop = self._nursery = self._stopping = None

    def _start(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is not None and self.running:
                return self._loop
            ready = threading.Event()
            self._thread = threading.Thread(target=self._main, args=(ready,), name=self._name, daemon=True)
            self._thread.start()
            ready.wait()
            assert self._loop is not None
            return self._loop

    def _main(self, ready: threading.Event) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._stopping = stopping = asyncio.Event()
            async with anyio.create_task_group() as nursery:
                self._nursery = nursery
                ready.set()
                await stopping.wait()
                nursery.cancel_scope.cancel()

        with asyncio.Runner() as runner:
            runner.run(main())


class _Call(Generic[T]):
    """A coroutine on its way through the loop, whose thread alone begins and ends it: no moment is in between.

    Attributes:
        future: Has its result; done only when the coroutine is over.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self.future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._coroutine = coroutine
        self._task: asyncio.Task[T] | None = None

    def begin(self) -> None:
        """Starts it as a task."""
        if not self.future.done():
            self._task = asyncio.get_running_loop().create_task(self._coroutine)
            self._task.add_done_callback(self._over)

    def end(self) -> None:
        """Cancels it; one that did not begin will not."""
        if self._task is not None:
            self._task.cancel()
        else:
            self._coroutine.close()
            self._cancelled()

    def _over(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self._cancelled()
        elif (error := task.exception()) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(task.result())

    def _cancelled(self) -> None:
        if self.future.cancel():
            self.future.set_running_or_notify_cancel()


_END: Any = object()
# Enough to keep the network busy while the consumer works, little enough that a slow consumer slows the server.
_ITEMS_AHEAD = 16


class _Feed:
    """An async iterator drained by one task and read item by item by others."""

    def __init__(self, iterator: AsyncIterator[Any]) -> None:
        self._iterator = iterator
        self._queue: asyncio.Queue[Any] = asyncio.Queue(_ITEMS_AHEAD)
        self._error: Exception | None = None
        self.closed = asyncio.Event()

    async def drain(self) -> None:
        try:
            async for item in self._iterator:
                await self._queue.put(item)
        except Exception as error:  # handed to the reader, who is waiting for it
            self._error = error
        finally:
            try:
                if isinstance(self._iterator, AsyncGenerator):
                    with anyio.CancelScope(shield=True):
                        await self._iterator.aclose()
            finally:
                self.closed.set()
        await self._queue.put(_END)

    async def next(self) -> Any:
        item = await self._queue.get()
        if item is _END and self._error is not None:
            raise self._error
        return item


class _Held:
    """An async context manager kept open by a task of its own."""

    def __init__(self, manager: AbstractAsyncContextManager[Any]) -> None:
        self._manager = manager
        self._entered: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._left: concurrent.futures.Future[bool] = concurrent.futures.Future()
        self._leave: asyncio.Future[BaseException | None] | None = None

    async def hold(self) -> None:
        self._leave = asyncio.get_running_loop().create_future()
        try:
            value = await self._manager.__aenter__()
        except BaseException as error:
            self._entered.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        self._entered.set_result(value)
        error_inside: BaseException | None = None
        try:
            error_inside = await self._leave
        except BaseException as error:  # cancelled by stop(): the manager still gets its exit
            await self._exit(error)
            raise
        await self._exit(error_inside)

    async def _exit(self, error: BaseException | None) -> None:
        try:
            swallowed = await self._manager.__aexit__(type(error) if error else None, error, None)
        except BaseException as raised:
            self._left.set_exception(raised)
            if not isinstance(raised, Exception):
                raise
        else:
            self._left.set_result(bool(swallowed))

    async def entered(self) -> Any:
        return await asyncio.wrap_future(self._entered)

    async def leave(self, error: BaseException | None) -> bool:
        """Lets the task leave the manager; returns whether the manager swallowed the error."""
        if self._leave is not None and not self._leave.done():
            self._leave.set_result(error)
        try:
            return await asyncio.wrap_future(self._left)
        except BaseException as raised:
            if raised is error:
                return False
            raise


class _Entered(Generic[T]):
    """The blocking face of a held context manager; not a generator, whose clean-up could run when the loop is gone."""

    def __init__(self, manager: AbstractAsyncContextManager[T], runtime: Runtime) -> None:
        self._held = _Held(manager)
        self._runtime = runtime

    def __enter__(self) -> T:
        self._runtime.spawn(self._held.hold, name="kmagic:held")
        value: T = self._runtime.run(self._held.entered())
        return value

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not self._runtime.running:  # it ended with its runtime, or is the parent's of this forked process
            return False
        return self._runtime.run(self._held.leave(error))


# The runtimes of this process, for the moment it forks.
_runtimes: weakref.WeakSet[Runtime] = weakref.WeakSet()
_shared: Runtime | None = None
_shared_lock = threading.Lock()


def shared_runtime() -> Runtime:
    """The process's runtime, made on first use; `atexit` stops it."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Runtime()
            atexit.register(stop_shared_runtime)
        return _shared


def stop_shared_runtime() -> None:
    """Stops the process's runtime if there is one; the next use starts a new one."""
    with _shared_lock:
        runtime = _shared
    if runtime is not None:
        runtime.stop()


def _leave_to_the_parent() -> None:
    """Forgets the parent's loops in a forked process, without a close that the parent's would feel."""
    global _shared, _shared_lock
    for each in tuple(_runtimes):
        if each._loop is not None:
            # For ever, as the end of a task runs its clean-up, which would close the parent's connections.
            kept = (each._loop, each._nursery, *asyncio.all_tasks(each._loop))
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
    _runtimes.clear()
    _shared, _shared_lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)
