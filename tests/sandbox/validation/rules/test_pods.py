"""Pods and what of them may change."""

import copy
from typing import Any

import pytest

from kmagic.sandbox.validation.rules.pods import pod, pod_change
from tests.sandbox.validation.rules.specs import POD_SPEC


def changed(**spec: Any) -> Any:
    return {"metadata": {"name": "p"}, "spec": {**copy.deepcopy(POD_SPEC), **spec}}


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({}, None),
        ({"containers": []}, "spec.containers"),
        ({"restartPolicy": "Sometimes"}, "spec.restartPolicy"),
        ({"dnsPolicy": "Mine"}, "spec.dnsPolicy"),
        ({"containers": POD_SPEC["containers"] * 2}, "spec.containers[1].name"),
        ({"volumes": [{"name": "v", "emptyDir": {}}, {"name": "v", "emptyDir": {}}]}, "spec.volumes[1].name"),
    ],
)
def test_what_is_wrong_with_a_pod(spec: Any, field: Any) -> None:
    assert {cause.field for cause in pod(changed(**spec))} == ({field} if field else set())


@pytest.mark.parametrize(
    ("spec", "allowed"),
    [
        ({"containers": [{**POD_SPEC["containers"][0], "image": "other"}]}, True),
        ({"activeDeadlineSeconds": 5}, True),
        ({"tolerations": [{"key": "a", "operator": "Exists"}]}, True),
        ({"containers": [{**POD_SPEC["containers"][0], "command": ["x"]}]}, False),
        ({"nodeName": "other"}, False),
    ],
)
def test_what_of_a_pod_may_change(spec: Any, allowed: Any) -> None:
    assert bool([*pod_change(changed(), changed(**spec))]) is not allowed
