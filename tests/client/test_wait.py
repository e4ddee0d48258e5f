from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import httpx
import pytest
from httpx import Request, Response

from kmagic import errors
from kmagic.client import wait
from kmagic.client.codec import DictCodec
from kmagic.client.resource import AsyncResource
from kmagic.client.rest import RESTClient
from kmagic.rest.resource import APIResource
from tests.transport.servers import InstantClock, ScriptedServer, status, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)


def pod(
    version: int, *, ready: str | None = None, phase: str = "Pending", uid: str = "u1", **metadata: Any
) -> dict[str, Any]:
    conditions = [] if ready is None else [{"type": "Ready", "status": ready}]
    return {
        "metadata": {"name": "p", "resourceVersion": str(version), "uid": uid, **metadata},
        "status": {"phase": phase, "conditions": conditions},
    }


class Silence(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        await anyio.sleep_forever()
        yield b""


class World:
    """A list answer and watch answers, in turn; after the last one a watch that says nothing."""

    def __init__(self, items: list[dict[str, Any]], *watches: Any) -> None:
        self.items, self.watches = list(items), list(watches)

    def __call__(self, request: Request) -> Response:
        if request.url.params.get("watch"):
            if not self.watches:
                return httpx.Response(200, stream=Silence())
            events = self.watches.pop(0)
            if isinstance(events, httpx.Response):
                return events
            return streaming(*(json.dumps({"type": kind, "object": obj}).encode() + b"\n" for kind, obj in events))
        if request.url.path.endswith("/p"):
            return status("NotFound", 404, 'pods "p" not found')
        return httpx.Response(200, json={"kind": "PodList", "items": self.items, "metadata": {"resourceVersion": "5"}})


def resource(world: World) -> AsyncResource[Any]:
    rest = RESTClient(ScriptedServer(world).transport(), clock=InstantClock(), max_retries=0)
    return AsyncResource(rest, PODS, DictCodec(), "a")


READY = wait.condition("Ready")


async def test_what_is_so_already_returns_at_once() -> None:
    assert (await wait.until(resource(World([pod(4, ready="True")])), "p", READY))["status"]["phase"] == "Pending"


async def test_MI_07_the_first_event_that_fits_is_returned() -> None:
    world = World([pod(4)], [("MODIFIED", pod(6, ready="False")), ("MODIFIED", pod(7, ready="True"))])
    assert (await wait.until(resource(world), "p", READY))["metadata"]["resourceVersion"] == "7"


async def test_a_watch_that_ends_goes_on() -> None:
    world = World([pod(4)], [("MODIFIED", pod(6))], [("MODIFIED", pod(7, ready="True"))])
    assert (await wait.until(resource(world), "p", READY))["metadata"]["resourceVersion"] == "7"


async def test_an_expired_watch_looks_again() -> None:
    world = World([pod(4)], status("Expired", 410), [("MODIFIED", pod(9, ready="True"))])
    assert (await wait.until(resource(world), "p", READY))["metadata"]["resourceVersion"] == "9"


async def test_nothing_of_that_name_is_not_found() -> None:
    with pytest.raises(errors.NotFoundError, match='pods "p" not found'):
        await wait.until(resource(World([])), "p", READY)


async def test_a_deleted_object_cannot_become_ready() -> None:
    world = World([pod(4)], [("DELETED", pod(6))])
    with pytest.raises(errors.WaitError, match="p was deleted while it was waited for"):
        await wait.until(resource(world), "p", READY)


async def test_MI_07_a_timeout_says_the_last_state() -> None:
    world = World([pod(4, ready="False")], [("MODIFIED", pod(6, ready="False", phase="Running"))])
    with pytest.raises(
        errors.WaitError, match=r"timed out waiting for Ready on p after 0\.05 s; it has phase Running, Ready=False"
    ):
        await wait.until(resource(world), "p", READY, timeout=0.05, what="Ready")


async def test_until_created() -> None:
    assert await wait.until_created(resource(World([pod(4)])), "p")
    world = World([], [("ADDED", pod(6))])
    assert (await wait.until_created(resource(world), "p"))["metadata"]["resourceVersion"] == "6"
    with pytest.raises(errors.WaitError, match="to be created"):
        await wait.until_created(resource(World([])), "p", timeout=0.05)


async def test_until_deleted() -> None:
    await wait.until_deleted(resource(World([])), "p")
    await wait.until_deleted(resource(World([pod(4)], [("MODIFIED", pod(6)), ("DELETED", pod(7))])), "p")
    # Another object of the same name means that the first one is gone.
    await wait.until_deleted(resource(World([pod(4)], [("ADDED", pod(6, uid="u2"))])), "p")
    await wait.until_deleted(resource(World([pod(4, uid="u2")])), "p", uid="u1")


async def test_until_deleted_says_what_holds_it() -> None:
    world = World([pod(4, finalizers=["example.com/hold"])])
    with pytest.raises(errors.WaitError, match=r"finalizers hold it: example\.com/hold"):
        await wait.until_deleted(resource(world), "p", timeout=0.05)


@pytest.mark.parametrize(
    ("test", "obj", "met"),
    [
        (wait.condition("ready"), pod(1, ready="True"), True),
        (wait.condition("Ready", "False"), pod(1, ready="False"), True),
        (wait.condition("Ready"), {"status": None}, False),
        (wait.condition("Ready"), {}, False),
        (
            wait.condition("Available"),
            {"metadata": {"generation": 3}, "status": {"observedGeneration": 2, "conditions": [{"type": "Available", "status": "True"}]}},
            False,
        ),
        (wait.jsonpath("{.status.phase}", "Running"), pod(1, phase="Running"), True),
        (wait.jsonpath(".status.phase", "Running"), pod(1), False),
        (wait.jsonpath("{.status.ip}"), pod(1), False),
        (wait.jsonpath("{.status.phase}"), pod(1), True),
        (wait.jsonpath("{.spec.on}", "true"), {"spec": {"on": True}}, True),
        (wait.parse("condition=Ready"), pod(1, ready="True"), True),
        (wait.parse("condition=Ready=False"), pod(1, ready="False"), True),
        (wait.parse("jsonpath={.status.phase}=Running"), pod(1, phase="Running"), True),
        (wait.parse("jsonpath={.status.phase}"), pod(1), True),
    ],
)  # fmt: skip
def test_conditions(test: Callable[..., Any], obj: dict[str, Any], met: bool) -> None:
    assert test(obj) is met


@pytest.mark.parametrize("text", ["delete", "condition", "condition=", "foo=bar", ""])
def test_bad_conditions(text: str) -> None:
    with pytest.raises(ValueError, match="unrecognized condition"):
        wait.parse(text)


async def test_no_time_is_one_look_and_a_negative_one_is_a_week() -> None:
    assert await wait.until(resource(World([pod(4, ready="True")])), "p", READY, timeout=0)
    assert await wait.until(resource(World([pod(4)], [("MODIFIED", pod(7, ready="True"))])), "p", READY, timeout=-1)
    with pytest.raises(errors.WaitError, match="Ready is not met on p; it has phase Pending"):
        await wait.until(resource(World([pod(4)])), "p", READY, timeout=0, what="Ready")
    with pytest.raises(errors.WaitError, match="p does not exist"):
        await wait.until_created(resource(World([])), "p", timeout=0)
    with pytest.raises(errors.WaitError, match=r"p is still there; finalizers hold it: a\.b/c"):
        await wait.until_deleted(resource(World([pod(4, finalizers=["a.b/c"])])), "p", timeout=0)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("jsonpath={.items[*].x}=1", "matches more than one value"),
        ("jsonpath={.items[*].x}", "matches more than one value"),
        ("jsonpath={.items}=1", "leads to a nested object or list"),
    ],
)
def test_what_no_value_can_be_is_said_at_once(wanted: str, says: str) -> None:
    with pytest.raises(errors.WaitError, match=says):
        wait.parse(wanted)({"items": [{"x": 1}, {"x": 1}]})


async def test_what_is_published_late_is_asked_for_again_and_its_absence_comes_out_at_the_end() -> None:
    clock, asked = InstantClock(), []

    async def ask() -> str:
        asked.append(clock.now())
        if len(asked) < 4:
            raise errors.NoMatchError("no matches")
        return "there"

    assert await wait.until_published(clock, ask, timeout=5) == "there"
    pauses = [after - before for before, after in itertools.pairwise(asked)]
    assert pauses == sorted(pauses)
    asked.clear()
    with pytest.raises(errors.NoMatchError):
        await wait.until_published(clock, ask, timeout=0)
    assert len(asked) == 1
