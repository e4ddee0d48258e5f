"""Pods that exist nowhere, for the live table's browser tests; imported by the notebooks under test."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from kmagic.api.table import Column
from kmagic.sync.runtime import shared_runtime
from kmagic.views.table import Row, RowPatch
from kmagic.widgets.feed import MemoryFeed
from kmagic.widgets.live_table import LiveTable

__all__ = ("COLUMNS", "SECRET", "Pods")

COLUMNS = (
    Column("Name", format="name"), Column("Ready"), Column("Status"), Column("Restarts"), Column("Age"),
    Column("IP", priority=1), Column("Node", priority=1),
)  # fmt: skip
SECRET = "hunter2-hunter2"
_STATUSES = ("Running", "CrashLoopBackOff", "Pending", "Completed", "ImagePullBackOff")


class Pods:
    """Pods by number, their feed and the live table that shows them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.runtime = shared_runtime()
        self.random = random.Random(7)
        self.born = datetime.now(UTC)
        self.feed = MemoryFeed(COLUMNS, (self.pod(i) for i in range(count)))
        self.changes = 0

    def name(self, index: int) -> str:
        return f"web-{index:05d}"

    def pod(self, index: int, status: str = "", restarts: object = 0) -> Row:
        status = status or self.random.choices(_STATUSES, (92, 1, 3, 3, 1))[0]
        ready = "1/1" if status == "Running" else "0/1"
        created = (self.born - timedelta(seconds=60 + index * 37)).strftime("%Y-%m-%dT%H:%M:%SZ")
        cells = (
            self.name(index),
            ready,
            status,
            restarts,
            "1m",
            f"10.1.{index // 250}.{index % 250}",
            f"node-{index % 7}",
        )
        return Row(f"shop/{cells[0]}", cells, "shop", cells[0], created=created)

    def show(self, *, headless: bool = False) -> LiveTable:
        self.table = LiveTable(
            self.feed, title="Pods", target="kind-dev ▸ shop · free", level="free", fetch=self.fetch, namespace=True
        )
        self.table.show(headless=headless)
        return self.table

    async def fetch(self, row: Row) -> dict[str, Any]:
        container = {"name": "web", "image": "nginx:1.27", "env": [{"name": "DB_PASSWORD", "value": SECRET}]}
        return {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": row.name, "namespace": row.namespace},
            "spec": {"containers": [container]},
        }  # fmt: skip

    def put(self, *rows: Row) -> None:
        self.runtime.post(self.feed.push, RowPatch(put=rows))

    def drop(self, *indexes: int) -> None:
        self.runtime.post(self.feed.push, RowPatch(drop=tuple(f"shop/{self.name(i)}" for i in indexes)))

    def churn(self, *, per_second: int, seconds: float) -> None:
        """Changes random Pods for a while, then marks every 100th as the last; returns at once."""
        self.runtime.spawn(lambda: self._churn(per_second, seconds), name="churn")

    async def _churn(self, per_second: int, seconds: float) -> None:
        for _ in range(int(seconds * 20)):
            rows = (
                self.pod(self.random.randrange(self.count), restarts=self.changes + i) for i in range(per_second // 20)
            )
            self.feed.push(RowPatch(put=tuple(rows)))
            self.changes += per_second // 20
            await anyio.sleep(0.05)
        self.feed.push(RowPatch(put=tuple(self.pod(i, "Running", "final") for i in range(0, self.count, 100))))
        self.changes = -1
