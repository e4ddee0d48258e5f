"""A proxy between a client and a real server that breaks what a rule tells it to break.

It speaks HTTP/1.1 to the client, plain or with TLS, and passes each request on over a connection of its own, so
every answer ends with its connection and every byte of it can be cut, held, slowed, damaged or replaced. What the
client gets otherwise is the server's own bytes.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import ssl
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import yaml

__all__ = ("Fault", "FaultProxy", "Seen", "status_reply")

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the proxy saw it.

    Attributes:
        method: `GET`, `POST`, ...
        path: The path without the query.
        query: The query as it was sent.
        number: How many requests came before it, over all connections.
    """

    method: str
    path: str
    query: str
    number: int

    @property
    def is_watch(self) -> bool:
        """Whether it asks for a watch."""
        return "watch=1" in self.query or "watch=true" in self.query

    @property
    def is_list(self) -> bool:
        """Whether it reads something that is no watch."""
        return self.method == "GET" and not self.is_watch


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to one answer. Byte counts are of the whole answer, its head included.

    Attributes:
        reply: Bytes sent instead of the server's answer; the server is not asked.
        after: How many bytes go through before `insert`, `stall` and `end`; None: all of them.
        insert: Bytes put in after these.
        stall: Then nothing more is sent, and the connection stays open until the client leaves.
        end: `reset` cuts the connection (RST) after these; `close` ends it in order, but early.
        bytes_per_second: The answer's speed.
    """

    reply: bytes | None = None
    after: int | None = None
    insert: bytes = b""
    stall: bool = False
    end: str = ""
    bytes_per_second: float | None = None


def status_reply(code: int, reason: str, message: str, *, retry_after: int | None = None, name: str = "") -> Fault:
    """An answer with a Status object, as a server or a proxy before it gives one."""
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
        "details": {"name": name} if name else {},
    }
    body = json.dumps(status).encode()
    head = [
        f"HTTP/1.1 {code} {reason}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    if retry_after is not None:
        head.append(f"Retry-After: {retry_after}")
    return Fault(reply="\r\n".join(head).encode() + b"\r\n\r\n" + body)


@dataclass
class FaultProxy:
    """The proxy; `async with FaultProxy(...)` listens and leaves nothing behind.

    Attributes:
        kubeconfig: The administrator's kubeconfig of the server to pass requests on to.
        tls: Speak TLS to the client, with the cluster's own certificate (beside the kubeconfig).
        as_admin: Ask the server as the administrator; else the client's own headers say who asks.
        rule: Says what is done to each request; None passes it on whole. May be changed at any time.
        seen: The requests so far.
    """

    kubeconfig: str
    tls: bool = False
    as_admin: bool = True
    rule: Callable[[Seen], Fault | None] = lambda seen: None
    refusing: bool = False
    seen: list[Seen] = field(default_factory=list)
    cuts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        config = yaml.safe_load(Path(self.kubeconfig).read_text())
        self._upstream = urlsplit(config["clusters"][0]["cluster"]["server"])
        admin = config["users"][0]["user"] if self.as_admin else {}
        self._context = _upstream_context(config["clusters"][0]["cluster"], admin)
        self._headers = [f"Authorization: Bearer {admin['token']}"] if "token" in admin else []

    async def __aenter__(self) -> Self:
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        listening = _serving_context(Path(self.kubeconfig).parent) if self.tls else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=listening)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def write_kubeconfig(self, folder: Path, user: dict[str, str] | None = None) -> str:
        """Writes a kubeconfig whose server is this proxy, for another user if one is given; returns its path."""
        config = yaml.safe_load(Path(self.kubeconfig).read_text())
        config["clusters"][0]["cluster"]["server"] = self.url
        if not self.tls:
            for name in ("certificate-authority", "certificate-authority-data"):
                config["clusters"][0]["cluster"].pop(name, None)
        if user is not None or not self.tls:
            config["users"][0]["user"] = user or {}
        path = folder / f"proxy-{self.port}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(config))
        return str(path)

    def cut(self) -> int:
        """Resets every open connection; returns how many there were."""
        writers = list(self._open.values())
        for writer in writers:
            _reset(writer)
        self.cuts["cut"] += len(writers)
        return len(writers)

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            if self.refusing:
                _reset(writer)
                return
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # one of the two sides left, or was cut
        except asyncio.CancelledError:
            _reset(writer)  # only __aexit__ cancels
        finally:
            del self._open[task]
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, body, seen = await self._read_request(reader)
        fault = self.rule(seen) or Fault()
        if fault.reply is not None:
            await self._damaged(_of_bytes(fault.reply), writer, reader, fault)
            return
        host, port = self._upstream.hostname, self._upstream.port
        upstream, to_upstream = await asyncio.open_connection(host, port, ssl=self._context)
        try:
            to_upstream.write(head + body)
            await to_upstream.drain()
            await self._damaged(upstream, writer, reader, fault)
        finally:
            to_upstream.transport.abort()

    async def _read_request(self, reader: asyncio.StreamReader) -> tuple[bytes, bytes, Seen]:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head[:-4].decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        url = urlsplit(target)
        seen = Seen(method, url.path, url.query, len(self.seen))
        self.seen.append(seen)
        length, kept = 0, [lines[0]]
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
            if name.lower() not in ("connection", "host"):
                kept.append(line)
        kept += [f"Host: {self._upstream.netloc}", "Connection: close", *self._headers]
        body = await reader.readexactly(length)
        return "\r\n".join(kept).encode("latin-1") + b"\r\n\r\n", body, seen

    async def _damaged(
        self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, client: asyncio.StreamReader, fault: Fault
    ) -> None:
        """Sends the answer as far as the fault lets it; ends early when the client leaves."""
        gone = asyncio.ensure_future(client.read(1))
        passing = asyncio.ensure_future(_pass_on(upstream, writer, fault))
        try:
            await asyncio.wait({gone, passing}, return_when=asyncio.FIRST_COMPLETED)
            if passing.done():
                passing.result()
        finally:
            for task in (gone, passing):
                task.cancel()
            await asyncio.gather(gone, passing, return_exceptions=True)


async def _pass_on(upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault) -> None:
    left = fault.after
    size = _CHUNK if fault.bytes_per_second is None else max(1, int(fault.bytes_per_second / 20))
    while left is None or left > 0:
        part = await upstream.read(size if left is None else min(size, left))
        if not part:
            break
        left = None if left is None else left - len(part)
        writer.write(part)
        await writer.drain()
        if fault.bytes_per_second is not None:
            await asyncio.sleep(len(part) / fault.bytes_per_second)
    writer.write(fault.insert)
    await writer.drain()
    if fault.stall:
        await asyncio.Event().wait()
    if fault.end == "reset":
        _reset(writer)


def _of_bytes(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: Any = writer.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):  # closed already
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _upstream_context(cluster: dict[str, str], user: dict[str, str]) -> ssl.SSLContext:
    data = base64.b64decode(cluster.get("certificate-authority-data", "")).decode()
    context = ssl.create_default_context(cafile=cluster.get("certificate-authority"), cadata=data or None)
    if "client-certificate" in user:
        context.load_cert_chain(user["client-certificate"], user["client-key"])
    return context


def _serving_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    return context
