"""Server-side apply where two managers meet; the wire side is in tests/conformance/test_apply.py."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.sandbox.fieldmanager.apply import merge
from kmagic.sandbox.registry.applying import apply
from kmagic.sandbox.registry.loopback import Loopback
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.schema.schemas import find_definition
from kmagic.sandbox.status import APIError

SCHEMA = find_definition("apps", "v1", "Deployment")


def configuration(containers: list[dict[str, Any]] | None = None, **spec: Any) -> dict[str, Any]:
    containers = containers if containers is not None else [{"name": "c", "image": "nginx"}]
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": containers}}
    body = {"selector": {"matchLabels": {"app": "x"}}, "template": template, **spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "default"},
        "spec": body,
    }


def run(cluster: Loopback, body: dict[str, Any], manager: str, *, force: bool = False) -> dict[str, Any]:
    resource = cluster.catalog.find("apps", "v1", "deployments")
    options = Options(manager=manager, force=force)
    return apply(cluster.objects, resource, ("default", "d"), body, options).stored.decode()


def test_an_applier_removes_what_it_no_longer_sends(still: Loopback) -> None:
    run(still, configuration([{"name": "c", "image": "nginx"}, {"name": "side", "image": "s"}]), "one")
    made = run(still, configuration(), "one")
    assert [c["name"] for c in made["spec"]["template"]["spec"]["containers"]] == ["c"]


def test_what_another_manager_owns_stays(still: Loopback) -> None:
    run(still, configuration([{"name": "c", "image": "nginx"}, {"name": "side", "image": "s"}]), "one")
    run(still, configuration([{"name": "side", "image": "s"}]), "two")
    made = run(still, configuration(), "one")
    assert [c["name"] for c in made["spec"]["template"]["spec"]["containers"]] == ["c", "side"]


def test_a_conflict_names_the_field_and_its_manager_and_force_takes_it(still: Loopback) -> None:
    run(still, configuration(replicas=2), "one")
    with pytest.raises(APIError) as caught:
        run(still, configuration(replicas=3), "two")
    assert str(caught.value) == 'Apply failed with 1 conflict: conflict with "one": .spec.replicas'
    assert caught.value.details["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".spec.replicas"}
    ]
    assert run(still, configuration(replicas=3), "two", force=True)["spec"]["replicas"] == 3


def test_several_conflicts_are_listed_by_manager(still: Loopback) -> None:
    run(still, configuration(replicas=2, minReadySeconds=1), "one")
    with pytest.raises(APIError) as caught:
        run(still, configuration(replicas=3, minReadySeconds=2), "two")
    assert str(caught.value) == (
        'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.minReadySeconds\n- .spec.replicas'
    )


def test_agreeing_is_no_conflict_and_owns_together(still: Loopback) -> None:
    run(still, configuration(replicas=2), "one")
    made = run(still, configuration(replicas=2), "two")
    owners = [e["manager"] for e in made["metadata"]["managedFields"] if "f:replicas" in e["fieldsV1"]["f:spec"]]
    assert owners == ["one", "two"]


def test_applying_again_changes_nothing(still: Loopback) -> None:
    first = run(still, configuration(), "one")
    assert run(still, configuration(), "one")["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


@pytest.mark.parametrize(
    ("live", "applied", "order"),
    [
        (["a", "b"], ["b", "a"], ["b", "a"]),
        (["a", "b", "c"], ["c"], ["a", "b", "c"]),
        (["a", "b"], ["x", "b"], ["a", "x", "b"]),
        ([], ["b", "a"], ["b", "a"]),
    ],
)
def test_the_order_of_merged_lists(live: list[str], applied: list[str], order: list[str]) -> None:
    def names(items: Any) -> dict[str, Any]:
        return {"spec": {"template": {"spec": {"containers": [{"name": name} for name in items]}}}}

    merged = merge(names(live), names(applied), SCHEMA)
    assert [c["name"] for c in merged["spec"]["template"]["spec"]["containers"]] == order
