"""What followed logs cost a kernel: ``python -m tests.bench.logs [lines a second] [seconds]``.

A server on this machine writes lines of twenty Pods; a log view with a page that filters reads them over HTTP. Printed
are the CPU of the kernel's side, how late another task of its loop is, and what the page is sent.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from datetime import UTC, datetime
from typing import Any

from kmagic.client.client import AsyncClient
from kmagic.client.logs import LogOptions
from kmagic.config.client_config import ClientConfig
from kmagic.magics.work.log_follow import LogFollower
from kmagic.sync.runtime import Runtime
from kmagic.views.log_rows import LogRows
from kmagic.widgets.log_channel import LogChannel

PODS = 20


class _NoPods:
    """A selection of Pods that never changes: only those known from the beginning."""

    synced, state, namespace, fields, resource_version = False, "live", "shop", "", ""

    def start(self) -> None:
        """Starts nothing."""

    def stop(self) -> None:
        """Stops nothing."""

    async def wait_for(self, met: Any, timeout: float) -> bool:
        """Waits as long as it may."""
        await asyncio.sleep(timeout)
        return False


async def serve(per_second: int, seconds: float) -> asyncio.Server:
    """A server that answers every request for a log with lines that come."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n")
        end = time.monotonic() + seconds
        due = 0.0
        while time.monotonic() < end:
            due += per_second / PODS / 20
            stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            line = f'{stamp} {{"level":"info","msg":"GET /cart 200","ms":12}}\n'.encode()
            body = line * int(due)
            due -= int(due)
            if body:
                writer.write(b"%x\r\n%s\r\n" % (len(body), body))
            await asyncio.sleep(0.05)
        await asyncio.sleep(60)

    return await asyncio.start_server(answer, "127.0.0.1", 0)


async def follow(port: int, seconds: float, runtime: Runtime) -> dict[str, float]:
    """Follows the logs with a page; returns the figures."""
    client = AsyncClient(config=ClientConfig(server=f"http://127.0.0.1:{port}"))
    pods = [
        {"metadata": {"name": f"web-{at}", "uid": str(at)}, "spec": {"containers": [{"name": "main"}]}}
        for at in range(PODS)
    ]
    follower = LogFollower(client, _NoPods(), options=LogOptions(), known=pods, runtime=runtime)  # type: ignore[arg-type]
    rows, sent, late = LogRows(), [0], []
    channel = LogChannel(
        rows, lambda: follower.sources, lambda frame: sent.append(len(json.dumps(frame))),
        head={"title": "web"}, clock=time.monotonic, wall=lambda: datetime.now(UTC),
    )  # fmt: skip
    channel.receive({"t": "hello", "vid": "page", "q": 1, "count": 80, "text": "cart !nothing", "levels": ["info"]})
    waiting: list[Any] = []
    follower.start(waiting.extend, channel.touch)
    cpu, begun = time.process_time(), time.monotonic()
    while time.monotonic() < begun + seconds:
        for _ in range(5):
            at = time.monotonic()
            await asyncio.sleep(0.05)
            late.append(time.monotonic() - at - 0.05)
        taken, waiting[:] = list(waiting), []
        rows.merge(taken)
        channel.touch()
        channel.flush()
        channel.receive({"t": "hb", "vid": "page", "q": 2})
    cpu, took = time.process_time() - cpu, time.monotonic() - begun
    follower.stop()
    await client.aclose()
    return {
        "lines a second": rows.came / took, "CPU %": 100 * cpu / took, "median ms late": 1000 * statistics.median(late),
        "worst ms late": 1000 * max(late), "KiB a second to the page": sum(sent) / took / 1024,
    }  # fmt: skip


def main(per_second: int, seconds: float) -> None:
    """Prints the figures; the server is a process of its own."""
    import subprocess

    code = f"import asyncio; from tests.bench.logs import host; asyncio.run(host({per_second}, {seconds}))"
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    runtime = Runtime("bench")
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        for name, value in runtime.run(follow(port, seconds, runtime)).items():
            print(f"{name:28} {value:10.1f}")
    finally:
        runtime.stop()
        server.terminate()
        server.wait()


async def host(per_second: int, seconds: float) -> None:
    """Serves until it is ended, and says on which port."""
    server = await serve(per_second, seconds + 5)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, float(sys.argv[2]) if len(sys.argv) > 2 else 5.0)
