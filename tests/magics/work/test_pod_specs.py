"""Patches of single containers."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import UsageError
from kmagic.magics.work.pod_specs import is_selected, pod_spec, spec_patch, with_spec


def workload(kind: str = "Deployment", **container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "main", "image": "a", **container}, {"name": "side", "image": "b"}]}
    return {"kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": spec}}}


def test_only_what_differs_is_sent() -> None:
    before = workload()
    after = with_spec(before, lambda spec: spec["containers"][1].update(image="c"))
    found = {"containers": [{"name": "side", "image": "c"}]}
    assert spec_patch(before, after, ("image",)) == {"spec": {"template": {"spec": found}}}
    assert spec_patch(before, before, ("image",)) is None
    assert before == workload()


def test_variables_are_merged_by_name() -> None:
    before = workload(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    new = [{"name": "B", "valueFrom": {"fieldRef": {}}}, {"name": "C", "value": "3"}]
    after = with_spec(before, lambda spec: spec["containers"][0].update(env=new))
    patch = spec_patch(before, after, ("env",))
    assert patch is not None
    assert patch["spec"]["template"]["spec"]["containers"] == [
        {
            "name": "main",
            "$setElementOrder/env": [{"name": "B"}, {"name": "C"}],
            "env": [
                {"name": "B", "value": None, "valueFrom": {"fieldRef": {}}},
                {"name": "C", "value": "3"},
                {"$patch": "delete", "name": "A"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("name", "pattern", "selected"),
    [("web", "*", True), ("web", "web", True), ("web", "w*", True), ("web", "*b", True), ("web", "x*", False)],
)
def test_a_star_stands_for_any_letters(name: str, pattern: str, selected: bool) -> None:
    assert is_selected(name, pattern) is selected


def test_what_has_no_pods_is_refused() -> None:
    with pytest.raises(UsageError, match="does not have a pod template"):
        pod_spec({"kind": "Service", "metadata": {"name": "a"}})
