"""Events of core/v1: messages of a controller about an object, seen with `kubectl describe`.

`event` never waits and never fails: it puts the event into a bounded buffer, and a task writes it, combines similar
ones, and tries again when the server is away.

Source: k8s.io/client-go/tools/record/event.go.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from kmagic.api import names, times
from kmagic.api.types import JSONObject
from kmagic.controller.event_correlator import CorrelatorOptions, EventCorrelator, event_name
from kmagic.controller.recorder_task import (
    EVENT_TYPES,
    Events,
    RecorderTask,
    as_dict,
    log_refusal,
    typed,
    without_version,
)
from kmagic.controller.reference import object_reference
from kmagic.errors import KubeError, NotFoundError, StatusError

__all__ = ("EventRecorder",)

log: logging.Logger = logging.getLogger(__name__)


class EventRecorder(RecorderTask):
    """Records events of core/v1.

    ```python
    async with EventRecorder(client.core_v1.events, component="my-controller") as recorder:
        recorder.event(pod, "Normal", "Synced", "synced successfully")
    ```

    Args:
        events: The resource to write to, in any namespace: ``client.core_v1.events``.
        component: Name of the controller.
        host: Name of its host; "" for a controller that runs anywhere.
        options: The limits for similar and repeated events.
        settings: `RecorderTask`'s: ``clock= rng= tries= retry_seconds= buffer_size= flush_seconds=``.
    """

    def __init__(
        self,
        events: Events,
        component: str,
        *,
        host: str = "",
        options: CorrelatorOptions | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._events = events
        self._component = component
        self._host = host
        self._correlator = EventCorrelator(options or CorrelatorOptions())

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
        """Records an event; never waits and never fails: one that cannot be written is logged and counted in `dropped`.

        Args:
            obj: The object of the event: a dict, a model, or an ObjectReference.
            event_type: ``"Normal"`` or ``"Warning"``.
            reason: One word in CamelCase, for machines.
            message: A sentence, for people.
            annotations: Annotations of the event.
            field_path: The part of the object that is meant.
        """
        if event_type not in EVENT_TYPES:
            log.error("Unsupported event type: %r", event_type)
            self.drop()
            return
        try:
            reference = object_reference(obj, field_path=field_path)
        except ValueError as error:
            log.error("Could not construct reference, will not report event %r %r: %s", event_type, reason, error)
            self.drop()
            return
        self._put(self._event(reference, event_type, reason, message, dict(annotations or {})))

    def _event(
        self, reference: JSONObject, event_type: str, reason: str, message: str, annotations: dict[str, str]
    ) -> JSONObject:
        wall = self._clock.wall()
        name = event_name(reference["name"], wall, next(self._serial) % 1000)
        head: JSONObject = {
            "name": name if names.is_dns_subdomain(name) else str(uuid.uuid4()),
            "namespace": reference.get("namespace") or "default",
        }
        if annotations:
            head["annotations"] = annotations
        stamp = times.format_time(wall)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": head,
            "involvedObject": reference,
            "reason": reason,
            "message": message,
            "type": event_type,
            "count": 1,
            "firstTimestamp": stamp,
            "lastTimestamp": stamp,
            "source": {"component": self._component, "host": self._host},
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }

    async def _record(self, event: JSONObject) -> None:
        result = self._correlator.correlate(event, now=self._clock.now(), wall=self._clock.wall())
        if result.skip:
            return

        async def attempt() -> bool:
            return await self._write(result.event, result.patch)

        # The first wait is random so that controllers which lost the same server do not come back together.
        await self._send(attempt, lambda n: self._retry_seconds * (self._rng() if n == 0 else 1.0))

    async def _write(self, event: JSONObject, patch: JSONObject | None) -> bool:
        """Writes once; False when it is worth another try."""
        sink = self._events(event["metadata"]["namespace"])
        try:
            if patch is not None:
                try:
                    self._correlator.update(
                        as_dict(await sink.patch(event["metadata"]["name"], patch, type="strategic"))
                    )
                    return True
                except NotFoundError:  # events live an hour
                    pass
            self._correlator.update(as_dict(await sink.create(typed(sink, without_version(event)))))
        except StatusError as error:
            log_refusal(error)
        except KubeError as error:
            log.info("Unable to write event (may retry after sleeping): %s", error)
            return False
        return True
