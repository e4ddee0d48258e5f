"""Election for blocking code: renewals run on the loop thread, the work is the caller's.

```python
with client.elector("my-notebook", identity="me") as elector:     # waits until this process leads
    while elector.is_leader:
        work_a_little()
```
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from kmagic.controller.leader_election import LeaderElector
from kmagic.sync.runtime import Runtime

__all__ = ("Elector",)


class Elector:
    """A candidate. See `kmagic.controller.leader_election.LeaderElector`.

    Blocking work cannot be cancelled from outside: look at `is_leader` between its steps.
    """

    def __init__(self, inner: LeaderElector, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def identity(self) -> str:
        """This candidate's name."""
        return self._async.identity

    @property
    def leader(self) -> str:
        """The identity last seen to hold the lease; "" when it is free or was not read yet."""
        return self._async.leader

    @property
    def is_leader(self) -> bool:
        """True if this process leads, as far as it knows."""
        return self._async.is_leader

    @property
    def lost(self) -> bool:
        """True if the last time of leading ended because the lease could not be renewed."""
        return self._async.lost

    def start(self) -> None:
        """Waits until this process leads, and renews from then on until it is stopped or the lease is lost."""
        self._runtime.run(self._async.start())

    def stop(self) -> None:
        """Stops leading and frees the lease; end first what only a leader may do. Does nothing when it is not running."""
        if self._runtime.running:
            self._runtime.run(self._async.stop())

    def wait_lost(self) -> None:
        """Waits until this process does not lead any more."""
        self._runtime.run(self._async.wait_lost())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
