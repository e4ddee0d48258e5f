"""Tools for tests of your own code: a cluster of their own, a clock you move, recorded calls and planned failures.

```python
with kmagic.testing.cluster() as cluster:
    client = cluster.client()
    cluster.react("create", "pods", lambda action: ForbiddenError("not today"))
    ...
    assert [str(action) for action in cluster.changes] == ["create pods shop/"]
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.testing.actions import Action as Action
    from kmagic.testing.actions import ActionLog as ActionLog
    from kmagic.testing.clock import FakeClock as FakeClock
    from kmagic.testing.recorder import FakeRecorder as FakeRecorder
    from kmagic.testing.sandbox import TestCluster as TestCluster
    from kmagic.testing.sandbox import cluster as cluster
    from kmagic.testing.source import FakeListWatch as FakeListWatch

__all__ = ("Action", "ActionLog", "FakeClock", "FakeListWatch", "FakeRecorder", "TestCluster", "cluster")

# A test that only moves a clock needs no client and no sandbox.
_HOMES = {
    "actions": ("Action", "ActionLog"),
    "clock": ("FakeClock",),
    "recorder": ("FakeRecorder",),
    "sandbox": ("TestCluster", "cluster"),
    "source": ("FakeListWatch",),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
