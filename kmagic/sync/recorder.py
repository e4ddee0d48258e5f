"""Events for blocking code: they are recorded at once and written on the loop thread.

```python
with client.recorder("my-notebook") as recorder:
    recorder.event(pod, "Normal", "Looked", "an operator looked at it")
```
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from kmagic.controller.events import EventRecorder
from kmagic.sync.runtime import Runtime

__all__ = ("Recorder",)


class Recorder:
    """Records events about objects. See `kmagic.controller.events.EventRecorder`."""

    def __init__(self, inner: EventRecorder, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def dropped(self) -> int:
        """The number of events that could not be written."""
        return self._async.dropped

    def start(self) -> None:
        """Begins to send recorded events."""
        self._runtime.run(self._async.start())

    def stop(self) -> None:
        """Sends what waits, as far as time allows, and ends. Does nothing when it is not running."""
        if self._runtime.running:
            self._runtime.run(self._async.stop())

    def event(
        self,
        obj: Any,
        event_type: str,
        reason: str,
        message: str,
        *,
        annotations: Mapping[str, str] | None = None,
        field_path: str = "",
    ) -> None:
        """Records an event; one that cannot be written is logged and counted in `dropped`.

        Args:
            obj: The object of the event: a dict, a model, or an ObjectReference.
            event_type: ``"Normal"`` or ``"Warning"``.
            reason: One word in CamelCase, for machines.
            message: A sentence, for people.
            annotations: Annotations of the event.
            field_path: The part of the object that is meant.
        """
        self._runtime.call(
            lambda: self._async.event(obj, event_type, reason, message, annotations=annotations, field_path=field_path)
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
