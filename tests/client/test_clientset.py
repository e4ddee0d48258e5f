from __future__ import annotations

import pytest

from kmagic.client.clientset import model_class, resource_of
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import Container, Node, Pod


def test_the_resource_of_a_kind() -> None:
    found = resource_of(Deployment)
    assert (found.full_name, found.version, found.kind, found.namespaced) == (
        "deployments.apps",
        "v1",
        "Deployment",
        True,
    )
    assert not resource_of(Node).namespaced
    with pytest.raises(TypeError, match="Container is a part of an object"):
        resource_of(Container)


def test_models_by_name() -> None:
    assert model_class("core_v1", "Pod") is Pod
