"""One sandbox from start to end, in this process."""

from pathlib import Path
from typing import Any

import anyio
import yaml

from kmagic.client.client import AsyncClient
from kmagic.sandbox.host.runner import Settings, serve


async def test_it_answers_when_it_is_ready_and_leaves_nothing(tmp_path: Path) -> None:
    path = Path(tmp_path, "kubeconfig")
    ready = anyio.Event()
    urls: list[str] = []

    def note(url: Any) -> None:
        urls.append(url)
        ready.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve, Settings(kubeconfig=path, nodes=2, pods=5, controllers=False), note)
        with anyio.fail_after(20):
            await ready.wait()
            written = yaml.safe_load(await anyio.Path(path).read_text())
            assert written["clusters"][0]["cluster"]["server"] == urls[0]
            async with AsyncClient(str(path)) as client:
                assert len((await client.core_v1.nodes.list()).items) == 2
                assert len((await client.core_v1.pods(None).list()).items) == 5
        tasks.cancel_scope.cancel()
    assert not await anyio.Path(path).exists()
