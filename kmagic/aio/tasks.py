"""Tasks and who owns them.

`task_group` is anyio's, but errors come out of it as they were raised. `first_error` does several things at once.
`Background` holds the tasks of an object that is started here and stopped there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import anyio
import anyio.abc

__all__ = ("Background", "Later", "first_error", "task_group")

T = TypeVar("T")

# The event loop itself knows tasks only weakly.
_running: set[asyncio.Task[None]] = set()
# Whose task this is.
_owner: ContextVar[object] = ContextVar("kmagic_background", default=None)


@asynccontextmanager
async def task_group() -> AsyncIterator[anyio.abc.TaskGroup]:
    """A task group out of which one error comes, as it was raised: the body's own, or else the first of a task.

    Otherwise it is as anyio's: the body's end waits for the tasks, and any error cancels what still runs.
    """
    own: BaseException | None = None
    cancelled = anyio.get_cancelled_exc_class()
    try:
        async with anyio.create_task_group() as tasks:
            try:
                yield tasks
            except cancelled:
                raise
            except BaseException as error:
                own = error
                raise
    except BaseExceptionGroup as group:
        first = _first(group) if own is None else own
    else:
        return
    # Out of the handler, so that the group is not the context of what was in it.
    raise first


async def first_error(works: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Does several things at once; the first error cancels the others and comes out as it is.

    Args:
        works: Functions without arguments.

    Returns:
        What they returned, in their order.
    """
    functions = list(works)
    results: list[Any] = [None] * len(functions)

    async def do(place: int, work: Callable[[], Awaitable[T]]) -> None:
        results[place] = await work()

    async with task_group() as tasks:
        for place, work in enumerate(functions):
            tasks.start_soon(do, place, work)
    return results


class Background:
    """Tasks of an object that outlive the call that started them.

    They run in a task of their own, so `stop` may be called by another task than `start`: by another notebook cell,
    for example. The first error of one of them ends them all and is kept for `stop`.

    Args:
        name: Name for debuggers.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._group: anyio.abc.TaskGroup | None = None
        # Asked for before the group was there, which takes one turn of the loop.
        self._early: list[tuple[Callable[..., Awaitable[object]], tuple[Any, ...], str | None]] = []
        self._error: Exception | None = None

    @property
    def running(self) -> bool:
        """True if `start` was called and the tasks have not ended yet."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Makes it ready for tasks.

        Raises:
            RuntimeError: It runs already, or there is no event loop here.
        """
        if self.running:
            raise RuntimeError(f"{self._name} is running already")
        self._error = None
        self._early.clear()
        self._task = asyncio.get_running_loop().create_task(self._main(), name=self._name)
        _running.add(self._task)
        self._task.add_done_callback(_running.discard)

    def spawn(self, function: Callable[..., Awaitable[object]], *args: Any, name: str | None = None) -> None:
        """Runs a coroutine function as one of the tasks.

        Raises:
            RuntimeError: It is not running.
        """
        if self._group is not None:
            self._group.start_soon(self._owned, function, args, name=name)
        elif self.running:
            self._early.append((function, args, name))
        else:
            raise RuntimeError(f"{self._name} is not running")

    def cancel(self) -> None:
        """Cancels the tasks, without waiting for their end."""
        if self._group is not None:
            self._group.cancel_scope.cancel()
        elif self._task is not None:
            self._task.cancel()

    async def wait(self) -> None:
        """Waits until the tasks have ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def stop(self) -> None:
        """Cancels the tasks and waits for their end; a task of its own that calls it is cancelled with the others.

        Raises:
            Exception: The failure that ended the tasks earlier; raised once.
        """
        self.cancel()
        # Who leaves is often being cancelled itself; the tasks must have ended all the same.
        with anyio.CancelScope(shield=_owner.get() is not self):
            await self.wait()
        error, self._error = self._error, None
        if error is not None:
            raise error

    async def _owned(self, function: Callable[..., Awaitable[object]], args: tuple[Any, ...]) -> None:
        _owner.set(self)
        await function(*args)

    async def _main(self) -> None:
        try:
            async with task_group() as group:
                self._group = group
                for function, args, name in self._early:
                    group.start_soon(self._owned, function, args, name=name)
                await anyio.sleep_forever()
        except Exception as error:  # kept for who stops it
            self._error = error
        finally:
            self._group = None


class Later:
    """The rest of what a call has set going: may be awaited, and need not be.

    Args:
        rest: Coroutine function with the rest of the call.
    """

    def __init__(self, rest: Callable[[], Awaitable[None]]) -> None:
        self._rest = rest

    def __await__(self) -> Generator[Any, Any, None]:
        return self._rest().__await__()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
