"""Adoption and release; the conformance suite runs them for each kind."""

from typing import Any

from kmagic.sandbox.controllers.claiming import claim, owner_or_matching, selector_of


def labelled(client: Any, name: Any, app: Any, **metadata: Any) -> Any:
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": app}, **metadata},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    }
    return client.create(body)


def controller(client: Any) -> Any:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    body = {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": "o", "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"app": "web"}, "template": template},
    }
    return client.create(body).decode()


def test_the_selector_of_a_replication_controller_is_its_labels(still: Any) -> None:
    assert str(selector_of(controller(still))) == "app=web"


def test_what_matches_is_claimed_once_and_what_leaves_keeps_its_other_owners(still: Any) -> None:
    owner = controller(still)
    for name, app in (("a", "web"), ("b", "other"), ("c", "web")):
        labelled(still, name, app)
    claimed = claim(still, owner, "pods", adopts=lambda pod: pod["metadata"]["name"] != "c")
    assert [stored.name for stored in claimed] == ["a"]
    body = claimed[0].decode()
    body["metadata"]["labels"] = {"app": "other"}
    other = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1"}
    body["metadata"]["ownerReferences"].append(other)
    still.store.put("pods", body)
    assert claim(still, owner, "pods", adopts=lambda pod: False) == []
    assert still.store.get("pods", "default", "a").decode()["metadata"]["ownerReferences"] == [other]


def test_an_owner_that_goes_neither_takes_nor_lets_go(still: Any) -> None:
    owner = controller(still)
    (kept,) = (labelled(still, "a", "web"),)
    claim(still, owner, "pods")
    labelled(still, "b", "web")
    owner["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert [stored.name for stored in claim(still, owner, "pods")] == [kept.name]


def test_a_changed_orphan_leads_to_every_object_whose_selector_matches(still: Any) -> None:
    controller(still)
    keys = owner_or_matching("ReplicationController", "replicationcontrollers")
    assert list(keys(still, labelled(still, "a", "web"))) == [("default", "o")]
    assert list(keys(still, labelled(still, "b", "other"))) == []
