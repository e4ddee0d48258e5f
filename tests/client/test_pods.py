from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.client.pods import AsyncPods
from kmagic.models.core_v1 import Pod
from tests.cluster.fixture import ExternalCluster
from tests.cluster.kwok_config import LOG_LINES


async def test_logs_of_the_default_container(pods: AsyncPods) -> None:
    assert (await pods.logs("web-0")).splitlines() == list(LOG_LINES)
    assert (await pods.logs("web-0", tail_lines=2, container="side")).splitlines() == list(LOG_LINES[-2:])
    assert (await pods.logs("web-0", tail_lines=1, timestamps=True)).startswith("2026-01-01T00:00:")


async def test_logs_of_the_instance_before(pods: AsyncPods) -> None:
    assert await pods.logs("web-0", previous=True) == "the container before\n"


async def test_followed_logs(pods: AsyncPods) -> None:
    seen = []
    with anyio.fail_after(60):
        async with aclosing(pods.logs("web-0", follow=True)) as lines:
            async for line in lines:
                seen.append(line)
                if len(seen) == len(LOG_LINES):
                    break
    assert seen == list(LOG_LINES)


async def test_logs_of_nothing(pods: AsyncPods) -> None:
    with pytest.raises(errors.NotFoundError, match='pods "missing" not found'):
        await pods.logs("missing")
    with pytest.raises(errors.BadRequestError, match="container missing is not valid for pod web-0"):
        await pods.logs("web-0", container="missing")


async def test_copy_there_and_back(pods: AsyncPods, tmp_path: Path) -> None:
    source, remote = tmp_path / "a.txt", tmp_path / "remote"
    source.write_text("hello")
    remote.mkdir()
    await pods.copy_to("web-0", source, f"{remote}/b.txt")
    assert (remote / "b.txt").read_text() == "hello"
    (remote / "folder").mkdir()
    (remote / "folder" / "x").write_text("1")
    await pods.copy_from("web-0", f"{remote}/folder", tmp_path / "back")
    assert (tmp_path / "back" / "x").read_text() == "1"
    with pytest.raises(errors.StreamError, match="exit code"):
        await pods.copy_from("web-0", f"{remote}/missing", tmp_path / "back2")


async def test_what_copy_leaves_out_is_what_kubectl_leaves_out(
    pods: AsyncPods, pod_namespace: str, cluster: ExternalCluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remote = tmp_path / "remote" / "data"
    (remote / "sub").mkdir(parents=True)
    (remote / "a").write_text("1")
    (remote / "sub" / "b").write_text("2")
    (remote / "up").symlink_to("..")
    (remote / "sub" / "same").symlink_to("b")
    (remote / "away").symlink_to("/etc/passwd")
    theirs = await anyio.to_thread.run_sync(
        cluster.kubectl, "cp", "-n", pod_namespace, f"web-0:{remote}", str(tmp_path / "theirs")
    )
    await pods.copy_from("web-0", str(remote), tmp_path / "ours")
    assert _tree(tmp_path / "ours") == _tree(tmp_path / "theirs") == {"a": "1", "sub/b": "2"}, theirs
    assert [record.getMessage().count(" -> ") for record in caplog.records] == [3]


def _tree(folder: Path) -> dict[str, Any]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if not path.is_dir()}


async def test_the_default_container_is_the_annotated_one(pods: AsyncPods) -> None:
    assert await pods.default_container("web-0") == "main"
    await pods.patch("web-0", {"metadata": {"annotations": {"kubectl.kubernetes.io/default-container": "side"}}})
    assert await pods.default_container("web-0") == "side"
    await pods.patch("web-0", {"metadata": {"annotations": {"kubectl.kubernetes.io/default-container": None}}})


async def test_evict(pods: AsyncPods) -> None:
    body = {"metadata": {"name": "victim"}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    await pods.create(Pod.from_dict(body))
    await pods.evict("victim", dry_run=True)
    assert (await pods.get("victim")).metadata.deletion_timestamp is None
    await pods.evict("victim", grace_seconds=0)
    with anyio.fail_after(60):
        while True:
            try:
                await pods.get("victim")
            except errors.NotFoundError:
                break
            await anyio.sleep(0.05)
