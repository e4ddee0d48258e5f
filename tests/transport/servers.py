"""Servers for tests that are real where it matters: requests and answers go through httpx and kmagic's transport."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from kmagic.config.client_config import ClientConfig
from kmagic.transport.http import Transport

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]

JSON = {"content-type": "application/json"}


class ScriptedServer(httpx.AsyncBaseTransport):
    """Answers requests in order with what it was given, and remembers them; the last answer repeats."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.closed = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        response = answer(request) if callable(answer) else answer
        response.request = request
        return response

    async def aclose(self) -> None:
        self.closed += 1

    def transport(self, config: ClientConfig | None = None, **more: Any) -> Transport:
        return Transport(config or ClientConfig(server="http://server"), http=self, **more)


class Chunks(httpx.AsyncByteStream):
    """A body in these pieces; an exception among them is raised in its place."""

    def __init__(self, pieces: Iterable[bytes | Exception]) -> None:
        self.pieces = list(pieces)
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[Any]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def aclose(self) -> None:
        self.closed = True


class InstantClock:
    """Sleeping takes no time but moves the clock; remembers how long."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def status(reason: str, code: int, message: str = "no", headers: dict[str, str] | None = None) -> httpx.Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "code": code,
        "message": message,
    }
    return httpx.Response(code, json=body, headers=headers)


def streaming(*pieces: bytes | Exception, code: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(code, stream=Chunks(pieces), headers=headers or JSON)
