"""Containers."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules.containers import container
from tests.sandbox.validation.rules.specs import CONTAINER


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"name": ""}, "f.name"),
        ({"name": "Not good"}, "f.name"),
        ({"image": ""}, "f.image"),
        ({"ports": [{"containerPort": 0, "protocol": "TCP"}]}, "f.ports[0].containerPort"),
        ({"volumeMounts": [{"name": "v", "mountPath": "/a"}]}, None),
        ({"volumeMounts": [{"name": "w", "mountPath": "/a"}]}, "f.volumeMounts[0].name"),
        ({"env": [{"name": "", "value": "x"}]}, "f.env[0].name"),
        ({"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}, "f.resources.requests"),
        ({"imagePullPolicy": "Now"}, "f.imagePullPolicy"),
    ],
)
def test_what_is_wrong_with_a_container(change: Any, field: Any) -> None:
    assert {cause.field for cause in container({**CONTAINER, **change}, "f", {"v"})} == ({field} if field else set())
