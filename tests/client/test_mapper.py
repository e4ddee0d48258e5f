from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.gvk import GroupVersionKind, GroupVersionResource
from kmagic.client.discovery import Discovery
from kmagic.client.mapper import RESTMapper
from kmagic.client.rest import RESTClient
from kmagic.errors import AmbiguousMatchError, NoMatchError
from kmagic.rest.resource import APIResource
from tests.client.worlds import NAMED, WIDGETS, group, resource, world
from tests.transport.servers import InstantClock, ScriptedServer


def mapper(named: list[dict[str, Any]] = NAMED) -> tuple[ScriptedServer, InstantClock, RESTMapper]:
    server, clock = ScriptedServer(world(named)), InstantClock()
    made = RESTMapper(Discovery(RESTClient(server.transport(), clock=clock)))
    return server, clock, made


@pytest.mark.parametrize(
    ("name", "full", "version"),
    [
        pytest.param("pods", "pods", "v1", id="DI-13 A37 plural, core before metrics"),
        pytest.param("Pod", "pods", "v1", id="DI-13 A37 kind"),
        pytest.param("po", "pods", "v1", id="DI-16 A37 short name"),
        pytest.param("DEPLOY", "deployments.apps", "v1", id="DI-16 A37 case"),
        pytest.param("deployment.apps", "deployments.apps", "v1", id="DI-18 singular and group"),
        pytest.param("deployments.v1.apps", "deployments.apps", "v1", id="DI-18 version and group"),
        pytest.param("events", "events", "v1", id="DI-13 core first"),
        pytest.param("events.events.k8s.io", "events.events.k8s.io", "v1", id="DI-18 other group"),
        pytest.param("ev.events", "events.events.k8s.io", "v1", id="DI-16 beginning of a group"),
        pytest.param("hpa", "horizontalpodautoscalers.autoscaling", "v2", id="DI-13 preferred version"),
        pytest.param("hpa.v1.autoscaling", "horizontalpodautoscalers.autoscaling", "v1", id="DI-18 other version"),
        pytest.param("hpa.autoscal", "horizontalpodautoscalers.autoscaling", "v2", id="DI-16 A37 autoscal"),
        pytest.param("pods.v1", "pods", "v1", id="DI-18 core with version"),
    ],
)
async def test_names(name: str, full: str, version: str) -> None:
    _, _, made = mapper()
    found = await made.resource_for(name)
    assert (found.full_name, found.version) == (full, version)


async def test_DI_16_a_plural_beats_any_short_name() -> None:
    from tests.client.worlds import group, resource

    rival = group("rival.io", ("v1", "Current", [resource("po", "Po"), resource("others", "Other", short=["pods"])]))
    _, _, made = mapper([*NAMED, rival])
    assert (await made.resource_for("po")).full_name == "po.rival.io"
    assert (await made.resource_for("pods")).full_name == "pods"


async def test_DI_15_an_unknown_name_looks_again_once_and_finds_what_is_new() -> None:
    named = list(NAMED)
    server, clock, made = mapper(named)
    await made.resource_for("pods")
    named.append(WIDGETS)
    clock.seconds += 2
    assert (await made.resource_for("widgets.example.com")).kind == "Widget"
    assert (await made.resource_for("wi")).kind == "Widget"
    assert len(server.requests) == 4


async def test_DI_15_typing_mistakes_do_not_flood_the_server() -> None:
    server, clock, made = mapper()
    begun = clock.seconds
    for _ in range(20):
        with pytest.raises(NoMatchError):
            await made.resource_for("nonsense")
    assert clock.seconds - begun >= 20 * 0.5
    assert len(server.requests) == 2 + 20 * 2


async def test_DI_15_a_name_made_a_moment_after_the_last_look_is_found() -> None:
    named = list(NAMED)
    _, _, made = mapper(named)
    await made.resource_for("pods")
    named.append(WIDGETS)
    assert (await made.resource_for("widgets.example.com")).kind == "Widget"


async def test_DI_13_no_match_says_what_is_near_and_what_is_broken() -> None:
    _, _, made = mapper()
    with pytest.raises(NoMatchError, match='the server doesn\'t have a resource type "deploymnts"') as caught:
        await made.resource_for("deploymnts")
    assert "deployments" in caught.value.suggestions
    assert "did you mean deployments" in caught.value.hint
    assert "metrics.k8s.io/v1beta1 could not be read" in caught.value.hint


async def test_DI_13_several_kinds_of_one_name_are_ambiguous() -> None:
    _, _, made = mapper()
    with pytest.raises(AmbiguousMatchError, match=r"foos\.twins\.example\.com, bars\.twins\.example\.com"):
        await made.resource_for("twin")


async def test_DI_13_kinds_and_gvrs() -> None:
    _, _, made = mapper()
    assert (await made.resource_for_kind(GroupVersionKind("apps", "v1", "Deployment"))).resource == "deployments"
    with pytest.raises(NoMatchError, match='no matches for kind "Pod" in version "v2"') as caught:
        await made.resource_for_kind(GroupVersionKind("", "v2", "Pod"))
    assert caught.value.hint == "it is served as v1"
    assert (await made.resource_for_gvr(GroupVersionResource("", "v1", "pods"))).kind == "Pod"
    with pytest.raises(NoMatchError, match="no matches for pod in v1"):
        await made.resource_for_gvr(GroupVersionResource("", "v1", "pod"))


async def test_DI_17_categories() -> None:
    _, _, made = mapper()
    assert [item.full_name for item in await made.category("all")] == ["pods", "deployments.apps"]
    assert await made.category("nothing") == ()
    assert [item.resource for item in await made.expand("all,po,no")] == ["pods", "deployments", "nodes"]


async def test_names_for_completion() -> None:
    server, _, made = mapper()
    assert made.known_names() == ()
    assert server.requests == []
    names = await made.names()
    assert {"pods", "po", "pod", "deployments.apps", "deploy"} <= set(names)
    assert len(names) == len(set(names))
    assert made.known_names() == names


async def test_a_source_asks_only_when_it_is_needed() -> None:
    server, _, made = mapper()
    source = made.source("po")
    assert server.requests == []
    assert (await source()).resource == "pods"
    known = APIResource("", "v1", "pods", "Pod", True)
    assert made.source(known) is known
    assert (await made.source(GroupVersionResource("apps", "v1", "deployments"))()).kind == "Deployment"


async def test_DI_14_subresources_are_no_resources_and_a_missing_singular_is_the_kinds() -> None:
    _, _, found = mapper()
    for name in ("pods/log", "log", "status"):
        with pytest.raises(NoMatchError):
            await found.resource_for(name)
    assert "pods/log" not in await found.names()
    nameless = {**resource("gadgets", "Gadget"), "singularResource": ""}
    _, _, found = mapper([group("example.com", ("v1", "Current", [nameless]))])
    assert (await found.resource_for("gadget")).singular == "gadget"
