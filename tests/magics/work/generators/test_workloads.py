"""Workloads of a few flags; whole objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.parts import GeneratorError
from kmagic.magics.work.generators.workloads import deployment, job_of, pod


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "nginx"),
        ("nginx:1", "nginx"),
        ("example.com:5000/team/web@sha256:abc", "web"),
        ("my_app", "my-app-abcde"),
    ],
)
def test_a_container_is_called_as_its_image(image: str, name: str) -> None:
    made = deployment("web", [image], suffix=lambda: "abcde")
    assert made["spec"]["template"]["spec"]["containers"][0]["name"] == name


def test_a_command_is_for_one_container() -> None:
    with pytest.raises(GeneratorError, match="multiple --image options and command"):
        deployment("web", ["a", "b"], command=["c"], suffix=str)


def test_a_job_by_hand_is_owned_by_its_cron_job() -> None:
    cron_job = {"metadata": {"name": "c", "uid": "u"}, "spec": {"jobTemplate": {"spec": {"parallelism": 2}}}}
    made = job_of("j", cron_job)
    assert made["metadata"]["ownerReferences"][0]["uid"] == "u"
    assert made["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    assert made["spec"] == {"parallelism": 2}


def test_a_pod_without_labels_is_found_by_its_name() -> None:
    assert pod("web", "nginx")["metadata"]["labels"] == {"run": "web"}
    assert pod("web", "nginx", labels={"a": "b"})["metadata"]["labels"] == {"a": "b"}
