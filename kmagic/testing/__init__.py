"""What tests of your own code need: a cluster of their own, a clock you move, recorded calls and planned failures.

```python
with kmagic.testing.cluster() as cluster:
    client = cluster.client()
    cluster.react("create", "pods", lambda action: ForbiddenError("not today"))
    ...
    assert [str(action) for action in cluster.changes] == ["create pods shop/"]
```
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmagic.testing.actions import Action as Action
    from kmagic.testing.actions import ActionLog as ActionLog
    from kmagic.testing.clock import FakeClock as FakeClock
    from kmagic.testing.recorder import FakeRecorder as FakeRecorder
    from kmagic.testing.sandbox import TestCluster as TestCluster
    from kmagic.testing.sandbox import cluster as cluster
    from kmagic.testing.source import FakeListWatch as FakeListWatch

__all__ = ("Action", "ActionLog", "FakeClock", "FakeListWatch", "FakeRecorder", "TestCluster", "cluster")

# Imported when touched: a test that only moves a clock needs no client and no sandbox.
_LAZY = {
    "Action": "actions",
    "ActionLog": "actions",
    "FakeClock": "clock",
    "FakeListWatch": "source",
    "FakeRecorder": "recorder",
    "TestCluster": "sandbox",
    "cluster": "sandbox",
}


def __getattr__(name: str) -> object:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
