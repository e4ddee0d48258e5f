"""A transport that records every call and lets reactors answer chosen ones; the rest goes to the real server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any

import msgspec

from kmagic.errors import KubeError, StatusError
from kmagic.rest.request import Request
from kmagic.testing.actions import Action, ActionLog, Answer
from kmagic.transport.http import StreamResponse, Transport

__all__ = ("PlannedResponse", "RecordingTransport")


class RecordingTransport(Transport):
    """A `Transport` with a log.

    Args:
        config: The server and the identity.
        log: Gets the calls and has the reactors.
        settings: Arguments of `Transport`.
    """

    def __init__(self, config: Any, log: ActionLog, **settings: Any) -> None:
        super().__init__(config, **settings)
        self._log = log

    async def open(self, request: Request) -> StreamResponse:
        """Asks the reactors, then the server."""
        if not request.resource:
            return await super().open(request)
        action = Action.of(request)
        planned = self._log.record(action)
        if planned is not None:
            return _response(planned)
        answer = await super().open(request)
        if answer.status < 300:
            self._log.answered(action)
        return answer


class PlannedResponse(StreamResponse):
    """An answer that did not come from the server."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"content-type": "application/json"}
        self._body = body

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body."""
        if self._body:
            yield self._body

    async def read(self) -> bytes:
        """The body."""
        return self._body

    async def aclose(self) -> None:
        """Does nothing: no connection is behind it."""


def _response(planned: Answer) -> StreamResponse:
    if isinstance(planned, StatusError):  # through the client's own way of reading refusals
        return PlannedResponse(planned.status.get("code") or planned.code or 500, msgspec.json.encode(_status(planned)))
    if isinstance(planned, KubeError):
        raise planned
    if isinstance(planned, Mapping):
        return PlannedResponse(200, msgspec.json.encode(planned))
    events: Iterable[tuple[str, Any]] = planned or ()
    lines = [msgspec.json.encode({"type": kind, "object": obj}) + b"\n" for kind, obj in events]
    return PlannedResponse(200, b"".join(lines))


def _status(error: StatusError) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": error.message,
        "reason": error.reason,
        "code": error.code or 500,
        **error.status,
    }
