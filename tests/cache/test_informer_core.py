from __future__ import annotations

from typing import Any

import anyio
import pytest

from kmagic.cache.forms import PlainForm
from kmagic.cache.handlers import Callbacks, Overflow, Registration
from kmagic.cache.informer_core import InformerCore
from kmagic.errors import NoMatchError, SyncError
from kmagic.testing.clock import FakeClock
from tests.cache.script import HANG, Script, listed, obj


def core(script: Script, **options: Any) -> InformerCore:
    return InformerCore(script.list_watch, PlainForm(), clock=FakeClock(), rng=lambda: 0.0, **options)


async def run(c: InformerCore) -> None:
    """Runs it until everything the script has is through."""
    async with anyio.create_task_group() as group:
        group.start_soon(c.run)
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()


async def test_Q_20_what_is_known_decides_between_add_and_update() -> None:
    seen: list[str] = []
    c = core(
        Script(
            [listed("1", obj("a", "1"))],
            [[("ADDED", obj("a", "2")), ("MODIFIED", obj("b", "3")), ("DELETED", obj("never", "4")), HANG]],
        )
    )
    c.add(
        Registration(
            Callbacks(
                on_add=lambda new: seen.append(f"add {new['metadata']['name']}"),
                on_update=lambda old, new: seen.append(f"update {new['metadata']['name']}"),
                on_delete=lambda old: seen.append(f"delete {old['metadata']['name']}"),
            ),
            PlainForm(),
        )
    )
    await run(c)
    assert seen == ["add a", "update a", "add b", "delete never"]


async def test_ST_07_bookmarks_move_the_stores_version_after_the_events_before_them() -> None:
    c = core(Script([listed("1")], [[("ADDED", obj("a", "2")), ("BOOKMARK", obj("", "7")), HANG]]))
    await run(c)
    assert c.store.last_sync_resource_version == "7"


async def test_every_cache_has_the_namespace_and_owner_indexes() -> None:
    owned = obj("a", "1", namespace="shop", ownerReferences=[{"uid": "u1"}])
    c = core(Script([listed("1", owned)]))
    await run(c)
    assert c.store.by_index("owner", "u1") == [owned]
    assert c.store.index_keys("namespace", "shop") == ["shop/a"]


async def test_Q_18_a_blocking_handler_holds_the_watch_and_only_that() -> None:
    gate = anyio.Event()
    seen: list[str] = []

    async def slow(new: Any) -> None:
        await gate.wait()
        seen.append(new["metadata"]["name"])

    events = [("ADDED", obj(str(n), str(n + 2))) for n in range(10)]
    script = Script([listed("1")], [[*events, HANG]])
    c = core(script)
    c.add(Registration(Callbacks(on_add=slow), PlainForm(), limit=3, overflow=Overflow.BLOCK))
    async with anyio.create_task_group() as group:
        group.start_soon(c.run)
        await anyio.wait_all_tasks_blocked()
        assert len(c.store) == 4  # one is being delivered, three wait
        assert c.blocked()
        gate.set()
        await anyio.wait_all_tasks_blocked()
        assert len(c.store) == 10
        group.cancel_scope.cancel()
    assert seen == [str(n) for n in range(10)]


async def test_a_permanent_error_ends_waiting_at_once_but_not_the_trying() -> None:
    script = Script([NoMatchError("no such thing", hint="is its CRD installed?"), listed("1")])
    c = core(script)
    c.on_error.append(lambda error: None)
    async with anyio.create_task_group() as group:
        group.start_soon(c.run)
        with pytest.raises(SyncError, match="cannot fill the cache of things: no such thing") as caught:
            await c.wait_synced(60)
        assert caught.value.hint == "is its CRD installed?"
        assert isinstance(c.clock, FakeClock)
        await c.clock.elapse(2)
        await c.wait_synced(60)
        group.cancel_scope.cancel()
    assert c.synced


async def test_a_stopped_core_that_someone_waits_for_says_so() -> None:
    c = core(Script([listed("1")], [[HANG]]))
    script_never = Script([RuntimeError("mine")])
    waiting = core(script_never)
    waiting.on_error.append(lambda error: None)
    problems: list[SyncError] = []

    async def wait() -> None:
        try:
            await waiting.wait_synced()
        except SyncError as error:
            problems.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(waiting.run)
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        waiting.stop()
    assert "is not running" in str(problems[0])
    await run(c)
    await c.wait_synced()


async def test_resync_before_the_first_list_does_nothing() -> None:
    c = core(Script([listed("1")]))
    seen: list[Any] = []
    registration = Registration(Callbacks(on_update=lambda old, new: seen.append(new)), PlainForm())
    c.add(registration)
    c.resync([registration])
    assert registration.pending == 0
