from __future__ import annotations

import pytest

from kmagic.sandbox.controllers import faults
from kmagic.sandbox.controllers.faults import Script


@pytest.mark.parametrize(
    ("command", "script"),
    [
        (["sleep", "5"], Script((), 5.0, 0)),
        (["sleep", "2m"], Script((), 120.0, 0)),
        (["sleep", "infinity"], Script()),
        (["/bin/sh", "-c", "echo hello; sleep 2; exit 3"], Script(("hello",), 2.0, 3)),
        (["sh", "-c", "echo 'a b' && false"], Script(("a b",), 0.0, 1)),
        (["sh", "-c", "while true; do echo x; done"], Script()),
        (["false"], Script((), 0.0, 1)),
        (["true"], Script((), 0.0, 0)),
        (["nginx", "-g", "daemon off;"], None),
        ([], None),
    ],
)
def test_a_command_says_what_the_container_does(command: list[str], script: Script | None) -> None:
    assert faults.script_of({"command": command}) == script


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        ("nginx:1.27", ""),
        ("example/crashloop", "crash-loop"),
        ("example.com/a/crash:1", "crash-loop"),
        ("example/does-not-exist:1", "image-pull"),
        ("example/oom", "oom"),
        ("bloom", ""),
        ("pending", "pending"),
        ("slow-start:2", "slow-start"),
        ("example/slow@sha256:00", "slow-start"),
    ],
)
def test_an_image_name_says_what_goes_wrong(image: str, fault: str) -> None:
    assert faults.of({"metadata": {}, "spec": {"containers": [{"image": image}]}}) == fault


def test_the_annotation_is_stronger_than_the_image() -> None:
    pod = {"metadata": {"annotations": {faults.ANNOTATION: "oom"}}, "spec": {"containers": [{"image": "crash"}]}}
    assert faults.of(pod) == "oom"
