"""Pods that exist nowhere, for the live table's browser tests; imported by the notebooks under test."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from kmagic.api.table import Column
from kmagic.safety.salt import SALT
from kmagic.sync.runtime import shared_runtime
from kmagic.views.describe import describe
from kmagic.views.event_rows import events_rows
from kmagic.views.table import Row, RowPatch
from kmagic.views.yaml import to_yaml
from kmagic.widgets.feed import MemoryFeed
from kmagic.widgets.live_table import LiveTable
from kmagic.widgets.row_actions import Offer, Planned

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
        owner = f"ReplicaSet/web-{index % 40}"
        return Row(f"shop/{cells[0]}", cells, "shop", cells[0], created=created, owner=owner)

    def show(self, *, headless: bool = False) -> LiveTable:
        self.table = LiveTable(
            self.feed, title="Pods", target="kind-dev ▸ shop · free", level="free", actions=self, namespace=True
        )
        self.table.show(headless=headless)
        return self.table

    # What a table asks for that has actions; a notebook on a cluster has `Acting`.

    @property
    def offers(self) -> Sequence[Offer]:
        return (
            Offer("summary", "Enter", "Open", "tab"),
            Offer("yaml", "y", "YAML", "tab"),
            Offer("events", "e", "Events", "tab"),
            Offer("exec", "x", "Exec", "cell", ask="command", usual="id"),
            Offer("scale", "n", "Scale", "change", many=True, ask="replicas", usual="1"),
            Offer("restart", "r", "Restart", "change", many=True, refused="read-only"),
            Offer("delete", "d", "Delete", "change", many=True),
        )

    async def refused(self, namespace: str) -> dict[str, str]:
        self.asked = [*getattr(self, "asked", ()), namespace]
        return {"scale": f"you may not patch pods/scale in namespace {namespace}"}

    async def detail(self, row: Row, tab: str) -> dict[str, Any]:
        container = {"name": "web", "image": "nginx:1.27", "env": [{"name": "DB_PASSWORD", "value": SECRET}]}
        obj = {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": row.name, "namespace": row.namespace},
            "spec": {"containers": [container], "nodeName": str(row.cells[3])}, "status": {"phase": row.cells[2]},
        }  # fmt: skip
        if tab == "events":
            return {"events": events_rows([], datetime.now(UTC))}
        if tab == "summary":
            return {"text": describe(obj, now=datetime.now(UTC), salt=SALT)}
        text = to_yaml(obj, SALT)
        return {"yaml": text, "managers": ["kubelet"] * text.count("\n")} if tab == "managers" else {"yaml": text}

    def line(self, action: str, rows: Sequence[Row], argument: str) -> str:
        return f"# {action} {argument} {' '.join(row.name for row in rows)}"

    def plan(self, action: str, rows: Sequence[Row], argument: str) -> Planned:
        self.planned = [row.key for row in rows]
        text = "\n".join(f"pod/{row.name} {action}d (server dry run)" for row in rows)
        word = str(len(rows)) if len(rows) > 20 else ""
        return Planned(1, self.line(action, rows, argument), text, "kind-dev ▸ shop", word, word and "it takes many")

    def confirm(self, number: int, said: str) -> str:
        done = self.planned
        self.drop_keys(*done)
        return f"{len(done)} deleted{' as said' if said else ''}"

    def drop(self, number: int) -> None:
        self.planned = []

    def keep(self, name: str, rows: Sequence[Row]) -> str:
        self.kept = [row.key for row in rows]
        return f"{name}: {len(rows)} pods"

    def put(self, *rows: Row) -> None:
        self.runtime.post(self.feed.push, RowPatch(put=rows))

    def remove(self, *indexes: int) -> None:
        self.drop_keys(*(f"shop/{self.name(i)}" for i in indexes))

    def drop_keys(self, *keys: str) -> None:
        self.runtime.post(self.feed.push, RowPatch(drop=keys))

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
