from __future__ import annotations

from contextlib import aclosing
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.client.rest import RESTClient
from kmagic.rest import verbs
from kmagic.rest.watch import WatchEvent
from tests.conformance.objects import configmap

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


async def take(stream: Any, count: int) -> list[WatchEvent[Any]]:
    events = []
    with anyio.fail_after(60):
        async with aclosing(stream) as events_stream:
            async for event in events_stream:
                events.append(event)
                if len(events) == count:
                    break
    return events


def summary(events: list[WatchEvent[Any]]) -> list[tuple[str, ...]]:
    return [(event.type, event.object["metadata"]["name"]) for event in events]


async def test_WS_04_changes_after_a_list_arrive_in_order(maps: AsyncResource[Any]) -> None:
    version = (await maps.list()).resource_version
    made = await maps.create(configmap("a", labels={"t": "1"}))
    updated = await maps.update({**made, "data": {"a": "2"}})
    await maps.delete("a")
    events = await take(maps.watch(resource_version=version, label_selector="t=1"), 3)
    assert summary(events) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    assert events[1].object["metadata"]["resourceVersion"] == updated["metadata"]["resourceVersion"]
    # The last state, with the version of the deletion.
    assert events[2].object["data"] == {"a": "2"}
    assert int(events[2].object["metadata"]["resourceVersion"]) > int(updated["metadata"]["resourceVersion"])


async def test_a_watch_without_a_version_begins_with_what_is_there(maps: AsyncResource[Any]) -> None:
    for name in ("a", "b"):
        await maps.create(configmap(name, labels={"t": "1"}))
    events = await take(maps.watch(label_selector="t=1"), 2)
    assert sorted(summary(events)) == [("ADDED", "a"), ("ADDED", "b")]


async def test_a_watch_at_version_0_begins_with_what_is_there(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", labels={"t": "1"}))
    assert summary(await take(maps.watch(label_selector="t=1", resource_version="0"), 1)) == [("ADDED", "a")]


async def test_a_live_change_arrives(maps: AsyncResource[Any]) -> None:
    version = (await maps.list()).resource_version
    async with anyio.create_task_group() as group:

        async def change() -> None:
            await maps.create(configmap("a", labels={"t": "1"}))

        group.start_soon(change)
        assert summary(await take(maps.watch(resource_version=version, label_selector="t=1"), 1)) == [("ADDED", "a")]


async def test_an_object_that_starts_or_stops_to_match_is_added_or_deleted(maps: AsyncResource[Any]) -> None:
    version = (await maps.list()).resource_version
    await maps.create(configmap("a"))
    await maps.patch("a", {"metadata": {"labels": {"t": "1"}}})
    await maps.patch("a", {"data": {"a": "2"}})
    await maps.patch("a", {"metadata": {"labels": {"t": None}}})
    events = await take(maps.watch(resource_version=version, label_selector="t=1"), 3)
    assert summary(events) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    # What no longer matches is shown as it was when it did, at the version of the change.
    assert events[2].object["metadata"]["labels"] == {"t": "1"}


async def test_a_field_selector_on_a_watch(maps: AsyncResource[Any]) -> None:
    version = (await maps.list()).resource_version
    for name in ("a", "b"):
        await maps.create(configmap(name))
    events = await take(maps.watch(resource_version=version, field_selector="metadata.name=b"), 1)
    assert summary(events) == [("ADDED", "b")]


async def test_a_timeout_ends_the_watch(maps: AsyncResource[Any]) -> None:
    version = (await maps.list()).resource_version
    with anyio.fail_after(60):
        stream = maps.watch(resource_version=version, timeout_seconds=1, label_selector="t=1")
        assert [event async for event in stream] == []


async def test_RF_07_a_version_that_is_too_old_is_expired(client: AsyncClient, widgets: AsyncResource[Any]) -> None:
    # The server's memory of a resource begins when its definition is made, long after this namespace.
    version = (await client.resource("ns").get("default"))["metadata"]["resourceVersion"]
    with pytest.raises(errors.ExpiredError) as caught:
        await take(widgets.watch(resource_version=version, timeout_seconds=5), 1)
    assert caught.value.status["code"] == 410
    assert "too old resource version" in caught.value.message


async def test_a_version_of_the_future_times_out(client: AsyncClient, maps: AsyncResource[Any]) -> None:
    version = str(int((await maps.list()).resource_version) + 1_000_000)
    once = RESTClient(client.transport, max_retries=0)
    options = ListOptions(resource_version=version, resource_version_match="NotOlderThan")
    with pytest.raises(errors.GatewayTimeoutError, match="Too large resource version") as caught:
        await once.execute(verbs.list_(await maps.resolve(), maps.namespace, options))
    assert caught.value.retry_after == 1


async def test_a_watch_list_begins_with_all_and_marks_the_end(maps: AsyncResource[Any]) -> None:
    for name in ("a", "b"):
        await maps.create(configmap(name, labels={"t": "1"}))
    options = ListOptions(
        label_selector="t=1",
        send_initial_events=True,
        resource_version_match="NotOlderThan",
        allow_watch_bookmarks=True,
        timeout_seconds=20,
    )
    events = await take(maps.watch(options=options), 3)
    assert sorted(summary(events[:2])) == [("ADDED", "a"), ("ADDED", "b")]
    assert events[2].type == "BOOKMARK"
    head = events[2].object["metadata"]
    assert head["annotations"][INITIAL_EVENTS_END] == "true"
    assert int(head["resourceVersion"]) >= int(events[1].object["metadata"]["resourceVersion"])


async def test_the_gzip_trap_changes_after_a_watch_list_arrive(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", labels={"t": "1"}))
    options = ListOptions(
        label_selector="t=1",
        send_initial_events=True,
        resource_version_match="NotOlderThan",
        allow_watch_bookmarks=True,
        timeout_seconds=20,
    )
    seen = []
    with anyio.fail_after(60):
        async with aclosing(maps.watch(options=options)) as stream:
            async for event in stream:
                seen.append((event.type, event.object["metadata"].get("name", "")))
                if event.type == "BOOKMARK" and event.object["metadata"].get("annotations"):
                    await maps.create(configmap("b", labels={"t": "1"}))
                if seen[-1] == ("ADDED", "b"):
                    break
    assert seen == [("ADDED", "a"), ("BOOKMARK", ""), ("ADDED", "b")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"send_initial_events": True, "allow_watch_bookmarks": True}, "resourceVersionMatch", id="no match rule"
        ),
        pytest.param(
            {"resource_version_match": "NotOlderThan"}, "resourceVersionMatch is forbidden for watch", id="match without initial events"
        ),
    ],
)  # fmt: skip
async def test_bad_watch_options_are_refused(maps: AsyncResource[Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.InvalidError, match=message):
        await take(maps.watch(options=ListOptions(timeout_seconds=5, **options)), 1)


async def test_a_watch_over_all_namespaces(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    everywhere = client.resource("configmaps", namespace=None)
    version = (await everywhere.list(limit=1)).resource_version
    await maps.create(configmap("a", labels={"test": ns}))
    events = await take(everywhere.watch(resource_version=version, label_selector=f"test={ns}"), 1)
    assert events[0].object["metadata"]["namespace"] == ns
