"""The containers of a Pod."""

from __future__ import annotations

import pytest

from kmagic.api.types import JSONObject
from kmagic.client.containers import DEFAULT_CONTAINER, names_of, status_of, usual_of


def pod(*names: str, default: str = "") -> JSONObject:
    return {
        "metadata": {"name": "web", "annotations": {DEFAULT_CONTAINER: default} if default else None},
        "spec": {
            "initContainers": [{"name": "init"}],
            "containers": [{"name": name} for name in names],
            "ephemeralContainers": [{"name": "debug"}],
        },
        "status": {
            "initContainerStatuses": [{"name": "init", "restartCount": 2}],
            "containerStatuses": [{"name": "main", "restartCount": 1}],
        },
    }


def test_containers_are_named_in_the_order_they_start() -> None:
    assert names_of(pod("main", "proxy")) == ["init", "main", "proxy", "debug"]
    assert names_of({"metadata": {"name": "web"}}) == []


@pytest.mark.parametrize(
    ("default", "usual"), [("", "main"), ("proxy", "proxy"), ("init", "main"), ("nope", "main")], ids=str
)
def test_the_usual_container_is_the_annotated_one_if_there_is_such_else_the_first(default: str, usual: str) -> None:
    assert usual_of(pod("main", "proxy", default=default)) == usual


def test_a_status_is_found_among_all_kinds_and_empty_before_there_is_one() -> None:
    assert status_of(pod("main"), "init")["restartCount"] == 2
    assert status_of(pod("main"), "main")["restartCount"] == 1
    assert status_of(pod("main"), "debug") == {}
