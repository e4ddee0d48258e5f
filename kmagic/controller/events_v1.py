"""Events of events.k8s.io/v1: with an action, a related object, and repetitions as a series.

Source: k8s.io/client-go/tools/events.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping
from typing import Any

from kmagic.api import names, times
from kmagic.api.types import JSONObject
from kmagic.controller.event_correlator import event_name
from kmagic.controller.event_series import FINISH_SECONDS, REFRESH_SECONDS, SeriesCache, series_patch
from kmagic.controller.events import EventRecorder
from kmagic.controller.recorder_task import EVENT_TYPES, Events, RecorderTask, log_refusal, typed, without_version
from kmagic.controller.reference import object_reference
from kmagic.errors import AlreadyExistsError, KubeError, NotFoundError, StatusError

__all__ = ("SeriesRecorder", "recorder_for")

log: logging.Logger = logging.getLogger(__name__)


class SeriesRecorder(RecorderTask):
    """Records events of events.k8s.io/v1.

    ```python
    async with SeriesRecorder(client.events_v1.events, controller="example.com/my-controller") as recorder:
        recorder.event(pod, "Normal", "Killing", "stopping the container", action="Stop", related=node)
    ```

    Args:
        events: The resource to write to, in any namespace: ``client.events_v1.events``.
        controller: Name of the controller.
        instance: Name of its process; the controller and the host's name unless given.
        settings: `RecorderTask`'s: ``clock= rng= tries= retry_seconds= buffer_size= flush_seconds=``.
    """

    workers = 8

    def __init__(self, events: Events, controller: str, *, instance: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self._events = events
        self._controller = controller
        self._instance = instance or f"{controller}-{socket.gethostname()}"
        self._series = SeriesCache()

    async def start(self) -> None:
        """Begins to send recorded events, and to refresh and end the series."""
        await super().start()
        self._background.spawn(self._refresh)
        self._background.spawn(self._finish)

    def event(
        self,
        obj: Any,
        event_type: str,
        reason: str,
        message: str,
        *,
        action: str = "",
        related: Any = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Records an event; never waits and never fails: one that cannot be written is logged and counted in `dropped`.

        Args:
            obj: The object of the event: a dict, a model, or an ObjectReference.
            event_type: ``"Normal"`` or ``"Warning"``.
            reason: Cause, one word in CamelCase.
            message: A sentence, for people; at most 1024 bytes.
            action: Action, one word in CamelCase; the reason again unless given, since the server requires one.
            related: Another object that has to do with it.
            annotations: Annotations of the event.
        """
        if event_type not in EVENT_TYPES:
            log.error("Unsupported event type: %r", event_type)
            self.drop()
            return
        try:
            about = object_reference(obj)
            other = object_reference(related) if related is not None else None
        except ValueError as error:
            log.error("Could not construct reference, will not report event %r %r: %s", event_type, reason, error)
            self.drop()
            return
        wall = self._clock.wall()
        name = event_name(about["name"], wall, next(self._serial) % 1000)
        head: JSONObject = {
            "name": name if names.is_dns_subdomain(name) else event_name("event", wall, next(self._serial) % 1000),
            "namespace": about.get("namespace") or "default",
        }
        if annotations:
            head["annotations"] = dict(annotations)
        event: JSONObject = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": head,
            "eventTime": times.format_micro_time(wall),
            "reportingController": self._controller,
            "reportingInstance": self._instance[:128],
            "action": action or reason,
            "reason": reason,
            "regarding": about,
            "note": message,
            "type": event_type,
        }
        self._put(event if other is None else {**event, "related": other})

    async def _record(self, event: JSONObject) -> None:
        found = self._series.record(event, self._clock.wall())
        if found is not None:
            await self._write_event(found)

    async def _refresh(self) -> None:
        while True:
            await self._clock.sleep(REFRESH_SECONDS)
            for event in self._series.active():
                await self._write_event(event)

    async def _finish(self) -> None:
        while True:
            await self._clock.sleep(FINISH_SECONDS)
            for event in self._series.finish(self._clock.wall()):
                await self._write_event(event)

    async def _write_event(self, event: JSONObject) -> None:
        async def attempt() -> bool:
            return await self._write(event)

        await self._send(attempt, lambda n: self._retry_seconds * (1 + self._rng() / 4))

    async def _write(self, event: JSONObject) -> bool:
        """Writes once; False when it is worth another try."""
        sink = self._events(event["metadata"]["namespace"])
        is_series = "series" in event
        try:
            if is_series:
                try:
                    await sink.patch(event["metadata"]["name"], series_patch(event), type="strategic")
                    return True
                except NotFoundError:  # events live an hour
                    pass
            await sink.create(typed(sink, without_version(event)))
        except AlreadyExistsError as error:
            if is_series:  # another try's event is there by now: patch that
                return False
            log_refusal(error)
        except StatusError as error:
            log_refusal(error)
        except KubeError as error:
            log.info("Unable to write event (may retry after sleeping): %s", error)
            return False
        return True


async def recorder_for(client: Any, component: str, **settings: Any) -> SeriesRecorder | EventRecorder:
    """A recorder of events.k8s.io/v1 where the server has it, else of core/v1; both have `event`.

    Args:
        client: An `AsyncClient`.
        component: Name of the controller.
        settings: Arguments of `RecorderTask`.

    Source: k8s.io/client-go/tools/events NewEventBroadcasterAdapter.
    """
    groups = await client.discovery.groups()
    if any(group.name == "events.k8s.io" for group in groups):
        return SeriesRecorder(client.events_v1.events, component, **settings)
    return EventRecorder(client.core_v1.events, component, **settings)
