"""Debug logging: one line a change of state, nothing where it is off, and no secret in any line."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from kmagic.cache.store import Store
from kmagic.client.rest import RESTClient
from kmagic.config.client_config import AuthConfig, ClientConfig
from kmagic.controller.delaying_queue import DelayingQueue
from kmagic.controller.leader_election import LeaderElector
from kmagic.errors import ForbiddenError, KubeError
from kmagic.rest import verbs
from kmagic.rest.request import Request
from kmagic.rest.resource import APIResource
from kmagic.rest.throttle import Limiter
from kmagic.testing.clock import FakeClock
from tests.cache.script import EXPIRED, Script, listed, obj
from tests.cache.test_reflector import reflector
from tests.controller.leases import MemoryLeases
from tests.transport.servers import InstantClock, ScriptedServer, status

ROOT = Path(__file__).parent.parent
SECRETS = APIResource("", "v1", "secrets", "Secret", True)
CANARY = "canary-5f2c"
REFUSED = ForbiddenError("no", status={"code": 403, "reason": "Forbidden"})


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.DEBUG, logger="kmagic")
    return lambda name: [each.getMessage() for each in caplog.records if each.name.startswith(name)]


async def test_a_reflector_tells_each_change_of_its_state_and_no_event(lines: Any) -> None:
    events = [("ADDED", obj(f"o{n}", str(11 + n))) for n in range(50)]
    script = Script([listed("10", obj("a", "5")), EXPIRED, listed("99", obj("b"))], [[events], []])
    r = reflector(script, Store())
    await r.list_and_watch()
    told = [line.partition(": ")[2] for line in lines("kmagic.cache")]
    assert told[:2] == ["not started -> listing", "listing -> streaming, version 10, synced"]
    assert len(told) < 10


async def test_a_reflector_tells_each_new_error_once(lines: Any) -> None:
    r = reflector(Script([REFUSED], []), Store())
    with pytest.raises(KubeError):
        await r.list_and_watch()
    assert sum("ForbiddenError: no" in line for line in lines("kmagic.cache")) == 1


async def test_a_queue_tells_where_its_items_are(lines: Any) -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](name="jobs", clock=clock)
    queue.add("a")
    queue.add("a")
    assert await queue.get() == ("a", False)
    queue.add_after("b", 5)
    queue.done("a")
    queue.shut_down()
    queue.shut_down()
    assert [line.removeprefix("queue jobs: ") for line in lines("kmagic.controller")] == [
        "a is queued",
        "a is taken",
        "b comes in 5 s",
        "a is done",
        "shuts down, 0 queued",
    ]


async def test_an_election_tells_who_holds_the_lease(lines: Any) -> None:
    clock = FakeClock()
    async with anyio.create_task_group() as group:
        elector = LeaderElector(MemoryLeases(), "lock", identity="me", clock=clock, rng=lambda: 0.0)
        await elector.start()
        await elector.stop()
        group.cancel_scope.cancel()
    assert lines("kmagic.controller")[:3] == [
        "lease lock: me wants it",
        "lease lock: held by me",
        "me became leader (lease lock)",
    ]


async def test_a_request_tells_each_attempt_and_each_wait(lines: Any) -> None:
    server = ScriptedServer(status("TooManyRequests", 429, headers={"retry-after": "3"}), httpx.Response(200, json={}))
    rest = RESTClient(server.transport(), clock=InstantClock(), limiter=Limiter(qps=1, burst=1))
    await rest.execute(verbs.get(SECRETS, "a", "x"))
    what = 'get secrets/x in namespace "a": '
    assert [re.sub(r"\d+ ms", "N ms", line.removeprefix(what)) for line in lines("kmagic.request")] == [
        "429 after N ms",
        "again in 3 s",
        "200 after N ms",
    ]


async def test_what_is_secret_is_in_no_line(lines: Any) -> None:
    answer = {"kind": "Secret", "data": {"k": CANARY}}
    server = ScriptedServer(httpx.Response(200, json=answer), httpx.ReadError(f"broke at {CANARY}"))
    config = ClientConfig(server="https://a", auth=AuthConfig(token=CANARY))
    rest = RESTClient(server.transport(config), clock=InstantClock(), max_retries=0)
    await rest.execute(verbs.create(SECRETS, "a", f'{{"data": {{"k": "{CANARY}"}}}}'.encode()))
    with pytest.raises(KubeError):
        await rest.execute(Request("POST", "/x", query=(("token", CANARY),), headers=(("X", CANARY),)))
    r = reflector(Script([listed("1", {**obj("a"), **answer})], [[]]), Store())
    await r.list_and_watch()
    assert lines("kmagic.request")
    assert CANARY not in "".join(lines("kmagic"))


def test_nothing_is_put_into_words_where_it_is_off(caplog: pytest.LogCaptureFixture) -> None:
    class Item:
        def __repr__(self) -> str:
            raise AssertionError("put into words")

    caplog.set_level(logging.WARNING, logger="kmagic")
    queue = DelayingQueue[Item]()
    queue.add(Item())
    queue.add_after(Item(), 5)
    queue.shut_down()
    assert caplog.records == []


def test_the_page_about_logging_names_every_logger() -> None:
    page = (ROOT / "docs/logging.md").read_text()
    for path in ROOT.glob("kmagic/**/*.py"):
        if path.is_relative_to(ROOT / "kmagic/sandbox"):
            continue  # a process of its own, whose output is its own
        for name in re.findall(r'getLogger\((?:"([\w.]+)"|__name__)\)', path.read_text()):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            known = (name or module).split(".")
            assert any(f"`{'.'.join(known[:n])}`" in page for n in range(2, len(known) + 1)), (name or module, path)
