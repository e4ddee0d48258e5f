"""A controller that works beside a notebook: started by a cell, replaced when the cell runs again.

```python
def reconcile(key):                                   # a plain function may block; a coroutine function runs on the loop
    web = client.apps_v1.deployments(key.namespace).get(key.name)
    ...

controller = client.controller(reconcile, [Deployment], name="demo", namespace="shop")
controller.status
controller.stop()
```
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread

from kmagic.api.key import ObjectKey
from kmagic.controller.controller import Controller, ControllerStatus
from kmagic.sync.informers import filling
from kmagic.sync.runtime import Runtime

__all__ = ("RunningController", "start_controller")

# By loop and name, so that a cell that runs again replaces its controller, even with a new client.
_running: dict[tuple[int, str], RunningController] = {}


class RunningController:
    """A controller on kmagic's loop; see `start_controller`."""

    def __init__(self, make: Callable[[], Controller], runtime: Runtime) -> None:
        self._make = make
        self._runtime = runtime
        self._controller: Controller = runtime.call(make)
        self.name: str = self._controller.name
        self.start()

    def start(self) -> None:
        """Begins to work when the caches are filled; a stopped one starts again. Does nothing while it runs.

        Raises:
            SyncError: A cache did not fill.
        """
        if self.running:
            return
        if self._controller.queue.shutting_down():
            self._controller = self._runtime.call(self._make)
        try:
            self._runtime.run(self._controller.start())
        except BaseException:
            self.stop()
            raise
        _running[id(self._runtime), self.name] = self

    @property
    def status(self) -> ControllerStatus:
        """Queue depth, retries and the last error of each failing key, as of now."""
        return self._runtime.call(lambda: self._controller.status)

    @property
    def running(self) -> bool:
        """True if it works now."""
        return self._runtime.running and self._controller.running

    def lister(self, source: Any, namespace: str | None = None) -> Any:
        """Reads what is cached of a source: ``controller.lister(Deployment, "shop").get("web")``."""
        lister, informer = self._runtime.call(
            lambda: (self._controller.lister(source, namespace), self._controller.informer(source))
        )
        return lister.when(filling(informer, self._runtime))

    def enqueue(self, obj: Any) -> None:
        """Wants an object looked at: an object or its key."""
        self._runtime.call(lambda: self._controller.enqueue(obj))

    def stop(self) -> None:
        """Ends it and waits for that: no watch, worker or task is left. Stopping twice is fine."""
        key = id(self._runtime), self.name
        if _running.get(key) is self:
            del _running[key]
        if self._runtime.running:
            self._runtime.run(self._controller.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        if not self.running:
            return f"<controller {self.name!r}, stopped>"
        status = self.status
        head = (
            f"<controller {self.name!r}: {status.queued} queued, {status.waiting} waiting,"
            f" {len(status.processing)} being worked on; {status.succeeded} succeeded, {status.failed} failed>"
        )
        rows = [f"  {key}  failed {status.retries[key]} times: {error}" for key, error in status.errors.items()]
        return "\n".join([head, *rows])


def start_controller(
    client: Any, reconcile: Callable[[ObjectKey], Any], watches: Iterable[Any], *, name: str, **options: Any
) -> RunningController:
    """Starts a controller and returns when its caches are filled; one of the same name is stopped first.

    Args:
        client: A blocking `Client`.
        reconcile: Gets a key. A plain function runs in a thread and may block; a coroutine function runs on the loop.
        watches: The watched sources; see `kmagic.controller.Controller`.
        name: Name of the controller.
        options: `Controller`'s own: ``workers= namespace= resync_seconds= max_retries= ...``.

    Raises:
        SyncError: A cache did not fill.
    """
    runtime: Runtime = client.runtime
    before = _running.get((id(runtime), name))
    if before is not None:
        before.stop()

    async def work(key: ObjectKey) -> float | None:
        if inspect.iscoroutinefunction(reconcile):
            answer = await reconcile(key)
        else:
            answer = await anyio.to_thread.run_sync(reconcile, key)
        return answer if isinstance(answer, int | float) and not isinstance(answer, bool) else None

    sources = list(watches)
    return RunningController(lambda: Controller(client.unblocked, work, sources, name=name, **options), runtime)
