"""The logs of many Pods followed on running servers: Pods that join and go, cuts, limits, rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kmagic.magics.work.log_live import KLiveLogs
from tests.magics.conftest import Counted, Notebook
from tests.magics.workload import deploy


@pytest.fixture
def page(online: Notebook) -> Notebook:
    """A notebook that somebody looks at."""
    online.session.headless = lambda: False
    return online


def follow(notebook: Notebook, line: str) -> KLiveLogs:
    notebook.ok(f"logs = %klogs {line}")
    logs = notebook.shell.user_ns["logs"]
    assert isinstance(logs, KLiveLogs)
    return logs


def until(logs: KLiveLogs, met: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not met():
            await logs._view.changed()

    logs._session.runtime.run(wait())


def marks(logs: KLiveLogs) -> list[tuple[str, str]]:
    def take() -> list[tuple[str, str]]:
        logs._view._merge()
        return [(line.mark, line.text) for line in logs._view.rows.lines if line.mark]

    return logs._session.runtime.call(take)


def test_pods_that_join_are_followed_and_those_that_go_are_said_to_be_gone(page: Notebook) -> None:
    (one,) = deploy(page, replicas=1)
    logs = follow(page, "-f deploy/web")
    logs.until(".", timeout=60)
    assert logs.sources == [f"{one}/main"]
    page.ok("%kscale deploy/web --replicas 2")
    until(logs, lambda: len(logs.sources) == 2 and {line.pod for line in logs.entries} == set(_pods(logs)))
    (other,) = [pod for pod in _pods(logs) if pod != one]
    assert ("start", f"{other}/main joined") in marks(logs)
    assert all(line.startswith((f"[{one}] ", f"[{other}] ")) for line in logs.lines)
    page.ok(f"%kdelete pod {other} --wait=false")
    until(logs, lambda: ("gone", f"{other}/main is gone") in marks(logs))
    page.ok("logs.stop()")
    assert not logs.running
    assert logs.lines  # who holds it keeps them


def _pods(logs: KLiveLogs) -> list[str]:
    return [source.partition("/")[0] for source in logs.sources]


def test_a_cut_is_a_mark_and_no_line_is_lost_or_doubled(counted: Counted) -> None:
    notebook = counted.notebook
    notebook.session.headless = lambda: False
    deploy(notebook, replicas=1)
    logs = follow(notebook, "-f deploy/web")
    logs.until(".", timeout=60)
    before = [line.text for line in logs.entries]
    counted.cut()
    until(logs, lambda: any(mark == "cut" for mark, _ in marks(logs)))
    until(logs, lambda: logs._view.state.word == "live" or logs._follower.ended)
    assert [line.text for line in logs.entries][: len(before)] == before
    keys = [(line.pod, line.stamp, line.text) for line in logs.entries]
    assert len(keys) == len(set(keys))


def test_more_containers_than_streams_are_named_and_refused_where_a_number_was_said(page: Notebook) -> None:
    deploy(page)
    assert "maximum allowed concurrency is 1" in page.fails("%klogs deploy/web -f --max-log-requests 1")
    logs = follow(page, "-f deploy/web --max-log-requests 2")
    page.ok("%kscale deploy/web --replicas 3")
    until(logs, lambda: len(logs.sources) == 3)
    until(logs, lambda: logs._view.state.detail == "1 more containers than 2 streams, which are not followed")
    logs.stop()


def test_one_pod_is_followed_to_its_end(page: Notebook) -> None:
    (one,) = deploy(page, replicas=1)
    logs = follow(page, f"-f {one}")
    logs.until(".", timeout=60)
    assert logs.running
    page.ok(f"%kdelete pod {one} --grace-period 0 --force --wait=false")
    until(logs, lambda: logs._follower.ended)
    assert not logs.running
    assert logs.sources == [f"{one}/main"]


def test_the_frame_has_a_row_for_each_line(page: Notebook) -> None:
    deploy(page, replicas=1)
    logs = follow(page, "-f deploy/web")
    logs.until(".", timeout=60)
    frame: Any = logs.df
    assert list(frame.columns) == ["ts", "pod", "container", "level", "msg", "json"]
    assert str(frame.ts.dtype) == "datetime64[ns, UTC]"
    assert frame.container.unique().tolist() == ["main"]
    assert logs.levels == dict(frame.level.value_counts().items())
