"""An event recorder that only remembers, as lines of text.

Source: k8s.io/client-go/tools/record/fake.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmagic.controller.reference import object_reference

__all__ = ("FakeRecorder",)


class FakeRecorder:
    """Has `event` as the real recorders have.

    Args:
        include_object: Whether a line ends with the object's kind and version.

    Attributes:
        events: ``"Normal Synced Foo synced successfully"``, one line an event, in order.
    """

    def __init__(self, *, include_object: bool = False) -> None:
        self.events: list[str] = []
        self._include_object = include_object

    def event(
        self,
        obj: Any,
        event_type: str,
        reason: str,
        message: str,
        *,
        annotations: Mapping[str, str] | None = None,
        **_: object,
    ) -> None:
        """Remembers an event; options of the real recorders are accepted and ignored."""
        line = f"{event_type} {reason} {message}"
        if self._include_object:
            about = object_reference(obj)
            line += f" involvedObject{{kind={about['kind']},apiVersion={about.get('apiVersion', '')}}}"
        if annotations:
            line += f" {dict(annotations)}"
        self.events.append(line)
