"""Planned HTTP answers behind a real client: what is tested is everything above the socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import anyio
import httpx

from kmagic.cache.client import AsyncClient
from kmagic.config.client_config import ClientConfig
from kmagic.transport.http import Transport


def chunked(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def watch_line(kind: str, obj: Any) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


class _Body(httpx.AsyncByteStream):
    def __init__(self, chunks: Iterable[bytes], hang: bool) -> None:
        self._chunks = chunks
        self._hang = hang

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            await anyio.lowlevel.checkpoint()
            yield chunk
        if self._hang:
            await anyio.sleep_forever()


class FakeServer(httpx.AsyncBaseTransport):
    """Answers each path with what was planned for it, in order; the last answer stays.

    A watch without a plan stays open and silent.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._news = anyio.Event()
        self._answers: dict[tuple[str, bool], list[tuple[int, list[bytes], Mapping[str, str], bool]]] = {}

    def answer(
        self,
        path: str,
        body: list[bytes] | dict[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        watch: bool | None = None,
        hang: bool = False,
    ) -> None:
        """Plans an answer; `watch` None is for both lists and watches."""
        chunks = [json.dumps(body).encode()] if isinstance(body, dict) else body
        planned = (status, chunks, {"content-type": "application/json", **(headers or {})}, hang)
        for kind in (True, False) if watch is None else (watch,):
            self._answers.setdefault((path, kind), []).append(planned)

    async def received(self, count: int) -> None:
        """Waits until so many requests have come."""
        with anyio.fail_after(5):
            while len(self.requests) < count:
                await self._news.wait()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        self.requests.append(request)
        self._news.set()
        self._news = anyio.Event()
        watch = request.url.params.get("watch") == "true"
        planned = self._answers.get((request.url.path, watch))
        if planned is None:
            if watch:
                return httpx.Response(200, stream=_Body([], True))
            return httpx.Response(404, headers={"content-type": "text/plain"}, stream=_Body([b"no such path"], False))
        status, chunks, headers, hang = planned.pop(0) if len(planned) > 1 else planned[0]
        return httpx.Response(status, headers=dict(headers), stream=_Body(chunks, hang))

    def client(self, **options: Any) -> AsyncClient:
        config = ClientConfig(server="http://fake.test")
        return AsyncClient(transport=Transport(config, http=self), **options)
