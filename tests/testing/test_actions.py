"""Recorded calls and the choice of a reactor."""

from __future__ import annotations

import pytest

from kmagic.api.types import JSONObject
from kmagic.rest.request import Request
from kmagic.testing.actions import Action, ActionLog


def action(verb: str = "get", resource: str = "pods", subresource: str = "", **more: str) -> Action:
    return Action(verb, resource, "shop", "web-0", subresource, **more)


@pytest.mark.parametrize(
    ("verb", "resource", "found", "matches"),
    [
        pytest.param("get", "pods", action(), True, id="FK-02 equal"),
        pytest.param("*", "*", action(), True, id="FK-02 stars"),
        pytest.param("create", "pods", action(), False, id="FK-02 other verb"),
        pytest.param("get", "nodes", action(), False, id="FK-02 other resource"),
        pytest.param("get", "pods/log", action(subresource="log"), True, id="FK-02 subresource"),
        pytest.param("get", "pods", action(subresource="log"), False, id="FK-02 not its subresource"),
        pytest.param("get", "*", action(subresource="log"), True, id="FK-02 star matches a subresource"),
        pytest.param("get", "deployments", action(resource="deployments.apps"), True, id="FK-02 without group"),
        pytest.param("get", "deployments.apps", action(resource="deployments.apps"), True, id="FK-02 with group"),
        pytest.param("get", "deployments.x", action(resource="deployments.apps"), False, id="FK-02 other group"),
    ],
)
def test_a_reactor_matches_by_verb_and_resource(verb: str, resource: str, found: Action, matches: bool) -> None:
    assert found.matches(verb, resource) == matches


def test_FK_01_every_call_is_noted_before_a_reactor_sees_it_and_the_list_is_a_copy() -> None:
    log = ActionLog()
    seen: list[int] = []
    log.react("*", "*", lambda _: seen.append(len(log.actions)))
    log.record(action())
    log.record(action("create"))
    assert seen == [1, 2]
    log.actions.clear()
    assert [str(a) for a in log.actions] == ["get pods shop/web-0", "create pods shop/web-0"]
    assert [str(a) for a in log.changes] == ["create pods shop/web-0"]
    log.clear_actions()
    assert log.actions == []


def test_FK_02_the_first_reactor_that_answers_decides_and_one_can_go_first() -> None:
    log = ActionLog()
    asked: list[str] = []

    def answering(name: str, answer: JSONObject | None) -> None:
        def react(_: Action) -> JSONObject | None:
            asked.append(name)
            return answer

        (log.react_first if name == "urgent" else log.react)("get", "pods", react)

    answering("silent", None)
    answering("first", {"from": "first"})
    answering("second", {"from": "second"})
    assert log.record(action()) == {"from": "first"}
    assert asked == ["silent", "first"]
    answering("urgent", {"from": "urgent"})
    assert log.record(action()) == {"from": "urgent"}
    assert log.record(action("delete")) is None


def test_FK_01_an_action_is_what_the_request_does() -> None:
    request = Request(
        "PUT",
        "/apis/apps/v1/namespaces/shop/deployments/web/status",
        body=b'{"kind":"Deployment"}',
        verb="update",
        resource="deployments.apps",
        namespace="shop",
        name="web",
        subresource="status",
    )
    found = Action.of(request)
    assert str(found) == "update deployments.apps/status shop/web"
    assert found.object == {"kind": "Deployment"}
    assert found.request is request
    assert "Deployment" not in repr(found), "it might be a Secret"
    assert str(Action.of(Request("GET", "/api/v1/nodes", verb="list", resource="nodes"))) == "list nodes"


def test_an_observer_is_told_when_the_call_was_accepted() -> None:
    log = ActionLog()
    told: list[str] = []
    log.on_answer("watch", "pods", lambda found: told.append(str(found)))
    log.record(action("watch"))
    assert told == []
    log.answered(action("watch"))
    log.answered(action("list"))
    assert told == ["watch pods shop/web-0"]
