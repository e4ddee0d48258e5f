"""A watch, line by line, until its time is over."""

import json
from typing import Any

PODS = "/api/v1/namespaces/default/configmaps"


def named(name: Any) -> Any:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


async def events(ask: Any, query: Any) -> Any:
    answer = await ask("GET", f"{PODS}?watch=1&timeoutSeconds=1&{query}")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return [(line["type"], line["object"]["metadata"].get("name", "")) for line in lines], lines


async def test_a_watch_begins_with_what_is_there_or_after_a_version(ask: Any) -> None:
    first = (await ask("POST", PODS, named("a"))).json()["metadata"]["resourceVersion"]
    await ask("POST", PODS, named("b"))
    await ask("DELETE", f"{PODS}/a")
    assert (await events(ask, "resourceVersion=0"))[0] == [("ADDED", "b")]
    assert (await events(ask, f"resourceVersion={first}"))[0] == [("ADDED", "b"), ("DELETED", "a")]


async def test_a_watch_list_ends_its_beginning_with_a_bookmark(ask: Any) -> None:
    await ask("POST", PODS, named("a"))
    query = "sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
    seen, lines = await events(ask, query)
    assert seen[:2] == [("ADDED", "a"), ("BOOKMARK", "")]
    assert lines[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watch_of_the_future_is_refused(ask: Any) -> None:
    assert (await ask("GET", f"{PODS}?watch=1&resourceVersionMatch=NotOlderThan")).status_code == 422
