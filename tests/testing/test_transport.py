"""Planned answers go through the client's own way of reading answers; nothing here has a server."""

from __future__ import annotations

import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.codec import DictCodec
from kmagic.client.resource import AsyncResource
from kmagic.config.client_config import ClientConfig
from kmagic.errors import ConflictError, ConnectError, ForbiddenError, TooManyRequestsError
from kmagic.rest.resource import APIResource
from kmagic.testing.actions import Action, ActionLog
from kmagic.testing.clock import FakeClock
from kmagic.testing.transport import RecordingTransport

PODS = APIResource("", "v1", "pods", "Pod", True)
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def log() -> ActionLog:
    return ActionLog()


def pods_of(log: ActionLog, clock: FakeClock | None = None) -> AsyncResource[dict[str, object]]:
    client = AsyncClient(transport=RecordingTransport(ClientConfig(server=NOWHERE), log), clock=clock)
    return AsyncResource(client.rest, PODS, DictCodec(), "shop")


async def test_FK_02_a_reactor_answers_with_an_object(log: ActionLog) -> None:
    log.react("get", "pods", lambda action: {"kind": "Pod", "metadata": {"name": action.name}})
    assert (await pods_of(log).get("web-0"))["metadata"] == {"name": "web-0"}
    assert [str(action) for action in log.actions] == ["get pods shop/web-0"]


@pytest.mark.parametrize("error", [ForbiddenError("not today"), ConflictError("changed"), ConnectError("no route")])
async def test_FK_02_a_reactor_fails_a_call_with_any_error_of_the_tree(log: ActionLog, error: Exception) -> None:
    log.react("create", "pods", lambda _: error)  # type: ignore[arg-type, return-value]
    with pytest.raises(type(error), match=str(error)):
        await pods_of(log).create({"kind": "Pod", "metadata": {"name": "web-0"}})
    assert log.actions[0].object == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}}


async def test_a_failure_that_passes_is_retried_as_in_production(log: ActionLog) -> None:
    answers: list[object] = [
        TooManyRequestsError("slow down", status={"details": {"retryAfterSeconds": 1}}),
        {"kind": "Pod", "metadata": {"name": "web-0"}},
    ]
    log.react("get", "pods", lambda _: answers.pop(0) if len(answers) > 1 else answers[0])  # type: ignore[arg-type, return-value]
    with pytest.raises(TooManyRequestsError):
        await pods_of(log).get("web-0")
    assert (await pods_of(log).get("web-0"))["kind"] == "Pod"


async def test_FK_02_a_watch_reactor_gives_the_events(log: ActionLog) -> None:
    pod = {"kind": "Pod", "metadata": {"name": "web-0"}}
    log.react("watch", "pods", lambda _: [("ADDED", pod), ("DELETED", pod)])
    events = [(event.type, event.object) async for event in pods_of(log).watch()]
    assert events == [("ADDED", pod), ("DELETED", pod)]


async def test_FK_01_calls_no_reactor_handles_go_to_the_server(log: ActionLog) -> None:
    seen: list[Action] = []
    log.react("*", "*", lambda action: seen.append(action))  # type: ignore[arg-type, func-returns-value]
    with pytest.raises(ConnectError):
        await pods_of(log).delete("web-0")
    assert seen[0].verb == "delete"
