"""Debugging containers as kubectl makes them; kubectl's own objects are compared in tests/parity."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import UsageError
from kmagic.magics.work.generators.debugging import Debugging, copy_of, ephemeral, pod_on, warning_of

POD: dict[str, Any] = {
    "metadata": {"name": "web", "namespace": "shop", "uid": "1", "labels": {"app": "web"}, "annotations": {"a": "b"}},
    "spec": {
        "nodeName": "node-0",
        "containers": [{"name": "main", "image": "nginx", "args": ["x"], "readinessProbe": {}}],
        "initContainers": [{"name": "init", "image": "busybox"}],
        "ephemeralContainers": [{"name": "debugger-aaaaa", "image": "busybox"}],
    },
}


def test_a_new_container_has_a_name_of_its_own() -> None:
    suffixes = iter(["aaaaa", "bbbbb"])
    made = ephemeral(POD, Debugging("busybox", target="main", suffix=lambda: next(suffixes)))
    assert (made["name"], made["targetContainerName"]) == ("debugger-bbbbb", "main")
    assert made["securityContext"] == {"capabilities": {"add": ["SYS_PTRACE"]}}
    with pytest.raises(UsageError, match="may not be changed"):
        ephemeral(POD, Debugging("busybox", container="debugger-aaaaa"))


def test_a_copy_is_seen_as_another_pod_and_leaves_the_original_alone() -> None:
    made, name = copy_of(POD, Debugging("busybox", container="look", copy_to="copied"))
    assert name == "look"
    assert made["metadata"] == {"name": "copied", "namespace": "shop"}
    assert "nodeName" not in made["spec"]
    assert "ephemeralContainers" not in made["spec"]
    assert "readinessProbe" not in made["spec"]["containers"][0]
    assert "initContainers" not in made["spec"]
    assert made["spec"]["shareProcessNamespace"] is True
    assert POD["spec"]["containers"][0]["readinessProbe"] == {}
    assert len(POD["spec"]["containers"]) == 1


def test_what_is_to_be_kept_of_a_copy_is_kept() -> None:
    keeps = frozenset(("labels", "annotations", "readiness", "init-containers"))
    made, _ = copy_of(POD, Debugging("busybox", "look", copy_to="copied", keeps=keeps, same_node=True, shares=False))
    assert made["metadata"]["labels"] == {"app": "web"}
    assert made["spec"]["nodeName"] == "node-0"
    assert made["spec"]["shareProcessNamespace"] is False
    assert made["spec"]["initContainers"]


def test_another_command_replaces_the_arguments_too() -> None:
    made, _ = copy_of(POD, Debugging(container="main", copy_to="copied", words=("sleep", "1")))
    assert made["spec"]["containers"][0]["command"] == ["sleep", "1"]
    assert "args" not in made["spec"]["containers"][0]
    with pytest.raises(UsageError, match="must specify image"):
        copy_of(POD, Debugging(container="none", copy_to="copied", words=("sleep",)))


@pytest.mark.parametrize(
    ("profile", "host", "disk"),
    [("general", True, True), ("sysadmin", True, True), ("netadmin", True, False), ("restricted", False, False)],
)
def test_a_profile_says_what_a_pod_on_a_node_may(profile: str, host: bool, disk: bool) -> None:
    made = pod_on("node-0", Debugging("busybox", profile=profile, suffix=lambda: "aaaaa"))
    assert made["metadata"]["name"] == "node-debugger-node-0-aaaaa"
    assert ("hostPID" in made["spec"], "volumes" in made["spec"]) == (host, disk)


def test_who_is_not_root_is_warned_of_what_will_not_work() -> None:
    granted = {"securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}
    other = {"spec": {"securityContext": {"runAsUser": 1000}}}
    assert "Non-root user" in warning_of(other, granted)
    assert warning_of(POD, granted) == ""
    assert warning_of(other, {"securityContext": {**granted["securityContext"], "runAsUser": 0}}) == ""
